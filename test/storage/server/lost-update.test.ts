import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryStore, type ServerSession, StoreUnavailable } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { canonical, jsonObject } from '../../support/json-data.js';
import { errorOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { bodyOf, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

type Data = Record<string, unknown>;

/** Two requests with the same session, changed each in its way and committed one after the other; and what is stored then. */
async function both(
  start: Data,
  first: (session: ServerSession) => unknown,
  second: (session: ServerSession) => unknown,
  uid?: string,
) {
  const { clock, storage } = serverBench();
  const sid = await heldSid(storage, start, uid);
  const [one, other] = [await storage.get(sid), await storage.get(sid)];
  await first(one);
  await second(other);
  const conflicts = eventsOf(storage, 'conflict');
  clock.advance(1);
  await storage.commit(one);
  clock.advance(1);
  await storage.commit(other);
  return { one, other, stored: await storage.get(sid), conflicts, storage, sid };
}

function put(values: Data): (session: ServerSession) => unknown {
  return (session) => Object.assign(session.sessionData, values);
}

function drop(...keys: readonly string[]): (session: ServerSession) => void {
  return ({ sessionData }) => {
    for (const key of keys) Reflect.deleteProperty(sessionData, key);
  };
}

describe('Two requests that write one session at the same time (row 11)', () => {
  guardRejections();

  it('keep both changes of different keys, without a conflict', async () => {
    const { stored, other, conflicts } = await both({ a: 1, b: 1, c: 1 }, put({ a: 2 }), put({ b: 2 }));
    expect(stored.sessionData).to.deep.equal({ a: 2, b: 2, c: 1 });
    expect(other.sessionData, 'the later one sees it too').to.deep.equal({ a: 2, b: 2, c: 1 });
    expect(conflicts).to.deep.equal([]);
  });

  it('leave the later commit’s where both changed the same key, and tell it', async () => {
    const { stored, conflicts } = await both({ a: 1, b: 1 }, put({ a: 2, b: 5 }), put({ a: 3 }));
    expect(stored.sessionData).to.deep.equal({ a: 3, b: 5 });
    const { id, lineage } = stored;
    expect(conflicts).to.deep.equal([['conflict', { id, lineage, uid: undefined, keys: ['a'] }]]);
  });

  it('have no conflict where both set a key to the same', async () => {
    const { stored, conflicts } = await both({}, put({ seen: true }), put({ seen: true }));
    expect([stored.sessionData, conflicts]).to.deep.equal([{ seen: true }, []]);
  });

  it('delete what one deleted and the other left', async () => {
    expect((await both({ a: 1, b: 1 }, drop('a'), put({ b: 2 }))).stored.sessionData).to.deep.equal({ b: 2 });
    expect((await both({ a: 1, b: 1 }, put({ b: 2 }), drop('a'))).stored.sessionData).to.deep.equal({ b: 2 });
  });

  it('leave the later where one deleted and the other changed, in both orders, and tell it', async () => {
    const deletedLast = await both({ a: 1 }, put({ a: 2 }), drop('a'));
    expect(deletedLast.stored.sessionData).to.deep.equal({});
    const changedLast = await both({ a: 1 }, drop('a'), put({ a: 2 }));
    expect(changedLast.stored.sessionData).to.deep.equal({ a: 2 });
    for (const { conflicts } of [deletedLast, changedLast]) {
      expect(conflicts.map(([, event]) => Reflect.get(Object(event), 'keys'))).to.deep.equal([['a']]);
    }
  });

  it('take nested objects and arrays as one value each', async () => {
    const start = { cart: { apples: 1, pears: 1 }, list: [1] };
    const { stored } = await both(
      start,
      (session) => {
        Object.assign(Object(session.sessionData['cart']), { apples: 2 });
      },
      (session) => {
        Object(session.sessionData['cart']).pears = 2;
        Object(session.sessionData['list']).push(2);
      },
    );
    expect(stored.sessionData).to.deep.equal({ cart: { apples: 1, pears: 2 }, list: [1, 2] });
  });

  it('keep __proto__ a key like any other (row 55)', async () => {
    const own = (value: unknown) => (session: ServerSession) =>
      void Object.defineProperty(session.sessionData, '__proto__', {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    const { stored } = await both({}, own({ polluted: 1 }), put({ b: 1 }));
    expect(JSON.stringify(stored.sessionData)).to.equal('{"b":1,"__proto__":{"polluted":1}}');
    expect(Reflect.get({}, 'polluted')).to.equal(undefined);
  });

  it('merge what was read and not changed without losing the other’s', async () => {
    const { stored, other } = await both({ a: 1 }, put({ a: 2 }), (session) => {
      expect(session.sessionData['a']).to.equal(1);
      session.info = { device: 'd' };
    });
    expect([stored.sessionData, stored.info, other.sessionData['a']]).to.deep.equal([{ a: 2 }, { device: 'd' }, 2]);
  });

  it('merge into an object that the application still holds', async () => {
    const { storage, clock } = serverBench();
    const sid = await heldSid(storage, { a: 1 });
    const [one, other] = [await storage.get(sid), await storage.get(sid)];
    const { sessionData } = other;
    put({ a: 2 })(one);
    await storage.commit(one);
    sessionData['b'] = 2;
    clock.advance(1);
    await storage.commit(other);
    expect(sessionData).to.deep.equal({ a: 2, b: 2 });
    sessionData['c'] = 3;
    await storage.commit(other);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 2, b: 2, c: 3 });
  });

  it('keep both changes of userData, and tell a conflict by its name', async () => {
    const { stored, conflicts } = await both(
      {},
      (session) => Object.assign(session.userData, { name: 'Ada', role: 'a' }),
      (session) => Object.assign(session.userData, { theme: 'dark', role: 'b' }),
      'u1',
    );
    expect(stored.userData).to.deep.equal({ name: 'Ada', theme: 'dark', role: 'b' });
    expect(conflicts.map(([, event]) => Reflect.get(Object(event), 'keys'))).to.deep.equal([['userData.role']]);
  });

  it('keep info, lifetime and data that each of them set', async () => {
    const { stored } = await both(
      {},
      (session) => {
        session.info = { device: 'd' };
      },
      (session) => session.setLifetime({ absoluteTimeout: 5_000 }),
    );
    expect(stored.info).to.deep.equal({ device: 'd' });
    expect(stored.getExpiry()).to.equal(NOW + 5_000);
    const other = await both(
      {},
      (session) => session.setLifetime({ idleTimeout: 7_000, persistent: true }),
      (session) => {
        session.info = { device: 'e' };
      },
    );
    expect([other.stored.info, other.stored.getExpiry()]).to.deep.equal([{ device: 'e' }, NOW + 2 + 7_000]);
  });

  it('leave the later info and lifetime where both set them', async () => {
    const { stored } = await both(
      {},
      (session) => {
        session.setLifetime({ absoluteTimeout: 5_000 }).info = { device: 'd' };
      },
      (session) => {
        session.setLifetime({ absoluteTimeout: 9_000 }).info = { device: 'e' };
      },
    );
    expect([stored.info, stored.getExpiry()]).to.deep.equal([{ device: 'e' }, NOW + 9_000]);
  });

  it('keep the later times', async () => {
    const { storage, store, clock } = serverBench();
    const sid = await heldSid(storage);
    const early = await storage.get(sid);
    clock.advance(5_000);
    const late = await storage.get(sid);
    put({ a: 1 })(late);
    await storage.commit(late);
    clock.set(NOW + 1);
    put({ b: 1 })(early);
    await storage.commit(early);
    expect(await recordOf(store, early.id)).to.include({ lastAccess: NOW + 5_000, lastUpdate: NOW + 5_000 });
    expect([early.lastAccess, early.lastUpdate]).to.deep.equal([NOW + 5_000, NOW + 5_000]);
  });

  it('keep that the user proved who they are, when the other wrote first', async () => {
    const { storage, store, clock } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const [proving, writing] = [await storage.get(sid), await storage.get(sid)];
    put({ a: 1 })(writing);
    await storage.commit(writing);
    clock.advance(5_000);
    const renewed = await issuedBy(storage.commit(proving.setUser('u1')));
    const stored = await storage.get(renewed);
    expect([stored.authenticatedAt, stored.created, stored.sessionData]).to.deep.equal([NOW + 5_000, NOW, { a: 1 }]);
    expect(await bodyOf(store, stored.id)).to.include({ auth: NOW + 5_000, since: NOW + 5_000 });
  });

  it('come to what they would have come to one after the other, whatever they changed', async () => {
    await fc.assert(
      fc.asyncProperty(jsonObject, jsonObject, jsonObject, async (start, mine, theirs) => {
        const prefixed = (prefix: string, data: Data): Data =>
          Object.fromEntries(Object.entries(data).map(([key, value]) => [`${prefix}${key}`, value]));
        const { stored } = await both(start, put(prefixed('1', mine)), put(prefixed('2', theirs)));
        const expected = { ...start, ...prefixed('1', mine), ...prefixed('2', theirs) };
        expect(canonical(stored.sessionData)).to.equal(canonical(expected));
      }),
      { numRuns: 100 },
    );
  });
});

describe('Fifty requests that write one session at the same time', () => {
  guardRejections();

  it('keep all fifty changes', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage);
    const requests = await Promise.all(Array.from({ length: 50 }, () => storage.get(sid)));
    await Promise.all(
      requests.map((session, index) => {
        session.sessionData[`k${index}`] = index;
        return storage.commit(session);
      }),
    );
    const expected = Object.fromEntries(requests.map((_, index) => [`k${index}`, index]));
    expect((await storage.get(sid)).sessionData).to.deep.equal(expected);
  });

  it('keep them across storages that share a store', async () => {
    const store = new MemoryStore();
    const storages = Array.from({ length: 5 }, () => serverBench({ store }).storage);
    const sid = await heldSid(serverBench({ store }).storage);
    await Promise.all(
      storages.flatMap((storage, instance) =>
        Array.from({ length: 10 }, async (_, index) => {
          const session = await storage.get(sid);
          session.sessionData[`${instance}-${index}`] = true;
          await storage.commit(session);
        }),
      ),
    );
    expect(Object.keys((await serverBench({ store }).storage.get(sid)).sessionData).length).to.equal(50);
  });
});

