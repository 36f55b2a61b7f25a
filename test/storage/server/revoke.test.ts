import { expect } from 'chai';
import {
  MemoryStore,
  type RevokeTarget,
  type ServerSessionStorage,
  SessionNotFound,
  StoreUnavailable,
} from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { rotated } from '../../support/kits.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench, tombstoneOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { callUntyped, issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;

describe('ServerSessionStorage.revoke: one session', () => {
  guardRejections();

  const targets: readonly [string, (storage: ServerSessionStorage, sid: string) => Promise<RevokeTarget>][] = [
    ['{ sid }', async (_, sid) => ({ sid })],
    ['a session', async (storage, sid) => await storage.get(sid)],
    [
      'a reference',
      async (storage, sid) => {
        const { id, lineage } = await storage.get(sid);
        return { id, lineage };
      },
    ],
    ['{ id, uid }', async (storage, sid) => ({ id: (await storage.get(sid)).id, uid: 'u1' })],
    [
      'an entry of the list of a user’s',
      async (storage, sid) => {
        const current = await storage.get(sid);
        const found = (await storage.listOfUser('u1', { current })).find(({ isCurrent }) => isCurrent);
        if (found === undefined) throw new Error('not listed');
        return found;
      },
    ],
  ];

  for (const [what, target] of targets) {
    it(`ends it under the ids that rotations gave it since, and no other of the user’s, named by ${what}`, async () => {
      const { storage } = serverBench();
      const [sid, other] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
      const named = await target(storage, sid);
      const last = await rotated(storage, await rotated(storage, await rotated(storage, sid)));
      expect(await storage.revoke(named)).to.deep.equal({ ended: 1, guarantee: 'process' });
      expect(await openingsOf(storage, last, other)).to.deep.equal(['revoked', 'opened']);
      expect((await storage.listOfUser('u1')).length).to.equal(1);
    });

    it(`ends it once, named by ${what}`, async () => {
      const { storage } = serverBench();
      const sid = await heldSid(storage, {}, 'u1');
      const named = await target(storage, sid);
      await storage.revoke({ sid });
      const told = eventsOf(storage, 'ended');
      expect(await storage.revoke(named)).to.have.property('ended', 0);
      expect(told).to.deep.equal([]);
    });
  }

  it('leaves a tombstone with the reason for the reuse window, so that a request under way is told', async () => {
    const { clock, storage, store } = serverBench({ reuseWindow: HOUR });
    const sid = await heldSid(storage);
    const { id } = await storage.get(sid);
    await storage.revoke({ sid }, { reason: 'stolen' });
    expect(await tombstoneOf(store, id)).to.deep.equal({
      id,
      retired: { successor: null, at: NOW, reason: 'stolen' },
      expiresAt: NOW + HOUR,
    });
    expect((await errorOf(() => storage.get(sid), SessionNotFound)).withinGrace).to.equal(true);
    clock.advance(HOUR);
    expect(await openingOf(storage, sid)).to.equal('unknown');
  });

  it('ends nothing for a session that was never stored', async () => {
    const { storage } = serverBench();
    expect(await storage.revoke(storage.blank())).to.have.property('ended', 0);
  });

  it('finds a user’s session whose tombstones are gone, by its lineage', async () => {
    const { clock, storage } = serverBench({ reuseWindow: 0, rotationGrace: 0 });
    const first = await storage.get(await heldSid(storage, {}, 'u1'));
    const other = await heldSid(storage, {}, 'u1');
    const [listed] = (await storage.listOfUser('u1')).filter(({ lineage }) => lineage === first.lineage);
    const last = await rotated(storage, await rotated(storage, first.forClient()));
    clock.advance(1);
    if (listed === undefined) throw new Error('not listed');
    expect(await storage.revoke(listed)).to.have.property('ended', 1);
    expect(await openingsOf(storage, last, other)).to.deep.equal(['unknown', 'opened']);
  });

  it('ends nobody else’s, named by id and user (row 13)', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    for (const uid of ['u2', 'U1', 'u1 ']) {
      expect(await storage.revoke({ id: session.id, uid })).to.have.property('ended', 0);
    }
    const anonymous = await storage.get(await heldSid(storage));
    expect(await storage.revoke({ id: anonymous.id, uid: 'u1' })).to.have.property('ended', 0);
    expect(await openingsOf(storage, session.forClient(), anonymous.forClient())).to.deep.equal(['opened', 'opened']);
  });

  it('ends none for an id in place of a sid, and a sid in place of an id', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const sid = session.forClient();
    expect(await storage.revoke({ sid: session.id })).to.have.property('ended', 0);
    expect(await storage.revoke({ id: sid, uid: 'u1' })).to.have.property('ended', 0);
    expect(await storage.revoke({ id: sid, lineage: session.lineage })).to.not.have.property('ended');
    expect(await openingOf(storage, sid)).to.equal('opened');
  });

  it('of one that the client replaced by a sign-in ends nothing: the new one is another', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage);
    const renewed = await issuedBy(storage.commit((await storage.get(sid)).setUser('u1')));
    expect(await storage.revoke({ sid })).to.have.property('ended', 0);
    expect(await openingOf(storage, renewed)).to.equal('opened');
  });

  it('ends one that is written and rotated at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { storage } = serverBench();
      const sid = await heldSid(storage, {}, 'u1');
      const requests = await Promise.all(Array.from({ length: 10 }, () => storage.get(sid)));
      const [result] = await Promise.all([
        storage.revoke({ sid }),
        ...requests.map((session, index) => {
          session.sessionData[`k${index}`] = 1;
          return storage.commit(index === round ? session.rotate() : session);
        }),
      ]);
      expect(result).to.have.property('ended', 1);
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
    }
  });
});

