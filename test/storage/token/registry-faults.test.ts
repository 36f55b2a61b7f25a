import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import {
  MemoryStore,
  RevocationList,
  RevocationsStale,
  SessionRegistry,
  SessionStorage,
  type SessionStorageOptions,
  StoreUnavailable,
} from '../../../src/index.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { FaultyStore } from '../../../src/testing/faulty-store.js';
import { eventsBesidesLoaded } from '../../support/events.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { issuedBy, SECRET } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const GRACE = 4_000;
const DUE = 700_000;

type Options = Partial<SessionStorageOptions<Record<string, unknown>, Record<string, unknown>>>;

function faulty(options: Options = {}) {
  const store = new FaultyStore(new MemoryStore());
  const clock = new FakeClock(NOW);
  const revocations = new RevocationList({ clock, deadline: 50 });
  const shared = { jwtSecret: SECRET, clock, revocations, registry: new SessionRegistry(store), rotationGrace: GRACE };
  const storage = new SessionStorage({ ...shared, ...options });
  const signIn = (): Promise<string> => issuedBy(storage.commit(storage.create().setUser('u1')));
  return { clock, storage, store, revocations, signIn };
}

describe('A registry that fails', () => {
  guardRejections();

  for (const how of ['rejects', 'hangs'] as const) {
    it(`and ${how} refuses a sign-in with StoreUnavailable, and no token of it lives on`, async () => {
      const { storage, store } = faulty();
      const session = storage.create().setUser('u1');
      store.disconnect(how);
      const pending = storage.commit(session);
      const stolen = session.forClient();
      const error = await errorOf(() => pending, StoreUnavailable);
      expect(error.message).not.to.include(session.lineage);
      expect(await openingOf(storage, stolen)).to.equal('revoked');
      expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
      store.heal();
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
    });

    it(`and ${how} refuses to issue a token again, and the one from before stays as good as it was`, async () => {
      const { clock, storage, store, signIn } = faulty();
      const sid = await signIn();
      clock.advance(DUE);
      store.disconnect(how);
      const rotating = storage.get(sid).rotate();
      rotating.sessionData['a'] = 1;
      const renewing = storage.get(sid).forceInvalidate('CurrentSessionId');
      for (const session of [storage.get(sid), rotating, renewing])
        await errorOf(() => storage.commit(session), StoreUnavailable);
      clock.advance(GRACE);
      expect(await openingOf(storage, sid)).to.equal('opened');
      store.heal();
      // The same request can try again.
      const next = storage.get(await issuedBy(storage.commit(rotating)));
      expect(next.sessionData).to.deep.equal({ a: 1 });
      expect(await storage.listOfUser('u1')).to.have.lengthOf(1);
    });

    it(`and ${how} refuses forceInvalidate, which the same request can try again`, async () => {
      const { storage, store, signIn } = faulty();
      const sid = await signIn();
      const session = storage.get(sid).forceInvalidate('CurrentSessionId');
      store.disconnect(how);
      await errorOf(() => storage.commit(session), StoreUnavailable);
      expect(await openingOf(storage, sid)).to.equal('opened');
      store.heal();
      const next = await issuedBy(storage.commit(session));
      expect([await openingOf(storage, sid), await openingOf(storage, next)]).to.deep.equal(['superseded', 'opened']);
      expect((await storage.listOfUser('u1')).map(({ id }) => id)).to.deep.equal([storage.get(next).id]);
    });

    it(`and ${how} keeps nobody signed in`, async () => {
      const { storage, store, signIn } = faulty();
      const [first, second, third] = [await signIn(), await signIn(), await signIn()];
      store.disconnect(how);
      expect(await outcomeOf(storage.commit(storage.get(first).revoke()))).to.equal('ended');
      expect(await storage.revoke({ sid: second })).to.deep.equal({ ended: 1, guarantee: 'process' });
      await storage.revoke({ uid: 'u1' });
      expect(await openingOf(storage, third)).to.equal('revoked');
      store.heal();
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
    });

    it(`and ${how} rejects listOfUser`, async () => {
      const { storage, store } = faulty();
      store.disconnect(how);
      await errorOf(() => storage.listOfUser('u1'), StoreUnavailable);
    });
  }

  it('after it wrote the record of a sign-in lists no such session', async () => {
    const { storage, store } = faulty();
    store.fail('create', { when: 'after' });
    const session = storage.create().setUser('u1');
    await errorOf(() => storage.commit(session), StoreUnavailable);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
    expect(await outcomeOf(storage.commit(storage.create()))).to.equal('issued');
  });

  it('gives the client of a failed sign-in a new session to sign in with', async () => {
    const { storage, store } = faulty();
    const anonymous = await issuedBy(storage.commit(storage.create({ cart: 1 })));
    store.fail('create', { times: 1 });
    await errorOf(() => storage.commit(storage.get(anonymous).setUser('u1')), StoreUnavailable);
    expect(await errorOf(() => storage.get(anonymous))).to.include({ reason: 'superseded', withinGrace: false });
  });
});

