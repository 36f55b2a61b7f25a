import { expect } from 'chai';
import {
  checkEntries,
  compareBuilds,
  compareSurfaces,
  documentedEntries,
  surfaceOf,
} from '../../tools/check-exports.js';
import { temporaryTrees } from './tree.js';

describe('tools/check-exports', () => {
  const tree = temporaryTrees();
  const entry = (path: string): object => ({
    types: `./dist/${path}.d.ts`,
    module: `./dist/${path}.js`,
    default: `./dist/node/${path}.js`,
  });
  const manifest = {
    name: 'sessions-jwt',
    type: 'module',
    main: './dist/node/index.js',
    types: './dist/index.d.ts',
    bin: { 'sessions-jwt': 'dist/cli/main.js' },
    imports: { '#jsonwebtoken': { module: './dist/vendor/jsonwebtoken.js', default: 'jsonwebtoken' } },
    exports: {
      '.': entry('index'),
      './express': entry('adapters/express'),
      './client': { types: './dist/client/index.d.ts', default: './dist/client/index.js' },
      './package.json': './package.json',
    },
    typesVersions: { '*': { express: ['./dist/adapters/express.d.ts'], client: ['./dist/client/index.d.ts'] } },
  };
  const files = {
    'package.json': manifest,
    'dist/index.js': 'export const b = 1; export function a() {}',
    'dist/index.d.ts': '',
    'dist/node/index.js': 'export function a() {} export const b = 1;',
    'dist/node/adapters/express.js': 'export default 1;',
    'dist/client/index.js': '',
    'dist/client/index.d.ts': '',
    'dist/adapters/express.js': 'export default 1;',
    'dist/adapters/express.d.ts': '',
    'dist/cli/main.js': '#!/usr/bin/env node\n',
    'dist/vendor/jsonwebtoken.js': 'export default 1;',
    'src/index.ts': '',
    'src/adapters/express.ts': '',
    'src/adapters/express/response.ts': '',
    'src/client/index.ts': '',
    'src/cli/main.ts': '',
    'README.md': "```ts\nimport { a } from 'sessions-jwt';\nimport b from 'sessions-jwt/express';\n```\n",
  };
  const without = (...paths: string[]): Record<string, string | object> =>
    Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));

  it('accepts a package whose parts agree', () => {
    expect(checkEntries(tree(files))).to.deep.equal([]);
  });

  it('names each target that was not built', () => {
    expect(
      checkEntries(
        tree(
          without(
            'dist/adapters/express.d.ts',
            'dist/cli/main.js',
            'dist/index.js',
            'dist/node/index.js',
            'dist/vendor/jsonwebtoken.js',
          ),
        ),
      ),
    ).to.deep.equal([
      'package.json main: no file ./dist/node/index.js',
      'package.json bin sessions-jwt: no file dist/cli/main.js',
      'package.json exports . module: no file ./dist/index.js',
      'package.json exports . default: no file ./dist/node/index.js',
      'package.json exports ./express types: no file ./dist/adapters/express.d.ts',
      'package.json imports #jsonwebtoken module: no file ./dist/vendor/jsonwebtoken.js',
    ]);
  });

  it('refuses a command that does not say what runs it', () => {
    expect(checkEntries(tree({ ...files, 'dist/cli/main.js': 'run();' }))).to.deep.equal([
      'package.json bin sessions-jwt: dist/cli/main.js does not begin with #!/usr/bin/env node',
    ]);
  });

  it('refuses a main that is another file than the main entry, and types of another source', () => {
    const changed = {
      ...manifest,
      main: './dist/adapters/express.js',
      exports: { ...manifest.exports, './express': { ...entry('adapters/express'), types: './dist/index.d.ts' } },
      typesVersions: { '*': { ...manifest.typesVersions['*'], express: ['./dist/index.d.ts'] } },
    };
    expect(checkEntries(tree({ ...files, 'package.json': changed }))).to.deep.equal([
      'package.json main is not the default of exports .',
      'package.json exports ./express: types and default come from different sources',
    ]);
  });

  it('refuses an entry whose types TypeScript cannot find without exports', () => {
    const { client } = manifest.typesVersions['*'];
    for (const versions of [{ client }, { client, express: ['./dist/index.d.ts'] }]) {
      const typesVersions = { '*': versions };
      expect(checkEntries(tree({ ...files, 'package.json': { ...manifest, typesVersions } }))).to.deep.equal([
        'package.json typesVersions: ./express has not the types of exports',
      ]);
    }
  });

  it('refuses types and files for bundlers that come after default, where they are never read', () => {
    const types = './dist/adapters/express.d.ts';
    const module = './dist/adapters/express.js';
    const code = './dist/node/adapters/express.js';
    for (const [swapped, problem] of [
      [{ module, types, default: code }, 'types must come first'],
      [{ types, default: code, module }, 'default must come last'],
    ] as const) {
      const changed = { ...manifest, exports: { ...manifest.exports, './express': swapped } };
      expect(checkEntries(tree({ ...files, 'package.json': changed }))).to.deep.equal([
        `package.json exports ./express: ${problem}`,
      ]);
    }
  });

  it('refuses another file for bundlers than for Node', () => {
    for (const [path, change] of [
      ['./express', { module: undefined }],
      ['./express', { module: './dist/index.js' }],
      ['./client', { module: './dist/index.js' }],
    ] as const) {
      const changed = {
        ...manifest,
        exports: { ...manifest.exports, [path]: { ...manifest.exports[path], ...change } },
      };
      expect(checkEntries(tree({ ...files, 'package.json': changed }))).to.include(
        `package.json exports ${path}: module and default come from different sources`,
      );
    }
  });

  it('misses the export of each source that is public by its place', () => {
    const more = {
      'src/adapters/koa.ts': '',
      'src/live/index.ts': '',
      'src/drivers/redis/index.ts': '',
      'src/live/hub.ts': '',
    };
    expect(checkEntries(tree({ ...files, ...more })).map((problem) => problem.split(' ')[0])).to.deep.equal([
      'src/adapters/koa.ts',
      'src/drivers/redis/index.ts',
      'src/live/index.ts',
    ]);
  });

  it('refuses a documented entry that does not exist', () => {
    const documents = { 'docs/live.md': "```ts\nimport { L } from 'sessions-jwt/live';\n```\n" };
    expect(checkEntries(tree({ ...files, ...documents }))).to.deep.equal([
      'docs/live.md imports sessions-jwt/live, which package.json does not export',
    ]);
  });

  it('reads entries from code only: blocks and spans, import and require', () => {
    const markdown = [
      "Prose from 'sessions-jwt/prose'.",
      "A span `import 'sessions-jwt/span'`.",
      '````js',
      "const a = require('sessions-jwt/required'); const b = await import('sessions-jwt/dynamic');",
      "export { c } from 'sessions-jwt/required'; import d from 'sessions-jwt-other/x';",
      '````',
    ].join('\n');
    expect(documentedEntries(markdown, 'sessions-jwt')).to.have.members(['./required', './dynamic', './span']);
  });

  it('lists the run-time names of each entry in order, and none for JSON', async () => {
    expect(await surfaceOf(tree(files))).to.deep.equal({ '.': ['a', 'b'], './client': [], './express': ['default'] });
  });

  it('tells what is not the same, or has another name, for bundlers and Node', async () => {
    expect(await compareBuilds(tree(files))).to.deep.equal([]);
    const changed = { 'dist/node/index.js': 'export const a = class _a {}; export const c = 1;' };
    expect(await compareBuilds(tree({ ...files, ...changed }))).to.deep.equal([
      '. exports a to bundlers as a, to Node as _a',
      '. exports b to bundlers as value, to Node as undefined',
      '. exports c to bundlers as undefined, to Node as value',
    ]);
  });

  it('tells every difference from the reviewed surface', () => {
    expect(compareSurfaces({ '.': ['a'] }, { '.': ['a'] })).to.deep.equal([]);
    expect(compareSurfaces({ '.': ['a', 'b'], './new': [] }, { '.': ['a', 'c'], './old': [] })).to.deep.equal([
      '. exports b, which tools/public-surface.json does not list',
      '. does not export c, which tools/public-surface.json lists',
      'tools/public-surface.json does not list the entry ./new',
      'tools/public-surface.json lists ./old, which is not an entry',
    ]);
  });
});