describe('A sign-in that meets a write of the guest’s session', () => {
  guardRejections();

  it('takes over what the other wrote, when it came first', async () => {
    const { clock, storage } = serverBench();
    const sid = await heldSid(storage, { cart: [1] });
    clock.advance(5_000);
    const [signing, writing] = [await storage.get(sid), await storage.get(sid)];
    put({ cart: [1, 2] })(writing);
    writing.info = { device: 'the guest’s' };
    await storage.commit(writing);
    const renewed = await issuedBy(storage.commit(signing.setUser('u1')));
    const stored = await storage.get(renewed);
    expect([stored.uid, stored.sessionData]).to.deep.equal(['u1', { cart: [1, 2] }]);
    expect([stored.created, stored.authenticatedAt], 'a new life').to.deep.equal([NOW + 5_000, NOW + 5_000]);
  });

  it('takes over only the keys that it keeps, and what it put in itself', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, { cart: [1], csrf: 'old' });
    const [signing, writing] = [await storage.get(sid), await storage.get(sid)];
    put({ cart: [1, 2], csrf: 'planted', more: 'planted' })(writing);
    await storage.commit(writing);
    signing.setUser({ _id: 'u1' }, { keep: ['cart'] });
    put({ welcome: true, csrf: 'new' })(signing);
    const stored = await storage.get(await issuedBy(storage.commit(signing)));
    expect(stored.sessionData).to.deep.equal({ cart: [1, 2], welcome: true, csrf: 'new' });
  });

  it('keeps away what regenerate emptied', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, { a: 1 });
    const [emptied, writing] = [await storage.get(sid), await storage.get(sid)];
    put({ a: 2, b: 1 })(writing);
    await storage.commit(writing);
    await emptied.regenerate();
    put({ c: 3 })(emptied);
    await emptied.save();
    const stored = await storage.get(await issuedBy(storage.commit(emptied)));
    expect([stored.sessionData, stored.uid]).to.deep.equal([{ c: 3 }, undefined]);
  });

  it('takes over no userData: another user’s are none of this one’s', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const [switching, writing] = [await storage.get(sid), await storage.get(sid)];
    Object.assign(writing.userData, { name: 'Ada', secret: 1 });
    await storage.commit(writing);
    const stored = await storage.get(await issuedBy(storage.commit(switching.setUser('u2', { name: 'Eve' }))));
    expect(stored.userData).to.deep.equal({ name: 'Eve' });
  });

  it('refuses the write when it came last: what was the guest’s is the user’s now', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, { cart: [1] });
    const [signing, writing] = [await storage.get(sid), await storage.get(sid)];
    const renewed = await issuedBy(storage.commit(signing.setUser('u1')));
    put({ cart: ['planted'] })(writing);
    expect(await outcomeOf(storage.commit(writing))).to.equal('withheld');
    expect((await storage.get(renewed)).sessionData).to.deep.equal({ cart: [1] });
  });
});