describe('Sessions of a registry that end meanwhile', () => {
  guardRejections();

  it('sign-ins under way when all sessions of the user end are not issued, and not listed', async () => {
    const { storage, store } = faulty();
    const gate = store.hold('create');
    const session = storage.create().setUser('u1');
    const pending = storage.commit(session);
    await gate.reached;
    await storage.revoke({ uid: 'u1' });
    gate.release();
    store.heal();
    expect(await outcomeOf(pending)).to.equal('withheld');
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
    expect(await store.ofUser('u1', NOW)).to.deep.equal([]);
  });

  it('sign-ins after all sessions of the user ended live and are listed, even while records are being removed', async () => {
    const { storage, store, signIn } = faulty();
    await signIn();
    const gate = store.hold('retire');
    let isDone = false;
    const revoking = storage.revoke({ uid: 'u1' }).then(() => {
      isDone = true;
    });
    await gate.reached;
    const sid = await signIn();
    expect(isDone, 'revoke waits for the records').to.equal(false);
    gate.release();
    await revoking;
    expect(await openingOf(storage, sid)).to.equal('opened');
    expect((await storage.listOfUser('u1')).map(({ lineage }) => lineage)).to.deep.equal([storage.get(sid).lineage]);
  });

  for (const [what, prepare] of [
    ['issued again', (storage, sid) => storage.get(sid)],
    ['rotated', (storage, sid) => storage.get(sid).rotate()],
    ['renewed', (storage, sid) => storage.get(sid).forceInvalidate('CurrentSessionId')],
  ] satisfies readonly (readonly [
    string,
    (storage: SessionStorage, sid: string) => ReturnType<SessionStorage['get']>,
  ])[]) {
    it(`a token that is being ${what} when its session ends is not issued, and the session is not listed`, async () => {
      const { clock, storage, store, signIn } = faulty();
      const sid = await signIn();
      clock.advance(DUE);
      const gate = store.hold('all');
      const pending = storage.commit(prepare(storage, sid));
      await gate.reached;
      store.heal();
      await storage.revoke({ sid });
      gate.release();
      expect(await outcomeOf(pending)).to.equal('withheld');
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
      expect(await openingOf(storage, sid)).to.equal('revoked');
    });
  }

  it('a late request that asks to end all sessions does so, though its own session has ended', async () => {
    const { clock, storage, store, signIn } = faulty();
    const [sid, other] = [await signIn(), await signIn()];
    const gate = store.hold('load');
    const pending = storage.commit(storage.get(sid).forceInvalidate('AllSessionIdsOfLoggedUser'));
    await gate.reached;
    store.heal();
    await storage.commit(storage.get(sid).rotate());
    gate.release();
    clock.advance(1);
    expect(await outcomeOf(pending)).to.equal('ended');
    expect(await openingOf(storage, other)).to.equal('revoked');
    expect(await store.ofUser('u1', NOW)).to.deep.equal([]);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });

  it('of two rotations at once, one gets a token', async () => {
    const { storage, signIn } = faulty();
    const sid = await signIn();
    const results = await Promise.all([1, 2, 3].map(() => storage.commit(storage.get(sid).rotate())));
    expect(results.map(({ outcome }) => outcome).sort()).to.deep.equal(['issued', 'withheld', 'withheld']);
  });

  it('a process that does not know of the end yet, and cannot know by the list, issues nothing', async () => {
    const log = new FaultyLog();
    const lists = [new RevocationList({ log }), new RevocationList({ log })];
    const registry = new SessionRegistry(new MemoryStore());
    const clock = new FakeClock(NOW);
    const [first, second] = lists.map(
      (revocations) => new SessionStorage({ jwtSecret: SECRET, clock, revocations, registry }),
    );
    if (first === undefined || second === undefined) throw new Error('no storages');
    await Promise.all([first.ready(), second.ready()]);
    const sid = await issuedBy(first.commit(first.create().setUser('u1')));
    log.reading = 'stalls';
    await second.revoke({ sid });
    clock.advance(DUE);
    const session = first.get(sid);
    session.sessionData['a'] = 1;
    const emitted = eventsBesidesLoaded(first);
    expect(await outcomeOf(first.commit(session))).to.equal('withheld');
    expect(emitted.map(([name]) => name)).to.deep.equal(['refused-late-save']);
    for (const one of [first, second]) await one.close();
    for (const list of lists) await list.close();
  });

  it('listOfUser is as strict about a stale list as get', async () => {
    const log = new FaultyLog({ reading: 'stalls' });
    const revocations = new RevocationList({ log });
    const { storage } = faulty({ revocations });
    await errorOf(() => storage.listOfUser('u1'), RevocationsStale);
    await revocations.close();
  });

  it('reuse removes the record, too', async () => {
    const { clock, storage, store, signIn } = faulty({ onReuse: 'revoke' });
    const sid = await signIn();
    await issuedBy(storage.commit(storage.get(sid).rotate()));
    clock.advance(GRACE);
    expect(await openingOf(storage, sid)).to.equal('superseded');
    while ((await store.ofUser('u1', NOW)).length > 0) await nextTurn();
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });
});
