import { expect } from 'chai';
import sinon from 'sinon';
import {
  MemoryStore,
  type ServerSession,
  type ServerSessionStorage,
  SessionError,
  StoreFull,
  StoreUnavailable,
} from '../../../src/index.js';
import type { FaultyStore, StoreOperation } from '../../../src/testing/faulty-store.js';
import { fakeDeadlines } from '../../support/fake-time.js';
import { errorOf, openingOf, openingsOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { callUntyped, issuedBy } from '../../support/sessions.js';

const DEADLINE = 2_000;

/** Everything that asks a store, by the operation that it needs. */
const WORK: readonly [
  string,
  StoreOperation,
  (storage: ServerSessionStorage, session: ServerSession) => Promise<unknown>,
][] = [
  ['create', 'create', (storage) => storage.create()],
  ['get', 'load', (storage, session) => storage.get(session.forClient())],
  ['commit of a change', 'update', (storage, session) => storage.commit(changed(session))],
  ['commit of a touch', 'touch', (storage, session) => storage.commit(session)],
  ['commit of a new session', 'create', (storage) => storage.commit(storage.blank().setUser('u1'))],
  ['commit of a rotation, creating', 'create', (storage, session) => storage.commit(session.rotate())],
  ['commit of a rotation, retiring', 'retire', (storage, session) => storage.commit(session.rotate())],
  ['commit of a sign-in', 'retire', (storage, session) => storage.commit(session.setUser('u2'))],
  ['commit of a sign-out', 'retire', (storage, session) => storage.commit(session.revoke())],
  [
    'commit of a forced invalidation',
    'deleteOfUser',
    (storage, session) => storage.commit(session.forceInvalidate('AllSessionIdsOfLoggedUser')),
  ],
  ['save', 'update', (_, session) => session.save()],
  ['update', 'update', (_, session) => session.update(() => undefined)],
  ['destroy', 'retire', (_, session) => session.destroy()],
  ['revoke of a session', 'retire', (storage, session) => storage.revoke(session)],
  ['revoke of a user', 'deleteOfUser', (storage) => storage.revoke({ uid: 'u1' })],
  ['revoke of all others', 'deleteOfUser', (storage, session) => storage.revoke({ uid: 'u2', except: session })],
  ['revoke of everyone', 'deleteAll', (storage) => storage.revoke('everyone')],
  ['check', 'load', (storage, session) => storage.check(session)],
  ['listOfUser', 'ofUser', (storage) => storage.listOfUser('u1')],
  ['update of somebody’s', 'update', (storage, session) => storage.update(session, () => undefined)],
  ['sweep', 'sweep', (storage) => storage.sweep()],
  ['ready', 'load', (storage) => storage.ready()],
];

function changed(session: ServerSession): ServerSession {
  session.sessionData['changed'] = true;
  return session;
}

/** A held session of u1, and one of u2, in a store about to fail. */
async function world(options: object = {}) {
  const bench = faultyBench({ timeoutResolution: 0, maxSessionsPerUser: 10, ...options });
  await heldSid(bench.storage, {}, 'u2');
  const sid = await heldSid(bench.storage, { a: 1 }, 'u1');
  bench.clock.advance(1);
  const session = await bench.storage.get(sid);
  bench.store.forgetCalls();
  return { ...bench, sid, session };
}

describe('A store that fails (row 60)', () => {
  guardRejections();

  for (const [what, operation, work] of WORK) {
    it(`makes ${what} StoreUnavailable, with status 503 and the cause`, async () => {
      const { storage, store, session } = await world();
      const cause = new Error('ECONNRESET');
      store.fail(operation, { error: cause });
      const error = await errorOf(() => work(storage, session));
      expect(error).to.be.instanceOf(StoreUnavailable);
      expect(error).to.include({ code: 'ERR_SESSION_STORE_UNAVAILABLE', status: 503, cause });
      expect(store.callsOf(operation).length).to.equal(1);
    });

    it(`passes a typed error of its own through from ${what}`, async () => {
      const { storage, store, session } = await world();
      const full = new StoreFull(5);
      store.fail(operation, { error: full });
      expect(await errorOf(() => work(storage, session))).to.equal(full);
    });
  }

  it('is told from no session: nobody is signed out by an outage', async () => {
    const { storage, store, sid } = await world();
    store.disconnect();
    expect(await errorOf(() => storage.get(sid))).to.be.instanceOf(StoreUnavailable);
    store.heal();
    expect(await openingOf(storage, sid)).to.equal('opened');
  });

  it('never makes an authenticated request out of one that was none', async () => {
    const { storage, store } = await world();
    for (const how of ['rejects', 'hangs'] as const) {
      const time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      try {
        store.disconnect(how);
        const failing = errorOf(() => storage.get('AbCdEfGhIjKlMnOpQrStUvWx'));
        await time.tickAsync(DEADLINE);
        expect(await failing).to.be.instanceOf(StoreUnavailable);
      } finally {
        time.restore();
        store.heal();
      }
    }
  });

  it('that throws before there is a promise is the same', async () => {
    class Throwing extends MemoryStore {
      override load(): never {
        throw new Error('not even a promise');
      }
    }
    const { storage } = serverBench({ store: new Throwing() });
    expect(await errorOf(() => storage.get('AbCdEfGhIjKlMnOpQrStUvWx'))).to.be.instanceOf(StoreUnavailable);
  });

  it('that rejects with what is no Error is the same', async () => {
    const { storage, store, sid } = await world();
    for (const odd of ['text', 5, {}]) {
      callUntyped(store, 'fail', 'load', { error: odd });
      expect(await errorOf(() => storage.get(sid))).to.be.instanceOf(StoreUnavailable);
      store.heal();
    }
  });
});

describe('A store whose answer is none', () => {
  guardRejections();

  it('is asked once, and fails like one that is down', async () => {
    class Odd extends MemoryStore {
      asked = 0;
      override async update(): Promise<'ok'> {
        this.asked += 1;
        return JSON.parse('true');
      }
      override async retire(): Promise<'ok'> {
        this.asked += 1;
        return JSON.parse('null');
      }
    }
    const store = new Odd();
    const { storage } = serverBench({ store });
    const [writing, rotating, ending] = [await storage.create(), await storage.create(), await storage.create()];
    for (const work of [
      () => storage.commit(changed(writing)),
      () => storage.commit(rotating.rotate()),
      () => storage.revoke(ending),
    ]) {
      store.asked = 0;
      expect(await errorOf(work)).to.be.instanceOf(StoreUnavailable);
      expect(store.asked).to.equal(1);
    }
  });
});

describe('A store that never answers (row 60)', () => {
  const time = fakeDeadlines();

  guardRejections();

  for (const [what, operation, work] of WORK) {
    const isJob = operation === 'sweep' || operation === 'deleteAll';
    it(`makes ${what} StoreUnavailable at ${isJob ? 'a minute, as a job over all sessions' : 'the deadline'}`, async () => {
      const { storage, store, session } = await world();
      const gate = store.hold(operation);
      let failure: unknown;
      work(storage, session).catch((error: unknown) => {
        failure = error;
      });
      await gate.reached;
      await time.pass((isJob ? 60_000 : DEADLINE) - 1);
      expect(failure).to.equal(undefined);
      await time.pass(1);
      expect(failure).to.be.instanceOf(StoreUnavailable);
      gate.release();
      await time.pass(1);
      await storage.close();
      expect(time.timers).to.equal(0);
    });
  }

  it('is given up after the deadline that was set', async () => {
    const { storage, store, sid } = await world({ deadline: 150 });
    store.disconnect('hangs');
    const failing = errorOf(() => storage.get(sid));
    await time.pass(150);
    expect(await failing)
      .to.have.property('message')
      .that.includes('150 ms');
  });

  it('fails a late answer away without anybody noticing', async () => {
    const { storage, store, sid } = await world();
    const gate = store.hold('load');
    const failing = errorOf(() => storage.get(sid));
    await time.pass(DEADLINE);
    expect(await failing).to.be.instanceOf(StoreUnavailable);
    store.fail('load', { when: 'after' });
    gate.release();
    await time.pass(1);
  });
});

describe('A write whose answer is lost (row 59)', () => {
  guardRejections();

  /** What a user's sessions look like after a fault, to whoever comes next. */
  async function leftBehind(store: FaultyStore, storage: ServerSessionStorage, sid: string) {
    store.heal();
    const sessions = await storage.listOfUser('u1');
    const opened = await storage.get(sid, { touch: false }).then(
      ({ sessionData }) => sessionData,
      (error: unknown) => (error instanceof SessionError ? error.code : 'a raw error'),
    );
    return { count: sessions.length, opened };
  }

  for (const when of ['before', 'after'] as const) {
    it(`leaves a whole session when update fails ${when} it works`, async () => {
      const { storage, store, session, sid } = await world();
      store.fail('update', { when, times: 1 });
      expect(await errorOf(() => storage.commit(changed(session)))).to.be.instanceOf(StoreUnavailable);
      const expected = when === 'before' ? { a: 1 } : { a: 1, changed: true };
      expect(await leftBehind(store, storage, sid)).to.deep.equal({ count: 1, opened: expected });
      await storage.commit(session);
      expect(await leftBehind(store, storage, sid)).to.deep.equal({ count: 1, opened: { a: 1, changed: true } });
    });

    for (const operation of ['create', 'retire'] as const) {
      it(`leaves the session open by its old sid when a rotation’s ${operation} fails ${when} it works`, async () => {
        const { storage, store, session, sid } = await world();
        store.fail(operation, { when, times: 1 });
        expect(await errorOf(() => storage.commit(session.rotate()))).to.be.instanceOf(StoreUnavailable);
        expect(await leftBehind(store, storage, sid)).to.deep.equal({ count: 1, opened: { a: 1 } });
      });
    }

    it(`leaves the user signed out or not, but whole, when a sign-out’s retire fails ${when} it works`, async () => {
      const { storage, store, session, sid } = await world();
      store.fail('retire', { when, times: 1 });
      expect(await errorOf(() => storage.commit(session.revoke()))).to.be.instanceOf(StoreUnavailable);
      const { opened } = await leftBehind(store, storage, sid);
      expect(opened).to.deep.equal(when === 'before' ? { a: 1 } : 'ERR_SESSION_NOT_FOUND');
    });
  }

  it('signs nobody in whose sign-in failed before the old session was retired', async () => {
    const { storage, store } = await world();
    const sid = await heldSid(storage);
    const session = await storage.get(sid);
    store.fail('retire', { times: 1 });
    expect(await errorOf(() => storage.commit(session.setUser('u3')))).to.be.instanceOf(StoreUnavailable);
    store.heal();
    expect((await storage.get(sid)).uid).to.equal(undefined);
  });

  it('leaves no second session behind when the record of a rotation could be dropped', async () => {
    const { clock, storage, store, session } = await world();
    const { id } = session;
    const gate = store.hold('retire');
    const committing = errorOf(() => storage.commit(session.rotate()));
    await gate.reached;
    // Another request writes, and then the store fails for the one that rotates.
    await store.update(await recordOf(store, id));
    store.fail('load', { times: 1 });
    gate.release();
    expect(await committing).to.be.instanceOf(StoreUnavailable);
    store.heal();
    expect((await store.ofUser('u1', clock.now())).map((record) => record.id)).to.deep.equal([id]);
  });

  it('may leave a spare record that nobody has the sid of, never none', async () => {
    const { clock, storage, store, session, sid } = await world();
    store.fail('retire', { times: 1 });
    store.fail('delete');
    await errorOf(() => storage.commit(session.rotate()));
    store.heal();
    expect((await store.ofUser('u1', clock.now())).length).to.be.within(1, 2);
    expect(await openingOf(storage, sid)).to.equal('opened');
    expect((await storage.listOfUser('u1')).length).to.equal(1);
  });

  it('can be tried again at the next request, after which all is as it should be', async () => {
    const { storage, store, session, sid } = await world();
    store.fail('retire', { times: 1 });
    await errorOf(() => storage.commit(session.setUser('u2')));
    const renewed = await issuedBy(storage.commit((await storage.get(sid)).setUser('u3')));
    expect(await openingsOf(storage, sid, renewed)).to.deep.equal(['superseded', 'opened']);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });
});

describe('A store that is full', () => {
  it('says StoreFull, which is a StoreUnavailable', async () => {
    const store = new MemoryStore({ maxSessions: 2 });
    const full = serverBench({ store }).storage;
    await full.commit(full.blank().setUser('u1'));
    await full.commit(full.blank().setUser('u2'));
    const error = await errorOf(() => full.commit(full.blank().setUser('u3')));
    expect(error).to.be.instanceOf(StoreFull).and.instanceOf(StoreUnavailable);
    expect(error).to.include({ code: 'ERR_SESSION_STORE_FULL', status: 503, limit: 2 });
  });
});