describe('A merge whose data the schema refuses', () => {
  it('stores nothing, and says where', async () => {
    const few = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) =>
          Object.keys(Object(value)).length > 2
            ? { issues: [{ message: 'at most two', path: ['count'] }] }
            : { value: Object(value) },
      },
    } as const;
    const { storage } = serverBench<Data>({ sessionData: few });
    const sid = await issuedBy(storage.commit(await storage.create({ a: 1 })));
    const [one, other] = [await storage.get(sid), await storage.get(sid)];
    put({ b: 1 })(one);
    put({ c: 1 })(other);
    await storage.commit(one);
    expect(await errorOf(() => storage.commit(other))).to.have.property('path', 'sessionData.count');
    expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 1, b: 1 });
  });
});

describe('A store that never lets a write through', () => {
  guardRejections();

  /** Others always come first where the session of this id is written. */
  class BusyStore extends MemoryStore {
    busy: string | undefined;

    override async update(record: Parameters<MemoryStore['update']>[0]): ReturnType<MemoryStore['update']> {
      return this.busy === record.id ? 'conflict' : await super.update(record);
    }

    override async retire(...args: Parameters<MemoryStore['retire']>): ReturnType<MemoryStore['retire']> {
      return this.busy === args[0] ? 'conflict' : await super.retire(...args);
    }
  }

  it('makes a write StoreUnavailable after many tries, and a rotation leaves no second session behind', async () => {
    const store = new BusyStore();
    const { clock, storage } = serverBench({ store });
    const sid = await heldSid(storage, {}, 'u1');
    const [writing, rotating] = [await storage.get(sid), await storage.get(sid)];
    store.busy = writing.id;
    put({ a: 1 })(writing);
    expect(await errorOf(() => storage.commit(writing))).to.be.instanceOf(StoreUnavailable);
    expect(await errorOf(() => storage.commit(rotating.rotate()))).to.be.instanceOf(StoreUnavailable);
    expect((await store.ofUser('u1', clock.now())).length).to.equal(1);
    store.busy = undefined;
    await storage.commit(writing);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 1 });
  });

  it('does not keep a session from being ended', async () => {
    const store = new BusyStore();
    const { storage } = serverBench({ store });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const { id, lineage } = session;
    store.busy = id;
    const told = eventsOf(storage, 'ended');
    expect(await storage.revoke({ sid: session.forClient() })).to.have.property('ended', 1);
    expect(told).to.deep.equal([['ended', { id, lineage, uid: 'u1', reason: 'revoked' }]]);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });
});
