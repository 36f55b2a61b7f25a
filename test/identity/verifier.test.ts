import { createPublicKey } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { jwtVerify } from 'jose';
import { IdentityInvalid, IdentityVerifier, type IdentityVerifierOptions } from '../../src/identity/index.js';
import { SessionError } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { forge } from '../support/forge.js';
import {
  forgedIdentity,
  IDENTITY_SECRET,
  identityClaims,
  identityToken,
  verdictOf,
  WHO,
} from '../support/identities.js';
import { OTHER_SECRET, P256, RSA, SECRET, SIGNED, signingKey } from '../support/keys.js';
import { errorOf } from '../support/outcomes.js';
import { bench, callUntyped } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

const jwtSecret = IDENTITY_SECRET;
const FIVE_MINUTES = 300_000;

describe('IdentityVerifier', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock(NOW);
  });

  const verifierOf = (options: IdentityVerifierOptions<undefined> = { jwtSecret }): IdentityVerifier =>
    new IdentityVerifier({ clock, ...options });

  it('says who is signed in, in which session, since when and until when', () => {
    const identity = verifierOf().verify(identityToken(WHO, 'HS512', jwtSecret));
    expect(identity).to.deep.equal({ uid: 'u1', lineage: 'l1', authenticatedAt: NOW, expires: NOW + FIVE_MINUTES });
    expect(identity).to.be.frozen;
    expect(verifierOf().verify(forgedIdentity(identityClaims())).authenticatedAt).to.equal(undefined);
  });

  for (const algorithm of SIGNED) {
    it(`verifies what ${algorithm} signed, with the public key where there is one`, () => {
      const key = signingKey(algorithm);
      const token = identityToken(WHO, algorithm, key);
      const shown = Buffer.isBuffer(key) ? key : createPublicKey(key);
      expect(verdictOf(verifierOf({ jwtSecret: shown, jwtAlgorithm: algorithm }), token)).to.equal('u1');
    });
  }

  it('agrees with jose', async () => {
    const token = identityToken(WHO, 'ES256', P256.privateKey);
    const { payload, protectedHeader } = await jwtVerify(token, P256.publicKey, {
      typ: 'identity+jwt',
      currentDate: new Date(NOW),
    });
    expect(payload).to.include({ sub: 'u1', sid: 'l1', auth_time: NOW / 1000 });
    expect(protectedHeader.alg).to.equal('ES256');
  });

  it('accepts keys that are being replaced, in either order', () => {
    const [old, next] = [
      { kid: 'old', secret: OTHER_SECRET },
      { kid: 'next', secret: SECRET },
    ];
    const tokens = [identityToken(WHO, 'HS512', old), identityToken(WHO, 'HS512', next, old)];
    for (const token of tokens) {
      expect(verdictOf(verifierOf({ jwtSecret: [old, next] }), token)).to.equal('u1');
      expect(verdictOf(verifierOf({ jwtSecret: [next, old] }), token)).to.equal('u1');
    }
    expect(tokens.map((token) => verdictOf(verifierOf({ jwtSecret: next }), token))).to.deep.equal([
      'unknown_key',
      'u1',
    ]);
  });

  it('accepts a token until it expires, whether it was seen before or not', () => {
    const verifier = verifierOf();
    const token = identityToken(WHO, 'HS512', jwtSecret);
    for (let uses = 0; uses < 4; uses += 1) expect(verdictOf(verifier, token)).to.equal('u1');
    clock.advance(FIVE_MINUTES - 1);
    expect(verdictOf(verifier, token)).to.equal('u1');
    clock.advance(1);
    expect([verdictOf(verifier, token), verdictOf(verifierOf(), token)]).to.deep.equal(['expired', 'expired']);
  });

  it('accepts an issuer whose clock is ahead by clockSkew, and no more', () => {
    const token = (claim: string) => forgedIdentity(identityClaims({ [claim]: NOW / 1000 + 2 }));
    for (const claim of ['iat', 'nbf', 'auth_time']) {
      expect(verdictOf(verifierOf(), token(claim)), claim).to.equal('not_yet_valid');
      expect(verdictOf(verifierOf({ jwtSecret, clockSkew: 1_999 }), token(claim)), claim).to.equal('not_yet_valid');
      expect(verdictOf(verifierOf({ jwtSecret, clockSkew: 2_000 }), token(claim)), claim).to.equal('u1');
    }
  });

  it('requires the issuer and the audience that it is told, and takes no audience otherwise', () => {
    const token = forgedIdentity(identityClaims({ iss: 'shop', aud: ['mail', 'maps'] }));
    const options = { jwtSecret, issuer: 'shop', audience: 'mail' };
    expect(verdictOf(verifierOf(options), token)).to.equal('u1');
    expect(verdictOf(verifierOf({ ...options, issuer: 'bank' }), token)).to.equal('wrong_issuer');
    expect(verdictOf(verifierOf({ ...options, audience: 'chat' }), token)).to.equal('wrong_audience');
    expect(verdictOf(verifierOf({ jwtSecret, issuer: 'shop' }), token)).to.equal('wrong_audience');
    expect(verdictOf(verifierOf(options), forgedIdentity(identityClaims()))).to.equal('wrong_issuer');
  });

  it('requires claims of the right type', () => {
    const bad: readonly Record<string, unknown>[] = [
      ...['sub', 'sid', 'iat', 'exp'].map((name) => ({ [name]: undefined })),
      ...['', 5, null, 'x'.repeat(256), 'a\0b', '\ud800'].map((sub) => ({ sub })),
      ...['', 5, 'x'.repeat(256)].map((sid) => ({ sid })),
      ...['iat', 'exp', 'nbf', 'auth_time'].flatMap((name) => ['1', -1, null].map((value) => ({ [name]: value }))),
    ];
    for (const claims of bad)
      expect(verdictOf(verifierOf(), forgedIdentity(identityClaims(claims))), inspect(claims)).to.equal(
        'invalid_claims',
      );
    for (const payload of ['null', '[]', '5'])
      expect(verdictOf(verifierOf(), forgedIdentity(payload)), payload).to.equal('invalid_claims');
  });

  describe('refuses', () => {
    it('nothing, and what is no token', () => {
      for (const token of [undefined, null, '']) expect(verdictOf(verifierOf(), token)).to.equal('missing');
      for (const token of [5, {}, 'junk', 'a.b.c', '..', `${identityToken(WHO, 'HS512', jwtSecret)}=`])
        expect(verdictOf(verifierOf(), token), String(token)).to.equal('malformed');
      expect(verdictOf(verifierOf(), 'a'.repeat(16_385))).to.equal('too_large');
    });

    it('a token that somebody else signed, and one that was changed', () => {
      expect(verdictOf(verifierOf(), identityToken(WHO, 'HS512', SECRET))).to.equal('bad_signature');
      const [header, , signature] = identityToken(WHO, 'HS512', jwtSecret).split('.');
      const payload = Buffer.from(JSON.stringify(identityClaims({ sub: 'root' }))).toString('base64url');
      expect(verdictOf(verifierOf(), `${header}.${payload}.${signature}`)).to.equal('bad_signature');
    });

    it("an unsigned token, and every algorithm but the issuer's", () => {
      const payload = identityClaims();
      const none = forge({ as: 'none', header: { alg: 'none', typ: 'identity+jwt' }, payload });
      expect(verdictOf(verifierOf(), none)).to.equal('wrong_algorithm');
      expect(verdictOf(verifierOf(), forgedIdentity(payload, {}, 'HS256'))).to.equal('wrong_algorithm');
      // CVE-2015-9235: the public key as the secret.
      const asSecret = Buffer.from(RSA.publicKey.export({ format: 'pem', type: 'spki' }));
      const confused = forge({ as: 'HS256', key: asSecret, header: { alg: 'HS256', typ: 'identity+jwt' }, payload });
      const verifier = verifierOf({ jwtSecret: RSA.publicKey, jwtAlgorithm: 'RS256' });
      expect(verdictOf(verifier, confused)).to.equal('wrong_algorithm');
      const relabelled = forge({ as: 'HS256', key: asSecret, header: { alg: 'RS256', typ: 'identity+jwt' }, payload });
      expect(verdictOf(verifier, relabelled)).to.equal('bad_signature');
    });

    it('a session of the same key, and any token that does not say what it is', () => {
      const { storage } = bench({ jwtSecret });
      expect(verdictOf(verifierOf(), storage.create().setUser('u1').forClient())).to.equal('malformed');
      for (const typ of [undefined, 'JWT', 'session+jwt', 'at+jwt', 5, null])
        expect(verdictOf(verifierOf(), forgedIdentity(identityClaims(), { typ })), String(typ)).to.equal('malformed');
      for (const typ of ['identity+jwt', 'IDENTITY+JWT', 'application/identity+jwt'])
        expect(verdictOf(verifierOf(), forgedIdentity(identityClaims(), { typ })), typ).to.equal('u1');
    });

    it('and a storage of the same key refuses its tokens', () => {
      const { storage } = bench({ jwtSecret });
      const asSession = { jti: 's', created: NOW, luat: NOW, lmat: NOW, uid: 'u1' };
      const token = forgedIdentity({ ...identityClaims(), ...asSession });
      expect(errorOf(() => storage.get(token))).to.include({ reason: 'malformed' });
    });

    it('keys, and addresses of keys, that a token brings along', () => {
      const payload = identityClaims();
      const jwk = P256.publicKey.export({ format: 'jwk' });
      const headers = [
        { jwk },
        { jku: 'https://evil.example/jwks' },
        { x5u: 'https://evil.example/x5' },
        { kid: '../../dev/null' },
      ];
      const verifier = verifierOf({ jwtSecret: RSA.publicKey, jwtAlgorithm: 'RS256' });
      const ofEc = verifierOf({ jwtSecret: { kid: 'a', secret: signingKey('ES256') }, jwtAlgorithm: 'ES256' });
      for (const extra of headers) {
        const header = { alg: 'RS256', typ: 'identity+jwt', ...extra };
        const token = forge({ as: 'HS256', key: SECRET, header, payload });
        expect(['bad_signature', 'unknown_key'], JSON.stringify(extra)).to.include(verdictOf(verifier, token));
        const ec = forge({ as: 'RS256', key: RSA.privateKey, header: { ...header, alg: 'ES256' }, payload });
        expect(['bad_signature', 'unknown_key'], JSON.stringify(extra)).to.include(verdictOf(ofEc, ec));
      }
    });

    it('with an error of this package, which shows nothing of the token', () => {
      const token = identityToken(WHO, 'HS512', SECRET);
      const error = errorOf(() => verifierOf().verify(token), IdentityInvalid);
      expect(error).to.be.instanceOf(SessionError);
      expect(error).to.include({ code: 'ERR_SESSION_IDENTITY_INVALID', status: 401, reason: 'bad_signature' });
      for (const part of token.split('.')) expect(inspect(error)).not.to.include(part);
    });
  });

  it('judges its options', () => {
    const cases: readonly (readonly [options: unknown, problem: RegExp])[] = [
      [{}, /pass either jwtSecret, the keys, or jwks/],
      [{ jwtSecret: undefined }, /pass either jwtSecret, the keys, or jwks/],
      [{ jwtSecret, jwks: 'https://a.example/' }, /pass either jwtSecret, the keys, or jwks/],
      [{ jwtSecret, jwtAlgorithm: 'none' }, /option jwtAlgorithm: expected an algorithm that signs/],
      [{ jwtSecret, issuer: '' }, /option issuer: expected a name/],
      [{ jwtSecret, clockSkew: 300_001 }, /option clockSkew/],
      [{ jwtSecret, clock: {} }, /option clock: expected a Clock/],
      [{ jwtSecret, life: 5 }, /life/],
      [{ jwtSecret: 'x', jwtAlgorithm: 'ES256' }, /jwtSecret: not a private or public key/],
      [{ jwks: 'https://a.example/' }, /jwks are public keys: set jwtAlgorithm/],
      ...[
        'http://a.example/',
        'http://127.0.0.1.example/',
        'file:///etc/keys',
        'a',
        '',
        5,
        'https://u:p@a.example/',
      ].map((jwks) => [{ jwks, jwtAlgorithm: 'ES256' }, /option jwks: expected an https address/] as const),
    ];
    const build = (options: unknown): unknown =>
      callUntyped({ make: (given: IdentityVerifierOptions) => new IdentityVerifier(given) }, 'make', options);
    for (const [options, problem] of cases)
      expect(errorOf(() => build(options), TypeError).message, inspect(options)).to.match(problem);
  });

  it('shows nothing of its keys', () => {
    expect(inspect(verifierOf(), { depth: 9, showHidden: true })).not.to.include(jwtSecret);
  });
});
