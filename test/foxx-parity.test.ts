import { expect } from 'chai';
import express, { type Request, type Response } from 'express';
import { activateSessions } from '../src/adapters/express.js';
import {
  RevocationList,
  SessionExpired,
  SessionNotFound,
  SessionStorage,
  type SessionStorageOptions,
  SessionTooLarge,
} from '../src/index.js';
import { FakeClock } from '../src/testing/fake-clock.js';
import { type Answer, ask, guardProcess, serve } from './support/deferred-head.js';
import { forge, parts } from './support/forge.js';
import { RSA, SECRET } from './support/keys.js';
import { errorOf, openingOf } from './support/outcomes.js';
import { claims, NOW, untypedStorage } from './support/token-fixtures.js';
import { parsed } from './support/transports.js';

type Data = Record<string, unknown>;

const WEEK = 604_800_000;

function storageWith(options: Partial<SessionStorageOptions<Data, Data>> = {}): SessionStorage<Data, Data> {
  return new SessionStorage<Data, Data>({ jwtSecret: SECRET, clock: new FakeClock(NOW), ...options });
}

/** A token that other tools made with the right key: HS512 is the default of the storage. */
function tokenOf(payload: unknown): string {
  return forge({ as: 'HS512', key: SECRET, payload });
}

type Activation = Omit<Parameters<typeof activateSessions>[0], 'sessionStorage'>;

/** An Express application with sessions; `/in`, `/out` and `/grow` change them, anything else tells who is there. */
async function shop(storage: SessionStorage<Data, Data>, options: Activation = { cookie: true }): Promise<number> {
  const app = express();
  const sessions = activateSessions({ ...options, sessionStorage: storage, create: 'lazy' });
  app.use(sessions);
  app.use((request: Request, response: Response) => {
    const session = sessions.of(request);
    if (request.path === '/in') session.setUser('u1');
    if (request.path === '/out') session.revoke();
    if (request.path === '/grow') session.sessionData['text'] = 'x'.repeat(5_000);
    if (request.path === '/count') session.sessionData['count'] = Number(session.sessionData['count'] ?? 0) + 1;
    response.json({ uid: session.uid ?? null, count: session.sessionData['count'] ?? 0 });
  });
  app.use((error: unknown, _request: Request, response: Response, _next: () => void) => {
    response.status(error instanceof SessionTooLarge ? error.status : 599).json({ error: String(Object(error).code) });
  });
  return await serve(app);
}

/** The one Set-Cookie line of an answer. */
function cookieOf(answer: Answer) {
  const lines = answer.headers['set-cookie'] ?? [];
  expect(lines).to.have.length(1);
  return parsed(lines[0]);
}

