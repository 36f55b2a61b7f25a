import { createPublicKey } from 'node:crypto';
import { expect } from 'chai';
import { activate } from '../../src/http/activation.js';
import { SessionStorage } from '../../src/index.js';
import { FakeExchange } from '../support/fake-exchange.js';
import { parts } from '../support/forge.js';
import { OTHER_P256, P256, pem, RSA, SECRET } from '../support/keys.js';
import { errorOf } from '../support/outcomes.js';
import { bench, callUntyped, claimsOf } from '../support/sessions.js';
import { warningsDuring } from '../support/token-fixtures.js';

const jwtSecret = 'a secret for identities, of sixty-four bytes, known to services.';
const { storage: sessionStorage } = bench();

/** Options that the compiler may refuse. */
interface Given {
  readonly identity: unknown;
  readonly cookie?: unknown;
  readonly header?: unknown;
  readonly sessionStorage?: unknown;
}

const activateWith = (options: Given): unknown =>
  callUntyped({ activate }, 'activate', { sessionStorage, cookie: true, ...options });

const problemOf = (options: Given): string => errorOf(() => activateWith(options), TypeError).message;

/** What the browser gets at sign-in. */
async function signedIn(identity: object, cookie: true | object = true, request: object = {}): Promise<FakeExchange> {
  const activation = activate({ sessionStorage, cookie, identity: { jwtSecret, ...identity } });
  const exchange = new FakeExchange(request);
  const visit = await activation.open({}, exchange);
  visit.session?.setUser('u1');
  await activation.commit(exchange, visit);
  return exchange;
}

const attributesOf = async (...given: Parameters<typeof signedIn>): Promise<string> => {
  const { setCookies } = await signedIn(...given);
  const line = setCookies.findLast((one) => !one.startsWith('sid=')) ?? '';
  return line.replace(/=[^;]*/, '').replace(/; Expires=[^;]+/, '');
};

