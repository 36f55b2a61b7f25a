import { expect } from 'chai';
import fc from 'fast-check';
import { RevocationList, SessionStorage, type SessionStorageOptions } from '../../src/index.js';
import { LONGEST_LIFE } from '../../src/session/expiry.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { type Claims, type Parties, readClaims, writeClaims } from '../../src/token/claims.js';
import { Refusal } from '../../src/token/refusal.js';
import { forge, parts } from '../support/forge.js';
import { OTHER_SECRET, SECRET } from '../support/keys.js';
import { openingOf } from '../support/outcomes.js';
import { claims, NOW } from '../support/token-fixtures.js';

const SKEW = 1_000;
const NOBODY: Parties = { issuer: undefined, audience: undefined };

type Options = SessionStorageOptions<Record<string, unknown>, Record<string, unknown>>;

function storageWith(options: Partial<Options> = {}): SessionStorage {
  return new SessionStorage({ jwtSecret: SECRET, jwtAlgorithm: 'HS256', clock: new FakeClock(NOW), ...options });
}

/** A well-signed token that says this: an object, or a JSON text. */
function tokenOf(payload: unknown): string {
  return forge({ as: 'HS256', key: SECRET, header: { alg: 'HS256', typ: 'session+jwt' }, payload });
}

/** The reason why a payload is refused, or 'accepted'. */
function judged(payload: unknown, parties: Parties = NOBODY): string {
  const result = readClaims(payload, parties, NOW, SKEW);
  return result instanceof Refusal ? result.reason : 'accepted';
}

/** Every claim there is, all good. */
const ALL = {
  ...claims(),
  ...{ lin: 'l', uid: 'u', since: NOW, auth: NOW, iat: 1, exp: 2, nbf: 1 },
  ...{ sessionData: {}, userData: {}, life: {}, info: {} },
};

/** What becomes of a payload in which one claim has this JSON text, among the least of others and among all of them. */
function withClaim(name: string, text: string): string {
  const [alone, among] = [claims(), ALL].map((payload) => {
    const others = Object.entries(payload).filter(([other]) => other !== name);
    const members = others.map(([other, value]) => `${JSON.stringify(other)}:${JSON.stringify(value)}`);
    return judged(JSON.parse(`{${[...members, `${JSON.stringify(name)}:${text}`].join(',')}}`));
  });
  if (alone === undefined || alone !== among) throw new Error(`${name}: ${alone}, but among others ${among}`);
  return alone;
}

const LONG = JSON.stringify('x'.repeat(255));
const TOO_LONG = JSON.stringify('x'.repeat(256));

/** JSON texts of every kind, with the edges of each. */
const TEXTS: readonly string[] = [
  ...['null', 'true', 'false', '0', '-0', '1', '-1', '0.5', '1e3', `${NOW}`, `${NOW + SKEW}`, `${NOW + SKEW + 1}`],
  ...[`${NOW / 1000}`, `${(NOW + SKEW) / 1000}`, `${(NOW + SKEW + 1) / 1000}`, '9007199254740991', '9007199254740992'],
  ...['1e308', '1e999', '-1e999', '""', '"text"', '"1"', `"${NOW}"`, '"a\\u0000b"', '"\\ud800"', LONG, TOO_LONG],
  ...['[]', '["text"]', '[1]', '[null]', '{}', '{"a":1}', '{"length":1}', '{"__proto__":null}'],
];

const STRINGS = ['"text"', '"1"', `"${NOW}"`, '"a\\u0000b"', '"\\ud800"', LONG];
const TIMES = ['0', '-0', '1', '1e3', `${NOW}`, `${NOW + SKEW}`, `${NOW / 1000}`, `${(NOW + SKEW) / 1000}`];
const OBJECTS = ['{}', '{"a":1}', '{"length":1}', '{"__proto__":null}'];
const SECONDS = ['0', '-0', '1', '0.5', '1e3', `${NOW / 1000}`, `${(NOW + SKEW) / 1000}`];

const LATER_TIMES = [`${NOW + SKEW + 1}`, '9007199254740991'];
const LATER_SECONDS = [`${(NOW + SKEW + 1) / 1000}`, `${NOW}`, `${NOW + SKEW}`, ...LATER_TIMES];

