import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkPins } from '../../tools/check-lock.js';
import { asRecord, readJson } from '../../tools/common.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): Record<string, unknown> => readJson(join(root, path));

describe('tools/reference', () => {
  it('documents each entry of the package', () => {
    const targets = Object.values(asRecord(read('package.json')['exports'])).map(asRecord);
    const built = targets.map(({ module, default: code }) => module ?? code);
    const sources = built
      .filter((file) => typeof file === 'string')
      .map((file) => file.replace(/^\.\/dist\/(.+)\.js$/, '../../src/$1.ts'));
    expect(read('tools/reference/typedoc.json')['entryPoints']).to.have.members(sources);
  });

  it('fails for an export without a docstring', () => {
    const options = read('tools/reference/typedoc.json');
    expect(options['requiredToBeDocumented']).to.include.members(['Class', 'Interface', 'Function', 'TypeAlias']);
    expect(asRecord(options['validation'])['notDocumented']).to.equal(true);
    expect(options['treatValidationWarningsAsErrors']).to.equal(true);
  });

  it('pins the generator and all it needs', () => {
    expect(checkPins(read('tools/reference/package-lock.json'))).to.deep.equal([]);
    for (const version of Object.values(asRecord(read('tools/reference/package.json')['dependencies'])))
      expect(version).to.match(/^\d+\.\d+\.\d+$/);
  });
});
