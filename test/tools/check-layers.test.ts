import { expect } from 'chai';
import { checkLayers, cyclesOf } from '../../tools/check-layers.js';
import { temporaryTrees } from './tree.js';

describe('tools/check-layers', () => {
  const tree = temporaryTrees();
  const manifest = {
    name: 'sessions-jwt',
    dependencies: { zod: '1' },
    peerDependencies: { express: '5' },
    devDependencies: { '@types/koa': '1' },
  };
  const problemsOf = (files: Readonly<Record<string, string>>): readonly string[] =>
    checkLayers(tree({ 'package.json': manifest, ...prefixed(files) })).problems;
  const prefixed = (files: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`src/${path}`, text]));

  it('accepts imports along the arrow', () => {
    const files = {
      'errors.ts': 'export const e = 1;',
      'ports/store.ts': `import type { e } from '../errors.js';`,
      'session/session.ts': `import { e } from '../errors.js';\nimport type { S } from '../ports/store.js';\nimport { z } from 'zod';`,
      'storage/storage.ts': `import '../session/session.js';\nimport { randomBytes } from 'node:crypto';`,
      'adapters/express.ts': `import express from 'express';\nimport type { Context } from 'koa';\nimport '../storage/storage.js';`,
      'index.ts': `export { e } from './errors.js';\nexport * from './adapters/express.js';`,
    };
    expect(problemsOf(files)).to.deep.equal([]);
  });

  it('names file, line and both layers of an import against the arrow', () => {
    const files = { 'session/id.ts': `\nimport '../token/codec.js';`, 'token/codec.ts': '' };
    expect(problemsOf(files)).to.deep.equal(['src/session/id.ts:2 session may not import token']);
  });

  const against: readonly [from: string, to: string][] = [
    ['errors.ts', 'ports/a.ts'],
    ['ports/a.ts', 'session/a.ts'],
    ['lib/a.ts', 'session/a.ts'],
    ['lib/a.ts', 'ports/a.ts'],
    ['token/a.ts', 'storage/a.ts'],
    ['storage/a.ts', 'storage/revocation/a.ts'],
    ['storage/a.ts', 'http/a.ts'],
    ['storage/revocation/a.ts', 'token/a.ts'],
    ['storage/revocation/a.ts', 'storage/token/a.ts'],
    ['storage/revocation/a.ts', 'storage/server/a.ts'],
    ['storage/server/a.ts', 'token/a.ts'],
    ['storage/server/a.ts', 'storage/token/a.ts'],
    ['storage/token/a.ts', 'storage/server/a.ts'],
    ['http/exchange.ts', 'http/a.ts'],
    ['http/transports/a.ts', 'http/a.ts'],
    ['http/transports/a.ts', 'http/node/a.ts'],
    ['http/node/a.ts', 'http/transports/a.ts'],
    ['http/a.ts', 'storage/token/a.ts'],
    ['http/a.ts', 'storage/server/a.ts'],
    ['http/a.ts', 'adapters/a.ts'],
    ['adapters/a.ts', 'drivers/redis/a.ts'],
    ['adapters/a.ts', 'live/a.ts'],
    ['adapters/a.ts', 'foxx/a.ts'],
    ['drivers/redis/a.ts', 'session/a.ts'],
    ['drivers/shared/a.ts', 'drivers/redis/a.ts'],
    ['drivers/redis/a.ts', 'storage/a.ts'],
    ['drivers/redis/a.ts', 'live/a.ts'],
    ['live/a.ts', 'drivers/redis/a.ts'],
    ['live/a.ts', 'http/a.ts'],
    ['weave/a.ts', 'adapters/a.ts'],
    ['testing/a.ts', 'adapters/a.ts'],
    ['cli/main.ts', 'foxx/a.ts'],
    ['foxx/a.ts', 'index.ts'],
  ];
  for (const [from, to] of against) {
    it(`refuses that ${from} imports ${to}, even for its types`, () => {
      const up = from.includes('/') ? '../'.repeat(from.split('/').length - 1) : './';
      const files = { [to]: '', [from]: `import type { A } from '${up}${to.replace('.ts', '.js')}';` };
      expect(problemsOf(files)).to.have.lengthOf(1);
      expect(problemsOf(files)[0]).to.match(/ [\w/]+ may not import [\w/]+$/);
    });
  }

  it('keeps the parts of adapters and of drivers apart, but for what they share', () => {
    const files = {
      'adapters/express.ts': `import './fastify.js';\nimport './express/response.js';\nimport './shared/node.js';`,
      'adapters/express/response.ts': '',
      'adapters/fastify.ts': '',
      'adapters/shared/node.ts': `import '../koa.js';`,
      'adapters/koa.ts': '',
    };
    expect(problemsOf(files)).to.deep.equal([
      'src/adapters/express.ts:1 adapters/express may not import adapters/fastify',
      'src/adapters/shared/node.ts:1 adapters/shared may not import adapters/koa',
    ]);
  });

  it("lets the client import live's types, and nothing else", () => {
    const files = {
      'live/event.ts': '',
      'client/a.ts': `import type { Event } from '../live/event.js';`,
      'client/b.ts': `import { encode } from '../live/event.js';`,
      'client/c.ts': `import { readFile } from 'node:fs';`,
    };
    expect(problemsOf(files)).to.deep.equal([
      'src/client/b.ts:1 client may not import live, except by import type',
      'src/client/c.ts:1 client may not import node:fs',
    ]);
  });

  it('lets index.ts re-export and nothing else', () => {
    const files = { 'errors.ts': '', 'index.ts': `export * from './errors.js';\nimport './errors.js';` };
    expect(problemsOf(files)).to.deep.equal([`src/index.ts:2 index may only re-export, it imports './errors.js'`]);
  });

  it('refuses a folder that is in no layer', () => {
    expect(problemsOf({ 'misc/a.ts': '' })).to.deep.equal([
      'src/misc/a.ts:1 is in no layer: add it to the table of tools/check-layers.ts',
    ]);
  });

  it('refuses an import of a file that is not there or lies outside src', () => {
    expect(problemsOf({ 'errors.ts': `import './gone.js';\nimport '../package.json';` })).to.deep.equal([
      `src/errors.ts:1 './gone.js' is no source file of src`,
      `src/errors.ts:2 '../package.json' is no source file of src`,
    ]);
  });

  it('refuses packages that are undeclared, internals of a package, and this package by its name', () => {
    const root = tree({
      'package.json': manifest,
      'node_modules/zod/package.json': { exports: { '.': './a.js', './v4': './b.js', './locales/*.js': './c/*.js' } },
      'src/errors.ts': [
        'lodash',
        'zod/v4',
        'zod/locales/en.js',
        'zod/lib/internal.js',
        'sessions-jwt/express',
        'fs',
        '../node_modules/zod/x.js',
      ]
        .map((name) => `import '${name}';`)
        .join('\n'),
    });
    expect(checkLayers(root).problems).to.deep.equal([
      `src/errors.ts:1 'lodash' is neither a dependency nor a peer of this package`,
      `src/errors.ts:4 'zod/lib/internal.js' is an internal of zod`,
      `src/errors.ts:5 'sessions-jwt/express' is this package: import the file itself`,
      `src/errors.ts:6 'fs' should be 'node:fs'`,
      `src/errors.ts:7 '../node_modules/zod/x.js' is no source file of src`,
    ]);
  });

  it('judges a name of imports by the package or the source that it stands for in Node', () => {
    const root = tree({
      'package.json': {
        ...manifest,
        imports: {
          '#zod': { module: './dist/zod.js', default: 'zod' },
          '#lodash': { default: 'lodash' },
          '#lazy': { default: './dist/token/lazy.js' },
          '#built': { default: './dist/lost.js' },
        },
      },
      'src/errors.ts': `import '#zod';\nimport '#lodash';\nimport '#gone';\nimport '#lazy';\nimport '#built';`,
      'src/token/codec.ts': `import '#lazy';`,
      'src/token/lazy.ts': '',
    });
    expect(checkLayers(root).problems).to.deep.equal([
      `src/errors.ts:2 'lodash' is neither a dependency nor a peer of this package`,
      `src/errors.ts:3 '#gone' has no default in the imports of package.json`,
      'src/errors.ts:4 errors may not import token',
      `src/errors.ts:5 '#built' is no source file of src`,
    ]);
  });

  it('reports an import cycle once, as the shortest way round', () => {
    const files = {
      'session/a.ts': `import './b.js';\nimport './c.js';`,
      'session/b.ts': `import './c.js';`,
      'session/c.ts': `import type { A } from './a.js';`,
    };
    expect(problemsOf(files)).to.deep.equal([
      'src/session/a.ts:1 import cycle: session/a.ts -> session/c.ts -> session/a.ts',
    ]);
  });

  it('sees a file that imports itself, and no cycle in a diamond', () => {
    expect(cyclesOf(new Map([['a', ['a']]]))).to.deep.equal([['a', 'a']]);
    expect(
      cyclesOf(
        new Map([
          ['a', ['b', 'c']],
          ['b', ['d']],
          ['c', ['d']],
          ['d', []],
        ]),
      ),
    ).to.deep.equal([]);
  });

  it('accepts 400 lines in a file and refuses 401', () => {
    const lines = (count: number): string => 'export {};\n'.repeat(count);
    expect(problemsOf({ 'errors.ts': lines(400) })).to.deep.equal([]);
    expect(problemsOf({ 'errors.ts': lines(401) })).to.deep.equal(['src/errors.ts:1 has 401 lines, 400 are allowed']);
  });

  it('gives the median length of the files', () => {
    const root = tree({
      'package.json': manifest,
      'src/errors.ts': '1\n',
      'src/session/a.ts': '1\n2\n3\n',
      'src/session/b.ts': '1\n2',
    });
    expect(checkLayers(root)).to.deep.equal({ problems: [], files: 3, medianLines: 2 });
  });
});