describe('ServerSessionStorage.revoke: a user', () => {
  guardRejections();

  it('ends all but the one that an entry of the list names', async () => {
    const { storage } = serverBench();
    const sids = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
    const mine = await storage.get(sids[1]);
    const except = (await storage.listOfUser('u1')).find(({ id }) => id === mine.id);
    if (except === undefined) throw new Error('not listed');
    expect(await storage.revoke({ uid: 'u1', except })).to.have.property('ended', 1);
    expect(await openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'opened']);
  });

  for (const [operation, when] of [
    ['deleteOfUser', 'before'],
    ['deleteOfUser', 'after'],
  ] as const) {
    it(`spares the one that asks also when another request rotates it ${when} ${operation}`, async () => {
      const { storage, store } = faultyBench();
      const [mine, other] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
      const [asking, rotating] = [await storage.get(mine), await storage.get(mine)];
      const gate = store.hold(operation, when);
      const revoking = storage.revoke({ uid: 'u1', except: asking });
      await gate.reached;
      store.heal();
      const renewed = await issuedBy(storage.commit(rotating.rotate()));
      gate.release();
      expect(await revoking).to.have.property('ended', 1);
      expect(await openingsOf(storage, mine, renewed, other)).to.deep.equal(['opened', 'opened', 'revoked']);
    });

    it(`ends another one that is rotated ${when} ${operation}`, async () => {
      const { storage, store } = faultyBench();
      const [mine, other] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
      const rotating = await storage.get(other);
      const gate = store.hold(operation, when);
      const revoking = storage.revoke({ uid: 'u1', except: await storage.get(mine) });
      await gate.reached;
      store.heal();
      const result = await storage.commit(rotating.rotate());
      gate.release();
      expect(await revoking).to.have.property('ended', 1);
      // What has ended is rotated no more.
      expect(result.outcome).to.equal(when === 'before' ? 'issued' : 'withheld');
      const renewed = result.outcome === 'issued' ? result.sid : other;
      expect(await openingsOf(storage, mine, renewed)).to.deep.equal(['opened', 'revoked']);
      expect((await storage.listOfUser('u1')).length).to.equal(1);
    });
  }

  it('ends both records of a session that is just being rotated', async () => {
    const { storage, store } = faultyBench();
    const [mine, other] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
    const rotating = await storage.get(other);
    const gate = store.hold('retire');
    const committing = storage.commit(rotating.rotate());
    await gate.reached;
    store.heal();
    expect(await storage.revoke({ uid: 'u1', except: await storage.get(mine) })).to.have.property('ended', 2);
    gate.release();
    expect(await outcomeOf(committing)).to.equal('withheld');
  });

  it('lets no rotation under way slip through', async () => {
    for (const operation of ['create', 'retire'] as const) {
      const { storage, store } = faultyBench();
      const session = await storage.get(await heldSid(storage, {}, 'u1'));
      const gate = store.hold(operation);
      const committing = storage.commit(session.rotate());
      await gate.reached;
      store.heal();
      await storage.revoke({ uid: 'u1' });
      gate.release();
      expect(await outcomeOf(committing)).to.equal('withheld');
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
    }
  });
});

