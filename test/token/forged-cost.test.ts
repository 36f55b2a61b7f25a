import { createPublicKey, createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import sinon from 'sinon';
import type { Codec } from '../../src/token/codec.js';
import { Refusal } from '../../src/token/refusal.js';
import { isSignatureOf } from '../../src/token/signature.js';
import { forge } from '../support/forge.js';
import { OTHER_SECRET, SECRET, SIGNED, signingKey } from '../support/keys.js';
import { codecOf } from '../support/token-fixtures.js';

const NESTED = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;

function forged(payload: unknown, header: unknown = { alg: 'HS256', typ: 'session+jwt' }): string {
  return forge({ as: 'HS256', key: OTHER_SECRET, header, payload });
}

/** What a forged token makes this process do: the calls that grow with what its sender wrote. */
describe('A forged token', () => {
  let verify: sinon.SinonSpy;
  let parse: sinon.SinonSpy;

  beforeEach(() => {
    verify = sinon.spy(jwt, 'verify');
    parse = sinon.spy(JSON, 'parse');
  });

  afterEach(() => sinon.restore());

  const refuses = (codec: Codec, token: string): void => {
    expect(codec.verify(token)).to.be.instanceOf(Refusal);
  };

  it('with a header longer than ours can be is refused before anything is parsed', () => {
    for (const extra of [NESTED, 'a'.repeat(500)]) {
      refuses(codecOf('HS256', SECRET), forged({}, { alg: 'HS256', kid: extra }));
    }
    expect([parse.callCount, verify.callCount]).to.deep.equal([0, 0]);
  });

  it('with the longest header that is parsed is judged by its signature', () => {
    const header = { alg: 'HS256', kid: 'k'.repeat(350) };
    const token = forge({ as: 'HS256', key: SECRET, header, payload: { a: 1 } });
    expect(token.indexOf('.')).to.be.within(480, 512);
    expect(codecOf('HS256', SECRET).verify(token)).to.have.property('payload').that.deep.equals({ a: 1 });
  });

  it('has its payload parsed by nobody when it is long, or when there are several keys', () => {
    const several = codecOf('HS256', ...Array.from({ length: 10 }, (_, i) => String(i).repeat(32)));
    refuses(several, forged({ a: 1 }));
    for (const typ of ['JWT', 'session+jwt']) {
      const header = { alg: 'HS256', typ };
      refuses(several, forged(NESTED, header));
      refuses(codecOf('HS256', SECRET), forged(NESTED, header));
    }
    expect(verify.callCount).to.equal(0);
    expect(parse.getCalls().every(({ args }) => String(args[0]).length < 100)).to.equal(true);
  });

  it('makes the next ones cheap, while valid tokens still pass', () => {
    const codec = codecOf('HS256', SECRET);
    refuses(codec, forged({ a: 1 }));
    expect(verify.callCount).to.equal(1);
    for (let at = 0; at < 100; at += 1) refuses(codec, forged({ at }));
    expect(verify.callCount).to.equal(1);
    const valid = forge({ as: 'HS256', key: SECRET, payload: { a: 1 } });
    for (let at = 0; at < 1_000; at += 1) expect(codec.verify(valid)).not.to.be.instanceOf(Refusal);
    expect(verify.callCount).to.equal(1_001);
    refuses(codec, forged({ a: 2 }));
    expect(verify.callCount).to.equal(1_002);
  });

  it('of many keys finds the one that signed, and asks jsonwebtoken for that alone', () => {
    const secrets = Array.from({ length: 10 }, (_, i) => String(i).repeat(32));
    const codec = codecOf('HS256', ...secrets);
    const token = forge({ as: 'HS256', key: Buffer.from(secrets[7] ?? ''), payload: { a: 1 } });
    expect(codec.verify(token)).to.have.property('payload').that.deep.equals({ a: 1 });
    expect(verify.callCount).to.equal(1);
  });
});

describe('isSignatureOf', () => {
  for (const algorithm of SIGNED) {
    it(`knows a signature of ${algorithm} from any other`, () => {
      const [header = '', payload = '', signature = ''] = forge({
        as: algorithm,
        key: signingKey(algorithm),
        payload: { a: 1 },
      }).split('.');
      const input = `${header}.${payload}`;
      const secret = signingKey(algorithm);
      const key = Buffer.isBuffer(secret) ? createSecretKey(secret) : createPublicKey(secret);
      expect(isSignatureOf(input, signature, key, algorithm)).to.equal(true);
      expect(isSignatureOf(`${input}A`, signature, key, algorithm)).to.equal(false);
      expect(
        isSignatureOf(
          input,
          signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
          key,
          algorithm,
        ),
      ).to.equal(false);
      expect(isSignatureOf(input, '', key, algorithm)).to.equal(false);
      expect(isSignatureOf(input, signature.slice(4), key, algorithm)).to.equal(false);
    });
  }
});
