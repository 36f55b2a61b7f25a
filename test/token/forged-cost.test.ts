import { createPublicKey, createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import sinon from 'sinon';
import type { Codec } from '../../src/token/codec.js';
import { Refusal } from '../../src/token/refusal.js';
import { signatureCheckOf } from '../../src/token/signature.js';
import { forge } from '../support/forge.js';
import { OTHER_SECRET, SECRET, SIGNED, signingKey } from '../support/keys.js';
import { codecOf } from '../support/token-fixtures.js';

const NESTED = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;

function forged(payload: unknown, header: unknown = { alg: 'HS256', typ: 'session+jwt' }): string {
  return forge({ as: 'HS256', key: OTHER_SECRET, header, payload });
}

/** What a forged token makes this process do: the calls that grow with what its sender wrote. */
describe('A forged token', () => {
  let parse: sinon.SinonSpy;

  beforeEach(() => {
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
    expect(parse.callCount).to.equal(0);
  });

  it('with the longest header that is parsed is judged by its signature', () => {
    const header = { alg: 'HS256', kid: 'k'.repeat(350) };
    const token = forge({ as: 'HS256', key: SECRET, header, payload: { a: 1 } });
    expect(token.indexOf('.')).to.be.within(480, 512);
    expect(codecOf('HS256', SECRET).verify(token)).to.have.property('payload').that.deep.equals({ a: 1 });
  });

  it('has its payload parsed by nobody, whatever its header says', () => {
    const several = codecOf('HS256', ...Array.from({ length: 10 }, (_, i) => String(i).repeat(32)));
    for (const codec of [several, codecOf('HS256', SECRET)]) {
      for (const typ of ['JWT', 'session+jwt', undefined]) {
        for (const payload of [{ a: 1 }, NESTED]) refuses(codec, forged(payload, { alg: 'HS256', typ }));
      }
    }
    expect(parse.callCount).to.be.greaterThan(0);
    expect(parse.getCalls().filter(({ args }) => !String(args[0]).startsWith('{"alg":'))).to.deep.equal([]);
  });

  it('has nothing parsed if its header is that of our own tokens', () => {
    const codec = codecOf('HS256', SECRET);
    const [header] = codec.sign('{}').split('.');
    const [, payload, signature] = forged({ a: 1 }).split('.');
    refuses(codec, [header, payload, signature].join('.'));
    expect(parse.callCount).to.equal(0);
  });
});

describe('signatureCheckOf', () => {
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
      const check = signatureCheckOf(algorithm);
      expect(check(input, signature, key)).to.equal(true);
      expect(check(`${input}A`, signature, key)).to.equal(false);
      expect(
        check(
          input,
          signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
          key,
        ),
      ).to.equal(false);
      expect(check(input, '', key)).to.equal(false);
      expect(check(input, signature.slice(4), key)).to.equal(false);
    });
  }
});
