import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { bundleForNode, withNames } from '../../tools/bundle-node.js';
import { filesUnder } from '../../tools/common.js';
import { temporaryTrees } from './tree.js';

describe('tools/bundle-node', () => {
  const tree = temporaryTrees();
  const entry = (path: string): object => ({ module: `./dist/${path}.js`, default: `./dist/node/${path}.js` });
  const files = {
    'package.json': {
      name: 'fixture',
      type: 'module',
      imports: { '#lazy': { default: './dist/lazy.js' } },
      exports: {
        '.': entry('index'),
        './deep': entry('deep/index'),
        './client': { default: './dist/client.js' },
        './package.json': './package.json',
      },
    },
    'dist/index.js': `
      import lazy from '#lazy';
      import os from 'os-of-theirs';
      export { Kind } from './lib/kind.js';
      export const all = [lazy, os];`,
    'dist/deep/index.js': `export { Kind, Plain } from '../lib/kind.js';`,
    'dist/lib/kind.js': `
      import { one } from './one.js';
      export class Kind { static #_Kind = '_Kind'; static make() { return new Kind(); } static text = Kind.#_Kind + one; }
      export class Plain {}`,
    'dist/lib/one.js': 'export const one = 1;',
    'dist/lazy.js': 'export default 2;',
    'dist/client.js': '',
    'node_modules/os-of-theirs/index.js': 'module.exports = 3;',
  };
  const load = (root: string, path: string) => import(pathToFileURL(join(root, path)).href);

  it('makes one file of each entry, and one of what they share; packages and names of imports stay outside', async () => {
    const root = tree(files);
    await bundleForNode(root, 'dist/node');
    const made = filesUnder(join(root, 'dist/node')).map((path) => path.replace(/-\w+/, ''));
    expect(made).to.deep.equal(['deep/index.js', 'index.js', 'shared.js']);
    const [main, deep] = await Promise.all([load(root, 'dist/node/index.js'), load(root, 'dist/node/deep/index.js')]);
    expect(main.all).to.deep.equal([2, 3]);
    expect(main.Kind).to.equal(deep.Kind);
  });

  it('keeps the names of classes', async () => {
    const root = tree(files);
    await bundleForNode(root, 'dist/node');
    const { Kind, Plain } = await load(root, 'dist/node/deep/index.js');
    expect([Kind.name, Plain.name, Kind.make().constructor, Kind.text]).to.deep.equal([
      'Kind',
      'Plain',
      Kind,
      '_Kind1',
    ]);
  });

  it('renames a class within itself only where esbuild did', () => {
    expect(withNames('var A = class _A { static a = _A.b._A + _Ab; #_A; };\nvar B = class _C { c = _C; };')).to.equal(
      'var A = class A { static a = A.b._A + _Ab; #_A; };\nvar B = class _C { c = _C; };',
    );
  });
});
