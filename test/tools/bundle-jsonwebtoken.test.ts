import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { bundleJsonwebtoken } from '../../tools/bundle-jsonwebtoken.js';
import { importsOf } from '../../tools/imports.js';
import { temporaryTrees } from './tree.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('tools/bundle-jsonwebtoken', () => {
  const tree = temporaryTrees();
  let file = '';
  let text = '';
  let bundled: Pick<typeof jwt, 'sign'>;

  before(async () => {
    file = join(tree({ 'package.json': { type: 'module' } }), 'dist/vendor/jsonwebtoken.js');
    await bundleJsonwebtoken(root, file);
    text = readFileSync(file, 'utf8');
    bundled = (await import(pathToFileURL(file).href)).default;
  });

  it('imports modules of Node only, not semver for versions of Node that this package needs anyway, and requires nothing', () => {
    const specifiers = importsOf(text).map(({ specifier }) => specifier);
    expect(specifiers).to.include('node:crypto');
    for (const specifier of specifiers) expect(specifier).to.match(/^node:/);
    expect(text).not.to.match(/\brequire\(/);
  });

  it('signs what jsonwebtoken verifies, with each kind of algorithm', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const secret = 's'.repeat(64);
    const cases = [
      ['HS512', secret, secret],
      ['RS256', rsa.privateKey, rsa.publicKey],
      ['PS256', rsa.privateKey, rsa.publicKey],
      ['ES256', ec.privateKey, ec.publicKey],
    ] as const;
    for (const [algorithm, signing, verifying] of cases) {
      const options = { algorithms: [algorithm] };
      const payload = { uid: 'u1', iat: 1 };
      const signed = bundled.sign(payload, signing, { algorithm });
      expect(jwt.verify(signed, verifying, options), algorithm).to.deep.equal(payload);
    }
  });

  it('has nothing else of jsonwebtoken', () => {
    expect(Object.keys(bundled)).to.deep.equal(['sign']);
    expect(text).not.to.include('node_modules/jsonwebtoken/verify.js');
  });

  it('has of jws what signs, and not what verifies', () => {
    expect(text).to.include('// node_modules/jws/lib/sign-stream.js');
    expect(text).not.to.include('verify-stream');
  });

  describe('fails for a jws that it does not know, because', () => {
    const INDEX = readFileSync(join(root, 'node_modules/jws/index.js'), 'utf8');
    const SIGN = readFileSync(join(root, 'node_modules/jsonwebtoken/sign.js'), 'utf8');
    const cases = [
      {
        what: 'sign.js calls something else of it',
        sign: `${SIGN}\njws.decode('');`,
        message: 'expected only sign and createSign of jws in sign.js: jws.decode(',
      },
      {
        what: 'its index uses the verifier in another way',
        index: `${INDEX}\nVerifyStream.limit = 1;`,
        message: 'expected no other use of the verifier in index.js of jws: VerifyStream.limit = 1;',
      },
      {
        what: 'its index is another file',
        main: 'main.js',
        message: 'expected to read index.js of jws',
      },
    ];
    for (const { what, sign = SIGN, index = INDEX, main = 'index.js', message } of cases) {
      it(what, async () => {
        const folder = tree({
          'package.json': { engines: { node: '>=20' }, dependencies: { jsonwebtoken: '*' } },
          'node_modules/jsonwebtoken/package.json': { name: 'jsonwebtoken' },
          'node_modules/jsonwebtoken/sign.js': sign.replaceAll(/require\('(?!jws')[^']+'\)/g, '{}'),
          'node_modules/jws/package.json': { name: 'jws', main },
          'node_modules/jws/lib/verify-stream.js': '',
          [`node_modules/jws/${main}`]: index.replaceAll(/require\('.\/lib\/sign-stream'\)/g, '{}'),
        });
        const built = bundleJsonwebtoken(folder, join(folder, 'out.js'));
        expect(await built.then(() => 'built', String)).to.include(message);
      });
    }
  });

  it('contains the licence of each package in it, in a comment that bundlers keep', () => {
    const comment = /^\/\*!\n.*\*\/\n$/ms.exec(text)?.[0] ?? '';
    const packages = new Set(Array.from(text.matchAll(/^\/\/ node_modules\/([^/]+)\//gm), ([, name]) => name));
    expect([...packages]).to.include.members(['jsonwebtoken', 'jws', 'lodash.once', 'safe-buffer']);
    for (const name of packages) expect(comment).to.match(new RegExp(`^${name} [\\d.]+ \\(`, 'm'));
    expect(comment).to.include('Permission is hereby granted');
    expect(comment).to.match(/^jwa [\d.]+ \(MIT\)\njws [\d.]+ \(MIT\)\nCopyright \(c\) 2013 Brian J\. Brennan$/m);
    expect(comment.match(/copyright jquery foundation/gi)).to.have.lengthOf(1);
    expect(comment).to.include('Copyright 2015 D2L Corporation\nLicensed under the Apache License, Version 2.0');
    expect(readFileSync(join(root, 'LICENSE'), 'utf8')).to.include('Apache License\n');
  });

  it('names no path of the machine', () => {
    expect(text).not.to.include(root);
    expect(text).not.to.include('../');
  });
});