describe('ServerSessionStorage.revoke: everyone', () => {
  guardRejections();

  it('leaves out how many where the store cannot tell', async () => {
    const store = Object.assign(new MemoryStore(), { deleteAll: async () => undefined });
    expect(await serverBench({ store }).storage.revoke('everyone')).to.deep.equal({ guarantee: 'process' });
  });

  it('refuses with a TypeError where neither the store nor a list could, and ends nothing', async () => {
    const store = Object.assign(new MemoryStore(), { deleteAll: undefined });
    const { storage } = serverBench({ store });
    const sid = await heldSid(storage);
    const error = await errorOf(() => storage.revoke('everyone'));
    expect(error).to.be.instanceOf(TypeError).and.have.property('message').that.includes('deleteAll');
    expect(await openingOf(storage, sid)).to.equal('opened');
  });
});

describe('ServerSessionStorage.revoke: what it refuses', () => {
  it('is a target that names nothing, and an unknown option, before the store is asked', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.create();
    store.forgetCalls();
    for (const given of [
      [{}],
      [{ sid: 5 }],
      [{ uid: '' }],
      [{ id: 'i' }],
      [session, { why: 'x' }],
      [session, { wait: 'log' }],
    ]) {
      expect(await errorOf(() => callUntyped(storage, 'revoke', ...given))).to.be.instanceOf(TypeError);
    }
    expect(store.calls).to.deep.equal([]);
  });

  it('takes any guarantee from a store that all instances share', async () => {
    const memory = new MemoryStore();
    const shared = new Proxy(memory, {
      get: (target, key) => {
        if (key === 'reach') return 'instances';
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { storage } = serverBench({ store: shared });
    for (const wait of ['process', 'log', 'instances'] as const) {
      expect(await storage.revoke({ uid: 'u1' }, { wait })).to.deep.equal({ ended: 0, guarantee: 'instances' });
    }
  });

  it('says unavailable when the store fails, and can be tried again', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, {}, 'u1');
    for (const target of [{ sid }, { uid: 'u1' }, 'everyone'] as const) {
      store.disconnect();
      expect(await errorOf(() => storage.revoke(target))).to.be.instanceOf(StoreUnavailable);
      store.heal();
    }
    expect(await openingOf(storage, sid)).to.equal('opened');
    expect(await storage.revoke({ sid })).to.have.property('ended', 1);
  });
});

describe('ServerSession.destroy', () => {
  guardRejections();

  it('ends the session in the store now, and the client’s copy at commit', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const session = await storage.get(sid);
    const told = eventsOf(storage, 'ended');
    expect(await session.destroy()).to.equal(session);
    expect(await openingOf(storage, sid)).to.equal('revoked');
    expect(await outcomeOf(storage.commit(session))).to.equal('ended');
    expect(told.length).to.equal(1);
  });

  it('does no harm twice, or to a session that was never stored', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage));
    await session.destroy();
    await session.destroy();
    store.forgetCalls();
    const blank = storage.blank();
    await blank.destroy();
    expect(await outcomeOf(storage.commit(blank))).to.equal('ended');
    expect(store.calls).to.deep.equal([]);
  });

  it('says unavailable when the store fails, and the commit tries again', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage);
    const session = await storage.get(sid);
    store.fail('retire', { times: 1 });
    expect(await errorOf(() => session.destroy())).to.be.instanceOf(StoreUnavailable);
    expect(await outcomeOf(storage.commit(session))).to.equal('ended');
    expect(await openingOf(storage, sid)).to.equal('revoked');
  });
});