/** What each claim may be; everything else in TEXTS may not. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
  jti: STRINGS,
  lin: STRINGS,
  uid: STRINGS.filter((text) => !text.includes('\\u')),
  created: TIMES,
  luat: TIMES,
  lmat: TIMES,
  auth: TIMES,
  since: [...TIMES, ...LATER_TIMES],
  iat: SECONDS,
  nbf: SECONDS,
  exp: [...SECONDS, ...LATER_SECONDS],
  sessionData: OBJECTS,
  userData: OBJECTS,
  info: OBJECTS,
  life: ['{}'],
};

/** Values that are of the right type, and later than the clock. */
const AHEAD: Readonly<Record<string, readonly string[]>> = {
  created: LATER_TIMES,
  luat: LATER_TIMES,
  lmat: LATER_TIMES,
  auth: LATER_TIMES,
  iat: LATER_SECONDS,
  nbf: LATER_SECONDS,
};

describe('readClaims', () => {
  describe('type of each claim (row 26, jsonwebtoken: exp 1e999, iat string or future, jti object)', () => {
    for (const [name, good] of Object.entries(GOOD)) {
      it(`${name} is taken as ${good.length} of ${TEXTS.length} JSON values, and no other`, () => {
        for (const text of TEXTS) {
          const refused = AHEAD[name]?.includes(text) ? 'not_yet_valid' : 'invalid_claims';
          expect(withClaim(name, text), text).to.equal(good.includes(text) ? 'accepted' : refused);
        }
      });
    }

    it('life is an object of known bounds, each null or a whole number of ms from 1 to 400 days', () => {
      for (const name of ['idleTimeout', 'absoluteTimeout']) {
        for (const text of [...TEXTS, `${LONGEST_LIFE}`, `${LONGEST_LIFE + 1}`]) {
          const good = ['null', '1', '1e3', `${NOW / 1000}`, `${(NOW + SKEW) / 1000}`, `${LONGEST_LIFE}`].includes(
            text,
          );
          expect(withClaim('life', `{"${name}":${text}}`), text).to.equal(good ? 'accepted' : 'invalid_claims');
        }
      }
      for (const text of TEXTS) {
        const good = ['true', 'false'].includes(text);
        expect(withClaim('life', `{"persistent":${text}}`), text).to.equal(good ? 'accepted' : 'invalid_claims');
      }
      expect(withClaim('life', '{"__proto__":{"idleTimeout":1}}')).to.equal('invalid_claims');
    });

    it('jti, created, luat and lmat are required, and all others are not', () => {
      for (const name of ['jti', 'created', 'luat', 'lmat']) {
        for (const payload of [claims(), ALL]) {
          expect(judged(JSON.parse(JSON.stringify({ ...payload, [name]: undefined }))), name).to.equal(
            'invalid_claims',
          );
        }
      }
      expect(judged(ALL)).to.equal('accepted');
      expect(judged(claims())).to.equal('accepted');
      expect(judged(claims({ sub: 'Ada', name: [], admin: true }))).to.equal('accepted');
    });

    it('sub and iss are strings, and every audience of a list is one', () => {
      for (const wrong of [5, null, {}, ['a'], true]) {
        expect(judged(claims({ sub: wrong })), 'sub').to.equal('invalid_claims');
        expect(judged(claims({ iss: wrong })), 'iss').to.equal('invalid_claims');
      }
    });

    it('payload null, array, string or number is none (row 26, RFC 7519 section 7.2 step 10)', () => {
      for (const payload of [null, undefined, [], [claims()], 'text', JSON.stringify(claims()), 5, true]) {
        expect(judged(payload)).to.equal('invalid_claims');
      }
      const storage = storageWith();
      for (const text of TEXTS) expect(openingOf(storage, tokenOf(text)), text).to.equal('invalid_claims');
    });
  });

  describe('times', () => {
    it('no exp: the bounds of the storage still end it (jsonwebtoken: no exp)', () => {
      const clock = new FakeClock(NOW);
      const storage = storageWith({ clock, timeToLive: 5_000, timeoutResolution: 100 });
      const sid = tokenOf(claims());
      clock.set(NOW + 4_999);
      expect(openingOf(storage, sid)).to.equal('opened');
      clock.set(NOW + 5_000);
      expect(openingOf(storage, sid)).to.equal('expired: idle');
    });

    it('exp is when it ends, to the ms, whatever the bounds say; on or after exp it is refused (row 27, jsonwebtoken: exp==now)', () => {
      for (const exp of [NOW / 1000 + 2, NOW / 1000 + 2.25]) {
        const clock = new FakeClock(NOW);
        const storage = storageWith({ clock, timeToLive: 0 });
        const sid = tokenOf(claims({ exp }));
        clock.set(exp * 1000 - 1);
        expect(openingOf(storage, sid)).to.equal('opened');
        clock.set(exp * 1000);
        expect(openingOf(storage, sid)).to.match(/^expired/);
        clock.set(exp * 1000 + 1);
        expect(openingOf(storage, sid)).to.match(/^expired/);
      }
    });

    it('exp has no leeway: clockSkew is for what may lie ahead, never for what is over', () => {
      const clock = new FakeClock(NOW);
      const storage = storageWith({ clock, clockSkew: 300_000 });
      const sid = tokenOf(claims({ exp: NOW / 1000 + 1 }));
      clock.set(NOW + 1_000);
      expect(openingOf(storage, sid)).to.match(/^expired/);
    });

    it('exp of 0 or long ago is over', () => {
      for (const exp of [0, 1, NOW / 1000, NOW / 1000 - 0.001]) {
        expect(openingOf(storageWith({ timeToLive: 0 }), tokenOf(claims({ exp }))), `${exp}`).to.match(/^expired/);
      }
    });

    it('a bound that falls on no whole second holds to the ms, with exp rounded up (row 27)', () => {
      const clock = new FakeClock(NOW + 250);
      const storage = storageWith({ clock, timeToLive: 1_500, timeoutResolution: 100 });
      const sid = storage.create({}).forClient();
      expect(parts(sid).payload).to.deep.include({ exp: NOW / 1000 + 2, iat: NOW / 1000, created: NOW + 250 });
      clock.set(NOW + 1_749);
      expect(openingOf(storage, sid)).to.equal('opened');
      clock.set(NOW + 1_750);
      expect(openingOf(storage, sid)).to.equal('expired: idle');
    });

    it('nbf==now is accepted, and one ms beyond the skew is not (row 27, jsonwebtoken: nbf==now)', () => {
      const storage = storageWith({ clockSkew: 0 });
      expect(openingOf(storage, tokenOf(claims({ nbf: NOW / 1000 })))).to.equal('opened');
      expect(openingOf(storage, tokenOf(claims({ nbf: (NOW + 1) / 1000 })))).to.equal('not_yet_valid');
      const lenient = storageWith({ clockSkew: 300_000 });
      expect(openingOf(lenient, tokenOf(claims({ nbf: (NOW + 300_000) / 1000 })))).to.equal('opened');
      expect(openingOf(lenient, tokenOf(claims({ nbf: (NOW + 300_001) / 1000 })))).to.equal('not_yet_valid');
    });

    it('iat, created, luat and lmat may be ahead by the skew and no further: a lastAccess in the future would never idle out', () => {
      for (const clockSkew of [0, 1_000, 300_000]) {
        const storage = storageWith({ clockSkew });
        const latest = NOW + clockSkew;
        expect(openingOf(storage, tokenOf(claims({ iat: latest / 1000 })))).to.equal('opened');
        expect(openingOf(storage, tokenOf(claims({ iat: (latest + 1) / 1000 })))).to.equal('not_yet_valid');
        for (const name of ['created', 'luat', 'lmat', 'auth']) {
          expect(openingOf(storage, tokenOf(claims({ [name]: latest }))), name).to.equal('opened');
          expect(openingOf(storage, tokenOf(claims({ [name]: latest + 1 }))), name).to.equal('not_yet_valid');
        }
      }
    });

    it('a token from a clock ahead by no more than the skew does not have its lastAccess moved back', () => {
      expect(storageWith().get(tokenOf(claims({ luat: NOW + 1_000 }))).lastAccess).to.equal(NOW + 1_000);
    });

    it('a changed option can only shorten a life, never lengthen it', () => {
      const clock = new FakeClock(NOW);
      const short = storageWith({ clock, timeToLive: 10_000 });
      const long = storageWith({ clock, timeToLive: 1_000_000 });
      const fromShort = short.create({}).forClient();
      const fromLong = long.create({}).forClient();
      clock.set(NOW + 9_999);
      for (const sid of [fromShort, fromLong])
        for (const one of [short, long]) expect(openingOf(one, sid)).to.equal('opened');
      clock.set(NOW + 10_000);
      expect(openingOf(long, fromShort)).to.match(/^expired/);
      expect(openingOf(short, fromLong)).to.match(/^expired/);
      expect(openingOf(long, fromLong)).to.equal('opened');
    });

    it('of a token that never ends stand without exp', () => {
      const clock = new FakeClock(NOW);
      const storage = storageWith({ clock, timeToLive: 0 });
      const sid = storage.create({}).forClient();
      expect(parts(sid).payload).not.to.have.property('exp');
      clock.set(NOW * 2);
      expect(openingOf(storage, sid)).to.equal('opened');
    });
  });

  describe('iss and aud (row 28, RFC 8725 sections 3.8 and 3.9)', () => {
    const expecting: Parties = { issuer: 'https://a.example', audience: 'app' };

    it('are written when configured and pass where they are expected', () => {
      const storage = storageWith(expecting);
      const sid = storage.create({}).forClient();
      expect(parts(sid).payload).to.deep.include({ iss: 'https://a.example', aud: 'app' });
      expect(openingOf(storage, sid)).to.equal('opened');
      const plain = storageWith().create({}).forClient();
      expect(parts(plain).payload).not.to.have.any.keys('iss', 'aud');
    });

    it('iss array, missing, of another case, longer or shorter is wrong_issuer (jsonwebtoken: iss array; CVE-2025-30144)', () => {
      const wrong = [
        undefined,
        null,
        '',
        'https://b.example',
        'https://A.example',
        'https://a.example/',
        'https://a.exampl',
        ' https://a.example',
        'a.example',
      ];
      const odd = [
        ['https://a.example'],
        ['https://b.example', 'https://a.example'],
        { 0: 'https://a.example' },
        {},
        0,
        true,
      ];
      for (const iss of [...wrong, ...odd]) {
        expect(openingOf(storageWith(expecting), tokenOf(claims({ iss, aud: 'app' }))), JSON.stringify(iss)).to.equal(
          'wrong_issuer',
        );
      }
    });

    it('aud missing, wrong, a prefix, of another case or a list without us is wrong_audience', () => {
      const wrong = [
        undefined,
        null,
        '',
        'other',
        'ap',
        'app2',
        'App',
        'APP',
        ' app',
        [],
        ['other'],
        ['App'],
        [['app']],
        [null],
        [{ app: 1 }],
      ];
      for (const aud of [...wrong, { 0: 'app', length: 1 }, { app: true }, 0, true]) {
        const sid = tokenOf(claims({ iss: 'https://a.example', aud }));
        expect(openingOf(storageWith(expecting), sid), JSON.stringify(aud)).to.equal('wrong_audience');
      }
    });

    it('aud may be a list with us in it (RFC 7519 section 4.1.3)', () => {
      for (const aud of ['app', ['app'], ['other', 'app']]) {
        expect(openingOf(storageWith(expecting), tokenOf(claims({ iss: 'https://a.example', aud })))).to.equal(
          'opened',
        );
      }
    });

    it('aud at all is wrong_audience where none is expected: the token is for somebody else', () => {
      for (const aud of ['app', ['app'], [], '', null, 0, {}]) {
        expect(openingOf(storageWith(), tokenOf(claims({ aud }))), JSON.stringify(aud)).to.equal('wrong_audience');
      }
    });

    it('tokens of two storages with one key but different audiences do not pass for one another', () => {
      const web = storageWith({ audience: 'web' });
      const admin = storageWith({ audience: 'admin' });
      expect(openingOf(admin, web.create({}).forClient())).to.equal('wrong_audience');
      expect(openingOf(storageWith(), web.create({}).forClient())).to.equal('wrong_audience');
      expect(openingOf(admin, storageWith().create({}).forClient())).to.equal('wrong_audience');
    });
  });

  describe('__proto__ claim (jsonwebtoken, row 55)', () => {
    it('is a claim like any unknown one: nothing is inherited from it', () => {
      const storage = storageWith();
      const text = (members: string): string => tokenOf(`{${members}}`);
      const good = `"jti":"a","created":${NOW},"luat":${NOW},"lmat":${NOW}`;
      expect(openingOf(storage, text(`"__proto__":{${good}}`))).to.equal('invalid_claims');
      const session = storage.get(text(`${good},"__proto__":{"uid":"admin","sessionData":{"a":1},"info":{"b":1}}`));
      expect(session.uid).to.equal(undefined);
      expect(session.sessionData).to.deep.equal({});
      expect(session.info).to.deep.equal({});
    });

    it('in the data is a property of the data, and pollutes nothing', () => {
      const data =
        '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":{"__proto__":{"polluted":1}}}';
      const members = `"jti":"a","created":${NOW},"luat":${NOW},"lmat":${NOW},"uid":"u1"`;
      const session = storageWith().get(
        tokenOf(`{${members},"sessionData":${data},"userData":${data},"info":${data}}`),
      );
      for (const value of [session.sessionData, session.userData, session.info]) {
        expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
        expect(JSON.stringify(value)).to.equal(data);
        expect(Reflect.get(value, 'polluted')).to.equal(undefined);
      }
      expect(Reflect.get({}, 'polluted')).to.equal(undefined);
      expect(parts(session.save().forClient()).payload).to.deep.include({ sessionData: JSON.parse(data) });
    });
  });

  it('without a user there is no userData, whatever the token says', () => {
    const result = readClaims(claims({ userData: { name: 'n' } }), NOBODY, NOW, SKEW);
    expect(result).to.have.property('userData').that.deep.equals({});
    expect(storageWith().get(tokenOf(claims({ userData: { name: 'n' } }))).userData).to.deep.equal({});
    expect(storageWith().get(tokenOf(claims({ uid: 'u', userData: { name: 'n' } }))).userData).to.deep.equal({
      name: 'n',
    });
  });
});