describe('The option identity', () => {
  it('is off by default, and with false', () => {
    for (const identity of [undefined, false]) expect(() => activateWith({ identity })).not.to.throw();
  });

  it('needs the session cookie', () => {
    expect(problemOf({ identity: { jwtSecret }, cookie: false, header: true })).to.equal(
      'activateSessions: option identity: needs the session cookie: set cookie, too',
    );
  });

  it('is judged, by names that the application wrote', () => {
    const cases: readonly (readonly [identity: unknown, problem: RegExp])[] = [
      [true, /option identity: expected an object of options, or false/],
      [{}, /option identity\.jwtSecret: expected a secret/],
      [{ jwtSecret: '' }, /^identity\.jwtSecret is empty/],
      [{ jwtSecret: [] }, /^identity\.jwtSecret: at least one key/],
      [{ jwtSecret, jwtAlgorithm: 'none' }, /option identity\.jwtAlgorithm: expected an algorithm that signs/],
      [{ jwtSecret, jwtAlgorithm: 'ES256' }, /^identity\.jwtSecret: not a private or public key/],
      [{ jwtSecret: pem(P256.publicKey), jwtAlgorithm: 'ES256' }, /^identity\.jwtSecret: a public key cannot sign/],
      [{ jwtSecret, life: 9_999 }, /option identity\.life: expected a whole number of ms from 10000 to 3600000/],
      [{ jwtSecret, life: 3_600_001 }, /option identity\.life/],
      [{ jwtSecret, cookie: 'a b' }, /option identity\.cookie: must be a token/],
      [{ jwtSecret, cookie: '__host-auth' }, /option identity\.cookie: must spell the prefix __Host- exactly so/],
      [{ jwtSecret, cookie: 'sid' }, /option identity\.cookie: must not be the name of the session cookie/],
      [{ jwtSecret, cookie: '__Host-sid' }, /option identity\.cookie: must not be the name of the session cookie/],
      [{ jwtSecret, cookie: '__Host-a', path: '/a' }, /option identity\.path: must be \/ with the prefix __Host-/],
      [{ jwtSecret, cookie: '__Host-a', domain: 'a.example' }, /option identity\.domain: must be left out/],
      [
        { jwtSecret, cookie: '__Http-a', readable: true },
        /option identity\.readable: must not be true with the prefix __Http-/,
      ],
      [{ jwtSecret, domain: '127.0.0.1' }, /option identity\.domain: must not be an IP address/],
      [{ jwtSecret, issuer: '' }, /option identity\.issuer: expected a name/],
      [{ jwtSecret, audience: 'a'.repeat(256) }, /option identity\.audience: expected a name/],
      [{ jwtSecret, sameSite: 'lax' }, /identity\.sameSite.*that of the session cookie/],
      [{ jwtSecret, name: 'auth' }, /identity\.name.*call it cookie/],
    ];
    for (const [identity, problem] of cases) expect(problemOf({ identity }), String(problem)).to.match(problem);
  });

  it('does not take a prefix that contradicts the session cookie', () => {
    const identity = { jwtSecret, cookie: '__Host-auth' };
    expect(problemOf({ identity, cookie: { secure: false } })).to.match(
      /option cookie\.secure: must not be false with/,
    );
  });

  it('refuses a key of the storage, in any form and place', () => {
    const shared = /option identity\.jwtSecret: must not be a key of the storage/;
    const ofText = new SessionStorage({ jwtSecret: [jwtSecret, SECRET] });
    expect(problemOf({ sessionStorage: ofText, identity: { jwtSecret } })).to.match(shared);
    const bytes = { kid: 'other', secret: SECRET };
    expect(problemOf({ sessionStorage: ofText, identity: { jwtSecret: ['another', bytes] } })).to.match(shared);
    const ofKeys = new SessionStorage({ jwtAlgorithm: 'RS256', jwtSecret: createPublicKey(pem(RSA.publicKey)) });
    const identity = { jwtAlgorithm: 'PS512', jwtSecret: RSA.privateKey };
    expect(problemOf({ sessionStorage: ofKeys, identity })).to.match(shared);
  });

  it('takes a key of its own beside the storage', () => {
    const ofKeys = new SessionStorage({ jwtAlgorithm: 'ES256', jwtSecret: P256.privateKey });
    const identity = { jwtAlgorithm: 'ES256', jwtSecret: OTHER_P256.privateKey };
    expect(() => activateWith({ sessionStorage: ofKeys, identity })).not.to.throw();
  });

  it('warns of a short secret', async () => {
    const [warning] = await warningsDuring(() => activateWith({ identity: { jwtSecret: 'short' } }));
    expect(warning?.code).to.equal('SESSIONS_SHORT_SECRET');
    expect(warning?.message)
      .to.match(/^identity\.jwtSecret: an HMAC secret is shorter/)
      .and.not.include('"short"');
  });

  it('refuses what may not fit into a cookie, and nothing that fits', () => {
    const name = 'n'.repeat(4_000);
    expect(problemOf({ identity: { jwtSecret, cookie: name } })).to.match(/can have \d+ bytes, and a cookie 4096/);
    const long = { issuer: 'i'.repeat(255), audience: 'a'.repeat(255) };
    expect(() => activateWith({ identity: { jwtSecret, ...long } })).not.to.throw();
    const rsa = { jwtAlgorithm: 'RS256', jwtSecret: RSA.privateKey };
    expect(() => activateWith({ identity: { ...rsa, ...long } })).not.to.throw();
  });

  it('writes the issuer, the audience and the name of the key', async () => {
    const keys = { jwtSecret: [{ kid: 'new', secret: jwtSecret }, 'old'] };
    const { identity } = await signedIn({ ...keys, issuer: 'shop', audience: 'mail' });
    expect(claimsOf(identity?.value ?? '')).to.include({ iss: 'shop', aud: 'mail' });
    expect(parts(identity?.value ?? '').header).to.deep.include({ kid: 'new' });
  });

  it('keeps to the rules of the session cookie', async () => {
    const cases: readonly (readonly [...Parameters<typeof signedIn>, string])[] = [
      [{}, true, {}, 'auth; Max-Age=300; Path=/; HttpOnly; Secure; SameSite=Lax'],
      [{}, true, { secure: false }, 'auth; Max-Age=300; Path=/; HttpOnly; SameSite=Lax'],
      [{ readable: true }, true, {}, 'auth; Max-Age=300; Path=/; Secure; SameSite=Lax'],
      [{}, { sameSite: 'strict', persistent: false }, {}, 'auth; Path=/; HttpOnly; Secure; SameSite=Strict'],
      [{}, { secure: false }, {}, 'auth; Max-Age=300; Path=/; HttpOnly; SameSite=Lax'],
      [{}, { httpOnly: false, path: '/a' }, {}, 'auth; Max-Age=300; Path=/; HttpOnly; Secure; SameSite=Lax'],
      [
        { domain: 'a.example', path: '/b', life: 60_000 },
        true,
        {},
        'auth; Max-Age=60; Domain=a.example; Path=/b; HttpOnly; Secure; SameSite=Lax',
      ],
      [
        { cookie: '__Host-auth' },
        { partitioned: true },
        {},
        '__Host-auth; Max-Age=300; Path=/; HttpOnly; Secure; Partitioned; SameSite=Lax',
      ],
      [
        { cookie: '__Host-auth' },
        true,
        { secure: false, loopback: true },
        'auth; Max-Age=300; Path=/; HttpOnly; SameSite=Lax',
      ],
    ];
    for (const [identity, cookie, request, expected] of cases) {
      expect(await attributesOf(identity, cookie, request), JSON.stringify([identity, cookie])).to.equal(expected);
    }
  });

  it('leaves alone what the application sets under that name, but at sign-in', async () => {
    const activation = activate({ sessionStorage, cookie: true, identity: { jwtSecret } });
    const first = await signedIn({});
    const exchange = new FakeExchange({ headers: { cookie: `sid=${first.cookie.value}` } });
    exchange.setResponseHeader('Set-Cookie', 'auth=mine');
    const visit = await activation.open({}, exchange);
    const [warning] = await warningsDuring(() => activation.commit(exchange, visit));
    expect(exchange.setCookies).to.deep.equal(['auth=mine']);
    expect(warning?.code).to.equal('SESSIONS_COOKIE_TAKEN');
  });
});
