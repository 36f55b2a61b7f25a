import { expect } from 'chai';
import { type Identity, IdentityVerifier, type IdentityVerifierOptions, publicKeys } from '../../src/identity/index.js';
import { StoreUnavailable } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { forge } from '../support/forge.js';
import { identityClaims, identityToken, reasonOf, WHO } from '../support/identities.js';
import { KeyServer } from '../support/key-server.js';
import { OTHER_P256, P256, P384, RSA } from '../support/keys.js';
import { errorOf } from '../support/outcomes.js';
import { NOW } from '../support/token-fixtures.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const jwtAlgorithm = 'ES256';

const OLD = P256.privateKey;
const NEXT = OTHER_P256.privateKey;
const documentOf = (...jwtSecret: (typeof OLD)[]) => publicKeys({ jwtSecret, jwtAlgorithm });

describe('IdentityVerifier with jwks', () => {
  const server = new KeyServer();
  let clock: FakeClock;
  let verifier: IdentityVerifier<string>;

  before(() => server.listen());
  after(() => server.close());

  const verifierOf = (options: IdentityVerifierOptions<string> = {}): IdentityVerifier<string> =>
    new IdentityVerifier({ jwtAlgorithm, clock, ...options, jwks: server.url });

  beforeEach(() => {
    server.requests = 0;
    server.publishes(documentOf(OLD));
    clock = new FakeClock(NOW);
    verifier = verifierOf();
  });

  /** A token that is issued now. */
  const tokenOf = (key: typeof OLD, header: object = {}): string =>
    forge({
      as: 'ES256',
      key,
      header: { alg: 'ES256', typ: 'identity+jwt', kid: documentOf(key).keys[0]?.kid, ...header },
      payload: identityClaims({ iat: Math.floor(clock.now() / 1000), exp: Math.floor(clock.now() / 1000) + 300 }),
    });

  const verdict = (token: unknown, one = verifier): Promise<string> =>
    one.verify(token).then(({ uid }: Identity) => uid, reasonOf);

  it('fetches nothing before the first token, then once for many', async () => {
    expect(server.requests).to.equal(0);
    const token = identityToken(WHO, 'ES256', OLD);
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verdict(token)));
    expect(new Set(verdicts)).to.deep.equal(new Set(['u1']));
    expect(await verdict(token)).to.equal('u1');
    expect(server.requests).to.equal(1);
  });

  it('verifies with a key whose owner gave it a name, and without a name in the token', async () => {
    server.publishes(publicKeys({ jwtSecret: { kid: 'mine', secret: OLD }, jwtAlgorithm }));
    expect(await verdict(tokenOf(OLD, { kid: 'mine' }))).to.equal('u1');
    expect(await verdict(tokenOf(OLD, { kid: undefined }))).to.equal('u1');
  });

  it('rejects as with keys given, and without a fetch for what is no token', async () => {
    expect(await verdict(undefined)).to.equal('missing');
    expect(await verdict('junk')).to.equal('malformed');
    expect(await verdict(tokenOf(OLD).replace(/[^.]+$/, (signature) => [...signature].reverse().join('')))).to.be.oneOf(
      ['bad_signature', 'malformed'],
    );
    expect(await verdict(forge({ as: 'none', header: { alg: 'none' }, payload: identityClaims() }))).to.equal(
      'wrong_algorithm',
    );
    expect(server.requests).to.equal(1);
  });

  describe('key rotation', () => {
    it('fetches again for an unknown key', async () => {
      expect(await verdict(tokenOf(OLD))).to.equal('u1');
      server.publishes(documentOf(NEXT, OLD));
      clock.advance(30_000);
      expect(await verdict(tokenOf(NEXT))).to.equal('u1');
      expect(await verdict(tokenOf(OLD))).to.equal('u1');
      expect(server.requests).to.equal(2);
    });

    it('does so at most once in 30 seconds, however many unknown keys are named', async () => {
      expect(await verdict(tokenOf(OLD))).to.equal('u1');
      const flood = () => Promise.all(Array.from({ length: 50 }, (_, n) => verdict(tokenOf(OLD, { kid: `k${n}` }))));
      expect(new Set(await flood())).to.deep.equal(new Set(['unknown_key']));
      clock.advance(29_999);
      await flood();
      expect(server.requests).to.equal(1);
      clock.advance(1);
      await flood();
      expect(server.requests).to.equal(2);
      expect(await verdict(tokenOf(OLD)), 'those who are known do not wait').to.equal('u1');
    });

    it('drops a key that is no longer published, once max-age has passed', async () => {
      server.publishes(documentOf(OLD, NEXT), { 'cache-control': 'public, max-age=120' });
      expect(await verdict(tokenOf(OLD))).to.equal('u1');
      server.publishes(documentOf(NEXT));
      clock.advance(2 * MINUTE - 1);
      expect(await verdict(tokenOf(OLD))).to.equal('u1');
      clock.advance(1);
      expect(await verdict(tokenOf(OLD))).to.equal('unknown_key');
      expect(server.requests).to.equal(2);
    });
  });

  describe('how long keys are kept', () => {
    const cases: readonly (readonly [header: string | undefined, kept: number])[] = [
      [undefined, 10 * MINUTE],
      ['no-store', 10 * MINUTE],
      ['max-age=0', MINUTE],
      ['public, max-age=300', 5 * MINUTE],
      ['s-maxage=5, Max-Age="300"', 5 * MINUTE],
      ['max-age=9999999999', 24 * HOUR],
    ];
    for (const [header, kept] of cases) {
      it(`is ${kept / MINUTE} min with Cache-Control: ${header}`, async () => {
        server.publishes(documentOf(OLD), header === undefined ? {} : { 'cache-control': header });
        await verdict(tokenOf(OLD));
        clock.advance(kept - 1);
        await verdict(tokenOf(OLD));
        expect(server.requests).to.equal(1);
        clock.advance(1);
        await verdict(tokenOf(OLD));
        expect(server.requests).to.equal(2);
      });
    }
  });

  describe('while the endpoint fails', () => {
    it('is unavailable if there were never any keys, and asks again after 30 seconds', async () => {
      server.fails();
      const error = await errorOf(() => verifier.verify(tokenOf(OLD)), StoreUnavailable);
      expect(error).to.include({ status: 503 });
      expect(String(error.cause)).to.include('status 500');
      await errorOf(() => verifier.verify(tokenOf(OLD)), StoreUnavailable);
      expect(server.requests).to.equal(1);
      server.publishes(documentOf(OLD));
      clock.advance(30_000);
      expect(await verdict(tokenOf(OLD))).to.equal('u1');
    });

    it('keeps to the keys from before, and asks every 30 seconds', async () => {
      await verdict(tokenOf(OLD));
      server.fails();
      clock.advance(HOUR);
      expect(await verdict(tokenOf(OLD))).to.equal('u1');
      clock.advance(29_999);
      expect(await verdict(tokenOf(OLD))).to.equal('u1');
      expect(server.requests).to.equal(2);
      clock.advance(1);
      expect(await verdict(tokenOf(OLD))).to.equal('u1');
      expect(server.requests).to.equal(3);
      expect(await verdict(tokenOf(NEXT))).to.equal('unknown_key');
    });

    it('gives up after its deadline', async () => {
      server.answers(() => undefined);
      const error = await errorOf(() => verifierOf({ deadline: 20 }).verify(tokenOf(OLD)), StoreUnavailable);
      expect(error.cause).to.include({ name: 'TimeoutError' });
      server.answers((_, response) => void response.writeHead(200).write('{"keys":['));
      await errorOf(() => verifierOf({ deadline: 20 }).verify(tokenOf(OLD)), StoreUnavailable);
    });

    const jwk = documentOf(OLD).keys[0];
    const bad: readonly (readonly [what: string, document: unknown])[] = [
      ['what is not JSON', '<html>'],
      ['what is no key set', [jwk]],
      ['a key set without keys', { keys: [] }],
      ['keys of another algorithm', publicKeys({ jwtSecret: RSA.privateKey, jwtAlgorithm: 'RS256' })],
      ['keys of another curve', publicKeys({ jwtSecret: P384.privateKey, jwtAlgorithm: 'ES384' })],
      ['a secret', { keys: [{ kty: 'oct', k: 'c2VjcmV0', alg: 'ES256' }] }],
      ['a private key, which everyone knows', { keys: [{ ...OLD.export({ format: 'jwk' }) }] }],
      ['a key that is not for signatures', { keys: [{ ...jwk, use: 'enc' }] }],
      ['a damaged key', { keys: [{ ...jwk, x: 'AAAA' }] }],
      [
        'two keys of one name',
        {
          keys: [
            { ...documentOf(NEXT).keys[0], kid: 'k' },
            { ...jwk, kid: 'k' },
          ],
        },
      ],
      ['more keys than an issuer has', { keys: Array.from({ length: 21 }, (_, n) => ({ ...jwk, kid: `k${n}` })) }],
      ['a document without end', { keys: [jwk], more: 'x'.repeat(65_536) }],
    ];
    for (const [what, document] of bad) {
      it(`does not take ${what}`, async () => {
        server.publishes(document);
        await errorOf(() => verifier.verify(tokenOf(OLD)), StoreUnavailable);
      });
    }

    it('does not follow a redirect', async () => {
      server.answers((request, response) => {
        if (request.url === '/other') response.writeHead(200).end(JSON.stringify(documentOf(OLD)));
        else response.writeHead(302, { location: '/other' }).end();
      });
      await errorOf(() => verifier.verify(tokenOf(OLD)), StoreUnavailable);
      expect(server.requests).to.equal(1);
    });
  });

  it('takes the keys that fit, and passes over the others', async () => {
    const others = [null, 5, { kty: 'OKP' }, ...publicKeys({ jwtSecret: RSA.privateKey, jwtAlgorithm: 'RS256' }).keys];
    server.publishes({ keys: [...others, ...documentOf(OLD).keys] });
    expect(await verdict(tokenOf(OLD))).to.equal('u1');
  });

  it('never asks an address, and never uses a key, that a token names', async () => {
    await verdict(tokenOf(OLD));
    const other = new KeyServer();
    await other.listen();
    try {
      other.publishes(documentOf(NEXT));
      const jwk = documentOf(NEXT).keys[0];
      for (const header of [{ jku: other.url }, { x5u: other.url }, { jwk }, { jku: other.url, kid: undefined }]) {
        clock.advance(30_000);
        expect(await verdict(tokenOf(NEXT, header)), JSON.stringify(header)).to.be.oneOf([
          'unknown_key',
          'bad_signature',
        ]);
      }
      expect(other.requests).to.equal(0);
    } finally {
      other.close();
    }
  });
});