describe('writeClaims', () => {
  const id = fc.string({ minLength: 1, maxLength: 30 });
  const time = fc.nat(NOW);
  const data = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
  const timeout = fc.constantFrom(undefined, null, 1, 1000, LONGEST_LIFE);

  it('writes what readClaims reads back the same (property)', () => {
    const all = fc.record({
      id,
      lineage: id,
      uid: fc.constantFrom('u1', 'é😀', 'x'.repeat(255)),
      sessionData: data,
      userData: data,
      created: time,
      lastAccess: time,
      lastUpdate: time,
      since: time,
      authenticatedAt: fc.option(time, { nil: undefined }),
      life: fc.option(fc.record({ idleTimeout: timeout, absoluteTimeout: timeout }), { nil: undefined }),
      info: fc.option(data, { nil: undefined }),
      expires: fc.oneof(
        fc.constant(Number.POSITIVE_INFINITY),
        fc.nat(NOW).map((seconds) => seconds * 1000),
      ),
    });
    fc.assert(
      fc.property(all, fc.constantFrom(NOBODY, { issuer: 'i', audience: 'a' }), (given, parties) => {
        const written = JSON.parse(JSON.stringify({ ...given, life: undefined }));
        const result = readClaims(JSON.parse(writeClaims(asClaims(given), parties, NOW)), parties, NOW, SKEW);
        if (result instanceof Refusal) throw new Error(result.reason);
        expect(JSON.parse(JSON.stringify({ ...result, life: undefined }))).to.deep.equal(written);
        expect(result.expires).to.equal(given.expires);
        expect(JSON.stringify(result.life)).to.equal(JSON.stringify(given.life));
      }),
    );
  });

  it('writes exp as a whole number of seconds, rounded up, and iat as one rounded down (defect 5)', () => {
    const base = readClaims(claims(), NOBODY, NOW, SKEW);
    if (base instanceof Refusal) throw new Error(base.reason);
    for (const [expires, exp] of [
      [NOW, NOW / 1000],
      [NOW + 1, NOW / 1000 + 1],
      [NOW + 999, NOW / 1000 + 1],
      [NOW + 1000, NOW / 1000 + 1],
    ] as const) {
      const written: unknown = JSON.parse(writeClaims({ ...base, expires }, NOBODY, NOW + 999));
      expect(written).to.deep.include({ exp, iat: NOW / 1000 });
    }
  });

  it('leaves out what has its default', () => {
    const sid = storageWith().create({}).forClient();
    expect(Object.keys(Object(parts(sid).payload))).to.have.members([
      'jti',
      'iat',
      'exp',
      'sessionData',
      'userData',
      'created',
      'luat',
      'lmat',
    ]);
  });
});

