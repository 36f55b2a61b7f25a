import { expect } from 'chai';
import { SessionDataInvalid, SessionEnded, StoreUnavailable } from '../../../src/index.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { bodyOf, faultyBench, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const DAY = 24 * 60 * 60 * 1000;

function writesOf(store: ReturnType<typeof faultyBench>['store']): string[] {
  return store.calls.map(({ operation }) => operation).filter((operation) => operation !== 'load');
}

describe('ServerSessionStorage.commit', () => {
  guardRejections();

  it('leaves a session alone to which nothing happened', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage, { a: 1 }));
    expect(session.sessionData).to.deep.equal({ a: 1 });
    store.forgetCalls();
    expect(await storage.commit(session)).to.deep.equal({ outcome: 'unchanged' });
    session.sessionData['a'] = 2;
    session.sessionData['a'] = 1;
    expect(await storage.commit(session), 'changed back').to.deep.equal({ outcome: 'unchanged' });
    expect(store.calls).to.deep.equal([]);
  });

  it('asks the store nothing for data that JSON cannot carry', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage));
    session.sessionData['a'] = { when: new Date(0) };
    store.forgetCalls();
    expect(await errorOf(() => storage.commit(session))).to.be.instanceOf(SessionDataInvalid);
    expect(store.calls).to.deep.equal([]);
  });

  it('stores a change in one write, and lets the client keep its sid', async () => {
    const { clock, storage, store } = faultyBench();
    const sid = await heldSid(storage, { a: 1 });
    clock.advance(5);
    const session = await storage.get(sid);
    session.sessionData['a'] = 2;
    store.forgetCalls();
    const result = await storage.commit(session);
    expect(result).to.deep.equal({ outcome: 'issued', sid, expires: NOW + 5 + 7 * DAY, persistent: undefined });
    expect(writesOf(store)).to.deep.equal(['update']);
    expect(await recordOf(store, session.id)).to.include({ version: 1, lastUpdate: NOW + 5, lastAccess: NOW + 5 });
    expect([session.lastUpdate, session.isModified]).to.deep.equal([NOW + 5, false]);
  });

  it('says unchanged after a change that moved no expiry, though it was stored', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage, { a: 1 }));
    session.sessionData['a'] = 2;
    store.forgetCalls();
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
    expect(writesOf(store)).to.deep.equal(['update']);
  });

  for (const [what, change] of [
    ['userData', (session) => Object.assign(session.userData, { name: 'Eve' })],
    ['info', (session) => Object.assign(session, { info: { device: 'd' } })],
    ['a lifetime', (session) => session.setLifetime({ idleTimeout: DAY })],
    ['assigned sessionData', (session) => Object.assign(session, { sessionData: { b: 2 } })],
    ['set', (session) => session.set({ sessionData: { b: 2 }, userData: { c: 3 } })],
  ] as const satisfies readonly [string, (session: Awaited<ReturnType<typeof anySession>>) => unknown][]) {
    it(`stores ${what} in one write, once`, async () => {
      const { storage, store } = faultyBench();
      const sid = await heldSid(storage, { a: 1 }, 'u1');
      const session = await storage.get(sid);
      change(session);
      store.forgetCalls();
      await storage.commit(session);
      expect(writesOf(store)).to.deep.equal(['update']);
      await storage.commit(session);
      expect(writesOf(store), 'once').to.deep.equal(['update']);
    });
  }

  it('stores what only save() asked for, with nothing else changed', async () => {
    const { clock, storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage, { a: 1 }));
    clock.advance(1);
    store.forgetCalls();
    await session.save();
    expect(writesOf(store)).to.deep.equal(['update']);
    expect(await recordOf(store, session.id)).to.include({ lastUpdate: NOW + 1 });
    store.forgetCalls();
    expect(await outcomeOf(storage.commit(session))).to.equal('issued');
    expect(store.calls).to.deep.equal([]);
  });

  it('stores what is changed while the store writes, at the next commit', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage);
    const session = await storage.get(sid);
    session.sessionData['a'] = 1;
    const gate = store.hold('update');
    const committing = storage.commit(session);
    await gate.reached;
    session.sessionData['b'] = 2;
    session.info = { device: 'd' };
    gate.release();
    await committing;
    expect(session.isModified).to.equal(true);
    await storage.commit(session);
    const opened = await storage.get(sid);
    expect([opened.sessionData, opened.info]).to.deep.equal([{ a: 1, b: 2 }, { device: 'd' }]);
  });

  it('writes one after the other what is begun without waiting', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, { n: 0 });
    const session = await storage.get(sid);
    store.forgetCalls();
    const gate = store.hold('update');
    session.sessionData['n'] = 1;
    const first = session.save();
    session.sessionData['n'] = 2;
    const second = session.save();
    await gate.reached;
    expect(store.callsOf('update').length).to.equal(1);
    gate.release();
    await Promise.all([first, second]);
    expect(store.callsOf('update').length).to.equal(2);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 2 });
  });

  it('goes on with the next write when the one before it failed', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, { n: 0 });
    const session = await storage.get(sid);
    store.fail('update', { times: 1 });
    session.sessionData['n'] = 1;
    const first = errorOf(() => session.save());
    session.sessionData['n'] = 2;
    const second = session.save();
    expect(await first).to.be.instanceOf(StoreUnavailable);
    await second;
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 2 });
  });
});

