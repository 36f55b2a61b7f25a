import { join } from 'node:path';
import { expect } from 'chai';
import { checkFiles } from '../../tools/check-package.js';
import { loadEntries } from '../../tools/test-on-node-majors.js';
import { temporaryTrees } from './tree.js';

describe('tools/check-package', () => {
  const tree = temporaryTrees();
  const files = {
    'package.json': '{}',
    'manifest.json': '{}',
    'README.md': '',
    'CHANGELOG.md': '',
    'SECURITY.md': '',
    'docs/errors.md': '',
    'docs/decisions/0001-a.md': '',
    LICENSE: '',
    'dist/index.js': 'export {};',
    'dist/index.d.ts': 'export {};',
  };

  it('accepts built files and the documents', () => {
    expect(checkFiles(tree(files), ['/some/place/'])).to.deep.equal([]);
  });

  it('misses a document', () => {
    const { LICENSE: _, ...rest } = files;
    expect(checkFiles(tree(rest), [])).to.deep.equal(['the package has no LICENSE']);
  });

  for (const path of [
    'src/index.ts',
    'docs/api/README.md',
    'docs/errors.ts',
    'dist/index.ts',
    'dist/index.test.js',
    'test/a.test.ts',
    'dist/index.js.map',
    '.npmrc',
    'tsconfig.json',
  ]) {
    it(`refuses to ship ${path}`, () => {
      expect(checkFiles(tree({ ...files, [path]: '' }), [])).to.deep.equal([`the package must not contain ${path}`]);
    });
  }

  it('finds a path of the machine and a pointer to a source map that is not there', () => {
    const text = 'const a = "/some/place/src/index.ts";\n//# sourceMappingURL=index.js.map\n';
    expect(checkFiles(tree({ ...files, 'dist/index.js': text }), ['/some/place/'])).to.deep.equal([
      'dist/index.js names a path of the machine it was built on',
      'dist/index.js points to a source map, which is not packed',
    ]);
  });

  it('loads each entry both ways and says which failed or warned', () => {
    const root = tree({
      'package.json': {
        name: 'fixture',
        type: 'module',
        exports: { '.': './good.js', './bad': './bad.js', './package.json': './package.json' },
      },
      'good.js': 'export const a = 1;',
      'bad.js': 'await 1; process.emitWarning("old", "DeprecationWarning");',
    });
    const problems = loadEntries(process.execPath, join(root));
    expect(problems.map((problem) => problem.split(':')[0])).to.deep.equal([
      `require('fixture/bad')`,
      `await import('fixture/bad')`,
    ]);
  });
});