describe('SessionStorage.get judges in one order', () => {
  const clock = new FakeClock(NOW);
  const revocations = new RevocationList({ clock });
  const storage = storageWith({ clock, revocations, issuer: 'i', timeToLive: 5_000 });

  it('size, form, algorithm, signature, claims, revocation, then expiry', async () => {
    clock.set(NOW);
    const session = storage.create({});
    const good = session.forClient();
    const payload = Object(parts(good).payload);
    await storage.revoke({ sid: good });
    const over = { ...payload, luat: NOW - 10_000 };
    expect(openingOf(storage, forge({ as: 'HS384', key: OTHER_SECRET, payload: 'x'.repeat(20_000) }))).to.equal(
      'too_large',
    );
    expect(openingOf(storage, `${forge({ as: 'HS384', key: OTHER_SECRET, payload: over })}=`)).to.equal('malformed');
    expect(openingOf(storage, forge({ as: 'HS384', key: OTHER_SECRET, payload: over }))).to.equal('wrong_algorithm');
    expect(openingOf(storage, forge({ as: 'HS256', key: OTHER_SECRET, payload: over }))).to.equal('bad_signature');
    expect(openingOf(storage, tokenOf({ ...over, iss: 'j', aud: 'a', jti: 5 }))).to.equal('wrong_issuer');
    expect(openingOf(storage, tokenOf({ ...over, aud: 'a', jti: 5 }))).to.equal('wrong_audience');
    expect(openingOf(storage, tokenOf({ ...over, uid: 5 }))).to.equal('invalid_claims');
    expect(openingOf(storage, tokenOf(over))).to.equal('revoked');
    expect(openingOf(storage, tokenOf({ ...over, jti: 'another' }))).to.equal('expired: idle');
  });

  it('says revoked, not expired, of a session that is both', async () => {
    clock.set(NOW);
    const sid = storage.create({}).forClient();
    await storage.revoke({ sid });
    clock.set(NOW + 4_999);
    expect(openingOf(storage, sid)).to.equal('revoked');
    clock.set(NOW + 5_000);
    expect(openingOf(storage, sid)).to.equal('revoked');
  });

  it('expiry is judged by the stored lastAccess, and only then is it moved', () => {
    clock.set(NOW);
    const sid = storage.create({}).forClient();
    clock.set(NOW + 4_999);
    expect(storage.get(sid).lastAccess).to.equal(NOW + 4_999);
    expect(storage.get(sid, { touch: false }).lastAccess).to.equal(NOW);
    clock.set(NOW + 5_000);
    expect(openingOf(storage, sid)).to.equal('expired: idle');
    expect(openingOf(storage, sid)).to.equal('expired: idle');
  });
});

/** Without the entries that are undefined, as the types of this project want it. */
function asClaims(given: Omit<Claims, 'life'> & { readonly life: object | undefined }): Claims {
  const life =
    given.life === undefined
      ? undefined
      : Object.fromEntries(Object.entries(given.life).filter(([, value]) => value !== undefined));
  return { ...given, life };
}