/** For the type alone. */
async function anySession() {
  return await serverBench().storage.create();
}

describe('ServerSessionStorage.commit: assertFits', () => {
  it('is asked before a new session is stored, and nothing is when it refuses', async () => {
    const { storage, store } = faultyBench();
    const session = storage.blank();
    session.sessionData['a'] = 1;
    const refuse = (): never => {
      throw new Error('no room');
    };
    expect(await errorOf(() => storage.commit(session, { assertFits: refuse }))).to.have.property('message', 'no room');
    expect(store.calls).to.deep.equal([]);
  });

  it('is asked before a rotation, and the old id lives on when it refuses', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage);
    const session = await storage.get(sid);
    store.forgetCalls();
    const assertFits = (): never => {
      throw new Error('no room');
    };
    expect(await errorOf(() => storage.commit(session.setUser('u1'), { assertFits }))).to.be.instanceOf(Error);
    expect(store.calls).to.deep.equal([]);
    expect(await openingOf(storage, sid)).to.equal('opened');
  });
});

describe('ServerSessionStorage.commit of a revoked session', () => {
  it('cannot be regenerated', async () => {
    const session = (await serverBench().storage.create()).revoke();
    expect(await errorOf(() => session.regenerate())).to.be.instanceOf(SessionEnded);
  });

  it('stores nothing of what was changed before', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage));
    session.sessionData['a'] = 1;
    store.forgetCalls();
    await storage.commit(session.revoke());
    expect(writesOf(store)).to.deep.equal(['retire']);
  });

  it('ends the session as it came although a user was signed in meanwhile', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage);
    const session = await storage.get(sid);
    await storage.commit(session.setUser('u1').revoke());
    expect(await openingOf(storage, sid)).to.equal('revoked');
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });

  it('needs no store for one that was never stored', async () => {
    const { storage, store } = faultyBench();
    expect(await outcomeOf(storage.commit(storage.blank().setUser('u1').revoke()))).to.equal('ended');
    expect(store.calls).to.deep.equal([]);
  });
});

describe('A change of user on the server', () => {
  it('is two writes: the new record, and the end of the old one', async () => {
    for (const [from, to] of [
      [undefined, 'u1'],
      ['u1', null],
      ['u1', 'u2'],
    ] as const) {
      const { storage, store } = faultyBench();
      const session = await storage.get(await heldSid(storage, { cart: [1] }, from));
      store.forgetCalls();
      await storage.commit(session.setUser(to === null ? null : { _id: to }));
      expect(writesOf(store)).to.deep.equal(['create', 'retire']);
    }
  });

  it('stores nothing of the user who leaves', async () => {
    const { storage, store } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    session.userData = { name: 'Ada' };
    await storage.commit(session);
    await storage.commit(session.setUser(null));
    expect(await bodyOf(store, session.id)).to.deep.include({ userData: {} });
  });
});
