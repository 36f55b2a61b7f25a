import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import sinon from 'sinon';
import lazily from '#jsonwebtoken';
import { run } from '../../tools/run.js';
import { temporaryTrees } from '../tools/tree.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

const PROGRAM = `
import { createRequire } from 'node:module';
import { SessionStorage } from 'sessions-jwt';
import 'sessions-jwt/express';
const { cache } = createRequire(import.meta.url);
const isLoaded = () => Object.keys(cache).some((path) => path.includes('jsonwebtoken'));
const sessionStorage = new SessionStorage({ jwtSecret: 's'.repeat(64) });
const session = sessionStorage.create().setUser('u1');
const before = isLoaded();
const { uid } = sessionStorage.get(session.save().forClient());
console.log(before, isLoaded(), uid);
`;

describe('#jsonwebtoken in Node', () => {
  const tree = temporaryTrees();

  it('is loaded at the first signature', () => {
    const { stdout, stderr } = run(process.execPath, ['--input-type=module', '-e', PROGRAM], { cwd: root });
    expect(stderr).to.equal('');
    expect(stdout).to.equal('false true u1\n');
  });

  it('signs as the dependency does at that moment', () => {
    expect(lazily.sign).to.equal(jwt.sign);
    const stub = sinon.stub(jwt, 'sign');
    try {
      expect(lazily.sign).to.equal(stub);
    } finally {
      stub.restore();
    }
  });

  it('names the dependency if it is not installed', async () => {
    const folder = tree({ 'package.json': { type: 'module' } });
    const file = join(folder, 'jsonwebtoken.js');
    copyFileSync(join(root, 'dist/token/jsonwebtoken.js'), file);
    const { default: alone } = await import(pathToFileURL(file).href);
    expect(() => alone.sign({}, 's')).to.throw(Error, "Cannot find module 'jsonwebtoken'");
  });
});
