import { expect } from 'chai';
import express from 'express';
import * as copy from 'sessions-jwt';
import { activateSessions } from '../../src/adapters/express.js';
import * as own from '../../src/index.js';
import { signInAs, storeSuite } from '../../src/testing/index.js';
import { cookiesOf } from '../support/answers.js';
import { ask, guardProcess, serve } from '../support/deferred-head.js';
import { errorOf } from '../support/outcomes.js';
import { SECRET } from '../support/sessions.js';

// A bundler, hot reloading or npm may leave two copies in one process: here the sources, and the built package.

/** Storages of the other copy. */
const kinds = {
  tokens: () => new copy.SessionStorage({ jwtSecret: SECRET, revocations: new copy.RevocationList() }),
  'a store': () => new copy.ServerSessionStorage({ store: new copy.MemoryStore(), sweepInterval: null }),
};

const STALE = ['abcdefghijklmnopqrstuvwx', 'eyJhbGciOiJIUzUxMiJ9.e30.AAAA'];

describe('two copies of the package in one process', () => {
  it('are two', () => {
    expect(copy.SessionNotFound).not.to.equal(own.SessionNotFound);
    expect(copy.SessionModel).not.to.equal(own.SessionModel);
  });

  for (const [kind, storageOf] of Object.entries(kinds)) {
    describe(`the middleware of one and ${kind} of the other`, () => {
      guardProcess();

      const serving = async (create: 'lazy' | 'never') => {
        const sessionStorage = storageOf();
        const sessions = Reflect.apply(activateSessions, undefined, [
          { sessionStorage, cookie: true, header: true, create },
        ]);
        const app = express().use(sessions);
        app.get('/', ({ session }, response) => response.json(session?.uid ?? null));
        app.get('/assign', async (request, response) => {
          Reflect.set(request, 'session', (await sessionStorage.create()).setUser('u2'));
          response.end();
        });
        return { sessionStorage, port: await serve(app) };
      };

      it('take a stale credential for none', async () => {
        const { port } = await serving('lazy');
        for (const sid of STALE) {
          for (const headers of [{ cookie: `sid=${sid}` }, { 'x-session-id': sid }]) {
            const { status, text } = await ask(port, { headers });
            expect([status, text]).to.deep.equal([200, 'null']);
          }
        }
      });

      it("assign a session, with create: 'never'", async () => {
        const { sessionStorage, port } = await serving('never');
        const [sid] = cookiesOf(await ask(port, { path: '/assign' }));
        expect((await sessionStorage.get(sid)).uid).to.equal('u2');
      });

      it('sign in for tests', async () => {
        const { sessionStorage, port } = await serving('lazy');
        const { headers } = await Reflect.apply(signInAs, undefined, [sessionStorage, 'u1', {}]);
        expect((await ask(port, { headers })).text).to.equal('"u1"');
      });
    });
  }

  it('share a revocation list', async () => {
    const revocations = new copy.RevocationList();
    const storage = Reflect.construct(own.SessionStorage, [{ jwtSecret: SECRET, revocations }]);
    const sid = storage.create().setUser('u1').forClient();
    await storage.revoke({ uid: 'u1' });
    expect(await errorOf(() => storage.get(sid))).to.include({ reason: 'revoked' });
  });

  it('share a registry', async () => {
    const registry = new copy.SessionRegistry(new copy.MemoryStore());
    expect(registry).to.be.instanceOf(own.SessionRegistry);
    const revocations = new own.RevocationList();
    const storage = Reflect.construct(own.SessionStorage, [{ jwtSecret: SECRET, revocations, registry }]);
    await storage.commit(storage.create().setUser('u1'));
    expect(await storage.listOfUser('u1')).to.have.lengthOf(1);
    await storage.close();
  });

  it('tell a full store from one that failed', async () => {
    const store = new copy.MemoryStore({ maxSessions: 1 });
    const storage = new own.ServerSessionStorage({ store, sweepInterval: null });
    await (await storage.create()).setUser('u1').save();
    const error = await errorOf(() => storage.create());
    expect(error).to.be.instanceOf(own.StoreFull).and.instanceOf(copy.StoreFull);
    expect(error).to.include({ code: 'ERR_SESSION_STORE_FULL', limit: 1 });
  });

  storeSuite({
    runner: { describe, it, before, after },
    name: 'the MemoryStore of another copy',
    open: async () => new copy.MemoryStore(),
  });
});

describe('instanceof of an error of another copy', () => {
  const errors = {
    SessionNotFound: new copy.SessionNotFound('sid', { reason: 'revoked' }),
    SessionExpired: new copy.SessionExpired('sid', { reason: 'idle' }),
    SessionEnded: new copy.SessionEnded('revoked'),
    SessionHeadSent: new copy.SessionHeadSent('setUser'),
    SessionDataInvalid: new copy.SessionDataInvalid('sessionData', 'refused'),
    SessionTooLarge: new copy.SessionTooLarge('cookie', 5_000, 4_096),
    SessionAlreadyExists: new copy.SessionAlreadyExists(),
    StoreUnavailable: new copy.StoreUnavailable('down'),
    StoreFull: new copy.StoreFull(1),
    RevocationsStale: new copy.RevocationsStale(2, 1),
  };
  const classes = Object.entries(own).filter(([name]) => name in errors || name === 'SessionError');

  it('is known for every class', () => {
    expect(classes.map(([name]) => name)).to.have.members([...Object.keys(errors), 'SessionError']);
  });

  for (const [name, error] of Object.entries(errors)) {
    it(`holds for ${name} and the classes above it`, () => {
      const above = classes.filter(([, one]) => typeof one === 'function' && error instanceof one).map(([own]) => own);
      const chain: string[] = [];
      for (let at = Object.getPrototypeOf(error); at !== Error.prototype; at = Object.getPrototypeOf(at))
        chain.push(at.constructor.name);
      expect(above).to.have.members(chain);
    });
  }

  it('does not hold for what looks like one, nor for a subclass of the application', () => {
    class Mine extends own.SessionNotFound {}
    expect(new copy.SessionNotFound('sid')).not.to.be.instanceOf(Mine);
    expect(new own.SessionNotFound('sid')).not.to.be.instanceOf(Mine);
    expect(new Mine('sid')).to.be.instanceOf(Mine).and.instanceOf(copy.SessionNotFound);
    for (const value of [
      undefined,
      null,
      'SessionNotFound',
      { name: 'SessionNotFound' },
      new Error('session not found'),
    ])
      expect(value instanceof own.SessionNotFound).to.equal(false);
  });
});