describe('SessionStorage where the JWT sessions of Foxx fall short', () => {
  guardProcess();

  it('checks expiry before it moves lastAccess, so that an idle session expires', () => {
    const clock = new FakeClock(NOW);
    const storage = storageWith({ clock });
    expect(storage.expiry.lastAccess).to.equal(WEEK);
    const sid = storage.create({}).forClient();
    clock.set(NOW + WEEK - 1);
    expect(storage.get(sid).lastAccess).to.equal(NOW + WEEK - 1);
    clock.set(NOW + WEEK);
    for (let times = 0; times < 3; times += 1) {
      const error = errorOf(() => storage.get(sid));
      expect(error).to.be.instanceOf(SessionExpired).and.instanceOf(SessionNotFound).with.property('reason', 'idle');
    }
    clock.set(NOW);
    const renewed = storage.get(sid).save().forClient();
    clock.set(NOW + WEEK);
    expect(openingOf(storage, renewed)).to.equal('expired: idle');
  });

  it('gives errors the sid, and shows it in no message, stack or JSON', () => {
    const clock = new FakeClock(NOW);
    const storage = storageWith({ clock });
    const sid = storage.create({}).forClient();
    clock.set(NOW + WEEK);
    for (const [given, name] of [
      ['junk', 'SessionNotFound'],
      [sid, 'SessionExpired'],
      [undefined, 'SessionNotFound'],
    ] as const) {
      const error = errorOf(() => storage.get(given));
      expect(error).to.be.instanceOf(SessionNotFound);
      expect(error).to.have.property('sessionId', given);
      expect(error).to.have.property('name', name);
      expect(error.message).not.to.contain('undefined');
      // Given back to who asks for it, and to no log.
      expect(`${error.stack} ${JSON.stringify(error)}`).not.to.contain(sid);
    }
    expect(new storage.errors.SessionNotFound('a sid')).to.have.property('sessionId', 'a sid');
    expect(new storage.errors.SessionExpired('a sid'))
      .to.be.instanceOf(SessionNotFound)
      .with.property('sessionId', 'a sid');
  });

  it('verifies with the configured algorithm only, whatever the header says, and needs a secret', () => {
    for (const jwtAlgorithm of ['HS256', 'HS384', 'HS512'] as const) {
      const storage = storageWith({ jwtAlgorithm });
      for (const as of ['HS256', 'HS384', 'HS512'] as const) {
        const expected = as === jwtAlgorithm ? 'opened' : 'wrong_algorithm';
        expect(openingOf(storage, forge({ as, key: SECRET, payload: claims() }))).to.equal(expected);
      }
      for (const alg of ['none', 'None', 'nOnE']) {
        expect(openingOf(storage, forge({ as: 'none', header: { alg }, payload: claims() }))).to.equal(
          'wrong_algorithm',
        );
      }
    }
    for (const options of [{}, { jwtSecret: undefined }, { jwtSecret: '' }, { jwtSecret: [] }, { jwtSecret: null }]) {
      expect(() => untypedStorage(options)).to.throw(TypeError, 'jwtSecret');
    }
    const unsigned = storageWith({ jwtAlgorithm: 'none', jwtSecret: undefined });
    expect(openingOf(unsigned, forge({ as: 'HS256', key: SECRET, payload: claims() }))).to.equal('wrong_algorithm');
  });

  it('checks every option when it is constructed', async () => {
    for (const [name, value] of [
      ['ttlType', 'lastaccess'],
      ['ttlType', null],
      ['timeToLive', '604800000'],
      ['timeToLive', -1],
      ['jwtAlgorithm', 'HS1024'],
      ['jwtSecret', undefined],
      ['jwtSecret', {}],
      ['jwtSecret', RSA.publicKey],
    ] as const) {
      expect(() => untypedStorage({ jwtSecret: SECRET, [name]: value }), name).to.throw(TypeError, name);
    }
    expect(() => untypedStorage({ jwtSecret: SECRET, jwtAlgoritm: 'HS256' })).to.throw(TypeError, '"jwtAlgoritm"');
    expect(() => storageWith({ jwtSecret: RSA.publicKey, jwtAlgorithm: 'RS256' }).create({}).forClient()).to.throw(
      TypeError,
      'cannot issue',
    );
    const activate = (options: unknown): unknown => Reflect.apply(activateSessions, undefined, [options]);
    const sessionStorage = storageWith();
    for (const wrong of [
      { cookie: 5 },
      { cookie: { nam: 'sid' } },
      { header: 'a b' },
      { cookie: 'a=b' },
      { cokie: true },
      { cookie: true, create: 'now' },
    ]) {
      expect(() => activate({ sessionStorage, ...wrong }), JSON.stringify(wrong)).to.throw(TypeError);
    }
    for (const wrong of [undefined, null, {}, 'secret']) {
      expect(() => activate({ sessionStorage: wrong, cookie: true })).to.throw(TypeError, 'sessionStorage');
    }
  });

  it('writes iat and exp in seconds, and an unguessable jti', () => {
    const clock = new FakeClock(NOW + 999);
    const session = storageWith({ clock }).create({});
    const { payload } = parts(session.forClient());
    expect(payload).to.deep.include({ iat: NOW / 1000, exp: NOW / 1000 + 604_801, jti: session.id });
    expect(session.id).to.match(/^[A-Za-z0-9_-]{24}$/);
  });

  it('gives each refused token its own reason, and passes bugs on', () => {
    const storage = storageWith();
    const [header = '', payload = ''] = storage.create({}).forClient().split('.');
    const error = errorOf(() => storage.get(`${header}.${payload}.${'A'.repeat(86)}`));
    expect(error).to.include({ name: 'SessionNotFound', reason: 'bad_signature', code: 'ERR_SESSION_NOT_FOUND' });
    const reasons = [undefined, 'junk', tokenOf({}), tokenOf({ ...claims(), aud: 'a' })].map((sid) =>
      openingOf(storage, sid),
    );
    expect(reasons).to.deep.equal(['missing', 'malformed', 'invalid_claims', 'wrong_audience']);
    // A bug elsewhere stays what it is.
    const bug = new RangeError('a bug in the clock');
    const broken = storageWith({
      clock: {
        now: () => {
          throw bug;
        },
      },
    });
    expect(errorOf(() => broken.get('junk'))).to.equal(bug);
  });

  it('refuses a time that is missing or no number', () => {
    for (const ttlType of ['created', 'lastAccess', 'lastUpdate'] as const) {
      const storage = storageWith({ ttlType });
      expect(openingOf(storage, tokenOf(claims()))).to.equal('opened');
      for (const name of ['created', 'luat', 'lmat']) {
        for (const value of [undefined, null, 'now', String(NOW), '', true, {}, [NOW], -1, 0.5, 1e308]) {
          expect(openingOf(storage, tokenOf(claims({ [name]: value }))), `${name} ${value}`).to.equal('invalid_claims');
        }
      }
      for (const iat of [null, 'now', true, [1], -1])
        expect(openingOf(storage, tokenOf(claims({ iat })))).to.equal('invalid_claims');
      expect(openingOf(storage, tokenOf('{"jti":"a","created":1e999,"luat":1e999,"lmat":1e999}'))).to.equal(
        'invalid_claims',
      );
    }
    const clock = new FakeClock(NOW);
    const storage = storageWith({ clock, ttlType: 'created' });
    const sid = tokenOf(claims({ iat: undefined }));
    for (const time of [NOW, NOW + WEEK - 1]) {
      clock.set(time);
      expect(storage.get(sid).created).to.equal(NOW);
    }
    clock.set(NOW + WEEK);
    expect(openingOf(storage, sid)).to.equal('expired: absolute');
  });

  it('refuses claims of a wrong type although they are signed', () => {
    const storage = storageWith();
    for (const [name, values] of Object.entries({
      jti: [5, '', null, {}, ['a']],
      uid: [5, '', null, {}, ['u1'], true],
      sessionData: ['text', 5, null, [], true],
      userData: ['text', 5, null, [], true],
      exp: ['1', null, {}, true],
    })) {
      for (const value of values) {
        const sid = tokenOf(claims({ uid: 'u1', [name]: value }));
        expect(openingOf(storage, sid), `${name} ${JSON.stringify(value)}`).to.equal('invalid_claims');
      }
    }
    for (const payload of ['[]', 'null', '"text"', '5', 'text'])
      expect(openingOf(storage, tokenOf(payload))).to.equal('invalid_claims');
  });

  it('leaves uid undefined after setUser(null), before and after a round trip', () => {
    const storage = storageWith();
    for (const nobody of [null, false] as const) {
      const session = storage.create({}).setUser('u1', { name: 'n' }).setUser(nobody);
      const again = storage.get(session.save().forClient());
      for (const one of [session, again, storage.get(again.save().forClient())]) {
        expect(one.uid).to.equal(undefined);
        expect(one.get('uid')).to.equal(undefined);
        expect(one.has('uid')).to.equal(false);
        expect(one.userData).to.deep.equal({});
      }
      expect(parts(session.forClient()).payload).not.to.have.property('uid');
    }
  });

  describe('over Express', () => {
    it('ends a session before its time', async () => {
      const clock = new FakeClock(NOW);
      const storage = storageWith({ clock, revocations: new RevocationList({ clock }) });
      const port = await shop(storage);
      const { value } = cookieOf(await ask(port, { path: '/in' }));
      const headers = { cookie: `sid=${value}` };
      expect((await ask(port, { headers })).text).to.equal('{"uid":"u1","count":0}');
      await ask(port, { path: '/out', headers });
      expect((await ask(port, { headers })).text).to.equal('{"uid":null,"count":0}');
      expect(openingOf(storage, value)).to.equal('revoked');
    });

    it('makes a new sid when the user changes, and the old one opens nothing', async () => {
      const clock = new FakeClock(NOW);
      const storage = storageWith({ clock, revocations: new RevocationList({ clock }) });
      const port = await shop(storage);
      const before = cookieOf(await ask(port, { path: '/count' })).value;
      const after = cookieOf(await ask(port, { path: '/in', headers: { cookie: `sid=${before}` } })).value;
      expect(Object(parts(after).payload).jti).not.to.equal(Object(parts(before).payload).jti);
      expect(openingOf(storage, before)).to.equal('superseded');
      expect(storage.get(after).uid).to.equal('u1');
    });

    it('fails with SessionTooLarge for what no cookie can carry, and sends nothing', async () => {
      const port = await shop(storageWith());
      const answer = await ask(port, { path: '/grow' });
      expect([answer.status, answer.text]).to.deep.equal([500, '{"error":"ERR_SESSION_TOO_LARGE"}']);
      expect(answer.headers['set-cookie']).to.equal(undefined);
    });

    it('sets the cookie HttpOnly, SameSite=Lax, without Domain, and Secure on request', async () => {
      const port = await shop(storageWith());
      const cookie = cookieOf(await ask(port, { path: '/in' }));
      expect(cookie).to.include({
        key: 'sid',
        httpOnly: true,
        sameSite: 'lax',
        path: '/',
        domain: null,
        secure: false,
      });
      const secure = await shop(storageWith(), { cookie: { secure: true } });
      expect(cookieOf(await ask(secure, { path: '/in' }))).to.include({ httpOnly: true, secure: true });
    });
  });

  it('refuses to be activated with neither cookie nor header', () => {
    const sessionStorage = storageWith();
    for (const neither of [{}, { cookie: false, header: false }, { cookie: undefined, header: undefined }] as const) {
      expect(() => activateSessions({ sessionStorage, ...neither })).to.throw(
        TypeError,
        'neither cookie nor header is set',
      );
    }
    for (const one of [{ cookie: true }, { header: true }, { cookie: 'a', header: false }] as const) {
      expect(() => activateSessions({ sessionStorage, ...one })).not.to.throw();
    }
  });

  describe('where the middleware of ArangoDB 3 failed', () => {
    it('uses the same transports on each request', async () => {
      const options = Object.freeze({ cookie: Object.freeze({ name: 'c' }), header: Object.freeze({ name: 'X-S' }) });
      const port = await shop(storageWith(), options);
      let sid = '';
      for (let times = 1; times <= 3; times += 1) {
        const byCookie = await ask(port, { path: '/count', headers: sid === '' ? {} : { cookie: `c=${sid}` } });
        expect(byCookie.text).to.equal(`{"uid":null,"count":${times * 2 - 1}}`);
        expect(byCookie.headers['x-s']).to.equal(undefined);
        const byHeader = await ask(port, { path: '/count', headers: { 'X-S': cookieOf(byCookie).value } });
        expect(byHeader.text).to.equal(`{"uid":null,"count":${times * 2}}`);
        expect(byHeader.headers['set-cookie']).to.equal(undefined);
        sid = String(byHeader.headers['x-s']);
      }
    });

    it('clears cookie and header at sign-out', async () => {
      const clock = new FakeClock(NOW);
      const port = await shop(storageWith({ clock, revocations: new RevocationList({ clock }) }), {
        cookie: true,
        header: true,
      });
      const { value } = cookieOf(await ask(port, { path: '/in' }));
      const answer = await ask(port, { path: '/out', headers: { cookie: `sid=${value}` } });
      expect(answer.status).to.equal(200);
      expect(cookieOf(answer)).to.include({ key: 'sid', value: '', maxAge: 0, path: '/', httpOnly: true });
      expect(answer.headers['x-session-id']).to.equal('');
    });

    it('serves a request with a bad token, without a session', async () => {
      const port = await shop(storageWith(), { cookie: true, header: true });
      const foreign = storageWith({ jwtSecret: 'another secret'.repeat(6) })
        .create({})
        .setUser('u1')
        .forClient();
      const payloadNull = forge({ as: 'HS512', key: SECRET, header: { alg: 'HS512', typ: 'JWT' }, payload: 'null' });
      for (const bad of [
        'junk',
        'a.b.c',
        '{}',
        'undefined',
        foreign,
        payloadNull,
        tokenOf('text'),
        tokenOf({}),
        '%00',
        'é',
      ]) {
        const sid = Buffer.from(bad).toString('latin1');
        for (const headers of [{ cookie: `sid=${sid}` }, { 'X-Session-Id': sid }]) {
          const answer = await ask(port, { headers });
          expect([answer.status, answer.text], bad).to.deep.equal([200, '{"uid":null,"count":0}']);
        }
      }
    });

    it('gives Max-Age and exp in seconds, and getTTL() in ms', async () => {
      const clock = new FakeClock(NOW);
      const storage = storageWith({ clock, timeToLive: 90_000 });
      const answer = await ask(await shop(storage), { path: '/in' });
      const cookie = cookieOf(answer);
      expect(cookie.maxAge).to.equal(90);
      expect(Object(parts(cookie.value).payload).exp).to.equal(NOW / 1000 + 90);
      expect(storage.get(cookie.value).getTTL()).to.equal(90_000);
      clock.set(NOW + 89_999);
      expect(openingOf(storage, cookie.value)).to.equal('opened');
      clock.set(NOW + 90_000);
      expect(openingOf(storage, cookie.value)).to.equal('expired: idle');
    });
  });
});
