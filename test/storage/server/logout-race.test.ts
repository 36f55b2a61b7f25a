import { expect } from 'chai';
import { type ServerSession, type ServerSessionStorage, SessionEnded, StoreUnavailable } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';

/** How a session ends while a request of its own is under way. */
const ENDS: readonly [string, (storage: ServerSessionStorage, sid: string) => Promise<unknown>][] = [
  ['a sign-out in another request', async (storage, sid) => await storage.commit((await storage.get(sid)).revoke())],
  ['destroy', async (storage, sid) => await (await storage.get(sid)).destroy()],
  ['revoke by sid', async (storage, sid) => await storage.revoke({ sid })],
  ['revoke of its user', async (storage) => await storage.revoke({ uid: 'u1' })],
  ['revoke of everyone', async (storage) => await storage.revoke('everyone')],
  ['delete', async (storage, sid) => await storage.delete(sid)],
  [
    'forced invalidation from another session of the user',
    async (storage) => {
      const other = await storage.get(await heldSid(storage, {}, 'u1'));
      await storage.commit(other.forceInvalidate('AllSessionIdsOfLoggedUser'));
    },
  ],
  [
    'another user in another request',
    async (storage, sid) => await storage.commit((await storage.get(sid)).setUser('u2')),
  ],
];

/** What the late request does; each changes something that a blind write would bring back. */
const LATE: readonly [string, (session: ServerSession) => unknown, (session: ServerSession) => Promise<unknown>][] = [
  ['save', (session) => Object.assign(session.sessionData, { late: 1 }), (session) => session.save()],
  ['an empty save', () => undefined, (session) => session.save()],
  ['rotate', (session) => session.rotate(), (session) => session.save()],
  ['setUser of the same user', (session) => session.setUser('u1'), (session) => session.save()],
  ['setUser of another', (session) => session.setUser('u3'), (session) => session.save()],
  ['regenerate', (session) => session.regenerate(), (session) => session.save()],
  [
    'update',
    () => undefined,
    (session) =>
      session.update((data) => {
        data['late'] = 1;
      }),
  ],
  ['setLifetime', (session) => session.setLifetime({ idleTimeout: 1_000 }), (session) => session.save()],
];

describe('A session that ended while a request of its own was under way (row 10)', () => {
  guardRejections();

  for (const [end, carryOut] of ENDS) {
    for (const [what, change, write] of LATE) {
      it(`is not brought back by ${what} after ${end}`, async () => {
        const { clock, storage, store } = serverBench({ rotationGrace: 10_000 });
        const sid = await heldSid(storage, { a: 1 }, 'u1');
        const [saving, committing] = [await storage.get(sid), await storage.get(sid)];
        await carryOut(storage, sid);
        const before = (await Promise.all(['u1', 'u2', 'u3'].map((uid) => store.ofUser(uid, clock.now())))).flat();
        // Then no trace of the session is left, so that the store may as well have lost it: a sign-in says so.
        const isLost = end === 'revoke of everyone' && what === 'setUser of another';
        await change(saving);
        expect(await errorOf(() => write(saving))).to.be.instanceOf(isLost ? StoreUnavailable : SessionEnded);
        expect(() => saving.forClient()).to.throw(SessionEnded);
        await change(committing);
        if (what === 'update') committing.sessionData['late'] = 1;
        const expected = what === 'an empty save' ? 'unchanged' : 'withheld';
        if (isLost) expect(await errorOf(() => storage.commit(committing))).to.be.instanceOf(StoreUnavailable);
        else expect(await outcomeOf(storage.commit(committing))).to.equal(expected);
        expect(await openingOf(storage, sid)).not.to.equal('opened');
        const after = (await Promise.all(['u1', 'u2', 'u3'].map((uid) => store.ofUser(uid, clock.now())))).flat();
        expect(after).to.deep.equal(before);
      });
    }
  }

  it('is not brought back by the touch of a request that only looked', async () => {
    const { clock, storage, store } = faultyBench({ timeoutResolution: 0 });
    const sid = await heldSid(storage, {}, 'u1');
    clock.advance(1);
    const session = await storage.get(sid);
    await storage.revoke({ uid: 'u1' });
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    expect(store.callsOf('touch').length).to.equal(1);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });

  it('is told as a late save with what it was, once', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const session = await storage.get(sid);
    const { id, lineage } = session;
    await storage.revoke({ sid });
    session.sessionData['late'] = 1;
    const told = eventsOf(storage);
    await storage.commit(session);
    expect(told).to.deep.equal([['refused-late-save', { id, lineage, uid: 'u1' }]]);
  });

  it('says why to the writer', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const [one, other, third] = [await storage.get(sid), await storage.get(sid), await storage.get(sid)];
    await storage.revoke({ sid });
    expect(await errorOf(() => one.save()))
      .to.have.property('message')
      .that.includes('revoked');
    const next = await heldSid(storage, {}, 'u1');
    const late = await storage.get(next);
    await storage.commit((await storage.get(next)).setUser('u2'));
    expect(await errorOf(() => late.save()))
      .to.have.property('message')
      .that.includes('superseded');
    await Promise.all([errorOf(() => other.save()), errorOf(() => third.save())]);
  });

  it('takes no second write either, and asks the store no more', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, {}, 'u1');
    const session = await storage.get(sid);
    await storage.revoke({ sid });
    await errorOf(() => session.save());
    store.forgetCalls();
    expect(await errorOf(() => session.save())).to.be.instanceOf(SessionEnded);
    expect(await errorOf(() => session.update(() => undefined))).to.be.instanceOf(SessionEnded);
    session.sessionData['late'] = 1;
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    expect(store.calls).to.deep.equal([]);
  });

  it('takes none of two writes begun at once, and asks the store for the first alone', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, {}, 'u1');
    const session = await storage.get(sid);
    await storage.revoke({ sid });
    store.forgetCalls();
    const failures = await Promise.all([errorOf(() => session.save()), errorOf(() => session.save())]);
    for (const failure of failures) expect(failure).to.be.instanceOf(SessionEnded);
    expect(store.callsOf('update').length).to.equal(1);
  });

  for (const operation of ['update', 'create', 'retire'] as const) {
    it(`is not brought back when it ends while the late request waits for ${operation}`, async () => {
      const { clock, storage, store } = faultyBench();
      const sid = await heldSid(storage, { a: 1 }, 'u1');
      const late = await storage.get(sid);
      late.sessionData['late'] = 1;
      if (operation !== 'update') late.rotate();
      const gate = store.hold(operation);
      const committing = storage.commit(late);
      await gate.reached;
      store.heal();
      await storage.revoke({ uid: 'u1' });
      gate.release();
      expect(await outcomeOf(committing)).to.equal('withheld');
      expect(await openingOf(storage, sid)).not.to.equal('opened');
      expect(await store.ofUser('u1', clock.now())).to.deep.equal([]);
    });
  }

  it('ends at a sign-out although another request writes without a pause', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, { n: 0 }, 'u1');
    let isDone = false;
    const writing = (async () => {
      let writes = 0;
      while (!isDone) {
        const session = await storage.get(sid).catch(() => undefined);
        if (session === undefined) return writes;
        session.sessionData['n'] = writes;
        await storage.commit(session);
        writes += 1;
      }
      return writes;
    })();
    await storage.revoke({ sid });
    isDone = true;
    await writing;
    expect(await openingOf(storage, sid)).to.equal('revoked');
  });
});
