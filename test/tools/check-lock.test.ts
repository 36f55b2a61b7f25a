import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkLock } from '../../tools/check-lock.js';
import { readJson } from '../../tools/common.js';

describe('tools/check-lock (row 69)', () => {
  const pinned = (version: string): object => ({ version, integrity: 'sha512-x' });
  const lock = (packages: Readonly<Record<string, object>>): { packages: object } => ({
    packages: {
      '': { dependencies: { jsonwebtoken: '^9.0.3' } },
      'node_modules/jsonwebtoken': pinned('9.0.3'),
      'node_modules/jws': pinned('4.0.1'),
      ...packages,
    },
  });

  it('accepts the lock file of this package', () => {
    expect(checkLock(readJson(fileURLToPath(new URL('../../package-lock.json', import.meta.url))))).to.deep.equal([]);
  });

  it('accepts pinned, safe packages without hosts', () => {
    expect(checkLock(lock({}))).to.deep.equal([]);
  });

  it('accepts jws 3.2.3 and 4.0.1, and refuses 3.2.2 and 4.0.0 wherever they are', () => {
    expect(checkLock(lock({ 'node_modules/a/node_modules/jws': pinned('3.2.3') }))).to.deep.equal([]);
    for (const version of ['3.2.2', '4.0.0', '4.0.1-rc.1']) {
      expect(checkLock(lock({ 'node_modules/a/node_modules/jws': pinned(version) }))).to.deep.equal([
        `node_modules/a/node_modules/jws is ${version}, it must be >=3.2.3 <4.0.0 || >=4.0.1`,
      ]);
    }
  });

  it('refuses jsonwebtoken before 9.0.3', () => {
    expect(checkLock(lock({ 'node_modules/jsonwebtoken': pinned('9.0.2') }))).to.deep.equal([
      'node_modules/jsonwebtoken is 9.0.2, it must be >=9.0.3',
    ]);
  });

  it('refuses a lock file without the packages that it is to pin', () => {
    expect(checkLock({ packages: {} })).to.deep.equal([
      'jws is not in the lock file',
      'jsonwebtoken is not in the lock file',
    ]);
  });

  it('refuses an address and a missing integrity hash', () => {
    const packages = {
      'node_modules/a': { ...pinned('1.0.0'), resolved: 'https://registry.example/a.tgz' },
      'node_modules/b': { version: '1.0.0' },
      'node_modules/c': { link: true },
    };
    expect(checkLock(lock(packages))).to.deep.equal([
      'node_modules/a is resolved to a place of its own',
      'node_modules/b has no integrity hash',
    ]);
  });

  it('refuses a runtime dependency that is not listed as reviewed', () => {
    expect(checkLock(lock({ '': { dependencies: { leftpad: '1' } } }))).to.deep.equal([
      'leftpad is a runtime dependency that tools/check-lock.ts does not list as reviewed',
    ]);
  });
});
