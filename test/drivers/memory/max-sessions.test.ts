import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryStore } from '../../../src/drivers/memory/store.js';
import { SessionAlreadyExists, StoreFull, StoreUnavailable } from '../../../src/errors.js';
import type { SessionRecord } from '../../../src/ports/store.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { NOW, record, tombstone } from './support.js';

async function fullOf(...records: readonly SessionRecord[]): Promise<MemoryStore> {
  const store = new MemoryStore({ maxSessions: records.length });
  for (const one of records) await store.create(one);
  return store;
}

/** Which of these ids are there, expired or not. */
async function left(store: MemoryStore, ...ids: readonly string[]): Promise<string> {
  const loaded = await Promise.all(ids.map((id) => store.load(id, 0)));
  return ids.filter((_, index) => loaded[index] !== undefined).join(' ');
}

/** More sessions of users than a create looks at before it searches through all of them. */
async function fullOfUsers(count: number, ...records: readonly SessionRecord[]): Promise<MemoryStore> {
  const users = Array.from({ length: count }, (_, index) => record(`user-${index}`, { uid: `u${index}` }));
  return fullOf(...users, ...records);
}

/** A clock that is a ms later whenever it is looked at, so that every slice is the shortest. */
function everyLookTakesLong(): sinon.SinonStub {
  let time = 0;
  return sinon.stub(performance, 'now').callsFake(() => {
    time += 1;
    return time;
  });
}

describe('MemoryStore with maxSessions', () => {
  afterEach(() => sinon.restore());

  it('refuses options that there are not, and a maxSessions that is no whole number from 1', () => {
    const misspelt: object = { maxSession: 5 };
    expect(() => new MemoryStore(misspelt)).to.throw(TypeError, 'MemoryStore: unknown option "maxSession"');
    for (const maxSessions of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new MemoryStore({ maxSessions })).to.throw(TypeError, 'option maxSessions');
    }
  });

  it('drops what has expired first, as seen by the new session', async () => {
    const store = await fullOf(record('a'), record('b', { uid: 'u1', expiresAt: NOW - 1 }), record('c', { uid: 'u2' }));
    await store.create(record('d'));
    expect(await left(store, 'a', 'b', 'c', 'd')).to.equal('a c d');
    expect(await store.ofUser('u1', 0)).to.deep.equal([]);
    await store.create(record('e', { lastAccess: NOW + 60_000 }));
    expect(await left(store, 'a', 'c', 'd', 'e')).to.equal('e');
  });

  it('drops tombstones next that are a minute old, the oldest first', async () => {
    const store = await fullOf(record('a'), record('b'), record('c', { uid: 'u1' }), record('d', { uid: 'u2' }));
    const at = NOW - 60_000;
    for (const id of ['d', 'b']) await store.retire(id, 0, { ...tombstone(id), retired: { successor: null, at } });
    await store.create(record('e'));
    expect(await left(store, 'a', 'b', 'c', 'd', 'e')).to.equal('a b c e');
    await store.create(record('f'));
    expect(await left(store, 'a', 'b', 'c', 'd', 'e', 'f')).to.equal('a c e f');
  });

  it('keeps younger tombstones, which lead requests on their way to their session, for as long as there are anonymous sessions', async () => {
    const store = await fullOf(record('a', { uid: 'u1' }), record('b'), record('c', { uid: 'u2' }));
    await store.retire('a', 0, tombstone('a'));
    await store.create(record('d', { uid: 'u3' }));
    expect(await left(store, 'a', 'b', 'c', 'd')).to.equal('a c d');
    await store.create(record('e', { uid: 'u4' }));
    expect(await left(store, 'a', 'c', 'd', 'e')).to.equal('c d e');
  });

  it('drops the anonymous session next that has been there longest', async () => {
    const store = await fullOf(record('a'), record('b', { uid: 'u1' }), record('c'), record('d'));
    await store.delete('c');
    for (const id of ['e', 'f', 'g']) await store.create(record(id, { uid: 'u2' }));
    expect(await left(store, 'a', 'b', 'c', 'd', 'e', 'f', 'g')).to.equal('b e f g');
  });

  it('takes a session for one of a user from the update on that says so, and no longer than that', async () => {
    const store = await fullOf(record('a'), record('b'), record('c', { uid: 'u1' }));
    await store.update(record('a', { uid: 'u1' }));
    await store.update(record('c'));
    await store.create(record('d', { uid: 'u2' }));
    expect(await left(store, 'a', 'b', 'c', 'd')).to.equal('a c d');
    await store.create(record('e', { uid: 'u2' }));
    expect(await left(store, 'a', 'c', 'd', 'e')).to.equal('a d e');
  });

  it('takes a tombstone that has expired for one that nobody needs', async () => {
    const store = await fullOfUsers(3000, record('anonymous'), record('a'));
    await store.retire('a', 0, tombstone('a', NOW));
    await store.create(record('b', { uid: 'u' }));
    expect(await left(store, 'a', 'anonymous', 'b')).to.equal('anonymous b');
  });

  it('counts a session and the one that is about to replace it as one, so that a rotation drops nothing', async () => {
    const store = await fullOf(record('a', { uid: 'u1' }), record('b'), record('c', { uid: 'u2' }));
    await store.create(record('a2', { uid: 'u1', lineage: 'a' }), 'a');
    expect(await left(store, 'a', 'a2', 'b', 'c')).to.equal('a a2 b c');
    await store.create(record('d', { uid: 'u3' }));
    expect(await left(store, 'a', 'a2', 'b', 'c', 'd'), 'but another does').to.equal('a a2 c d');
  });

  it('drops what is dispensable once a rotation is over, its own tombstone if there is nothing else', async () => {
    const store = await fullOf(record('a', { uid: 'u1' }), record('b'));
    await store.create(record('a2', { uid: 'u1' }), 'a');
    await store.retire('a', 0, tombstone('a'));
    expect(await left(store, 'a', 'a2', 'b')).to.equal('a a2');
    await store.create(record('a3', { uid: 'u1' }), 'a2');
    await store.retire('a2', 0, tombstone('a2'));
    expect(await left(store, 'a', 'a2', 'a3')).to.equal('a2 a3');
    await store.create(record('c', { uid: 'u1' }));
    await store.create(record('c2', { uid: 'u1' }), 'c');
    await store.retire('c', 0, tombstone('c'));
    expect(await left(store, 'a2', 'a3', 'c', 'c2')).to.equal('a3 c2');
  });

  it('drops no session that is being replaced, whatever else is created meanwhile, until that is over', async () => {
    const store = await fullOf(record('a'), record('b'), record('c'));
    await store.create(record('a2', { uid: 'u1' }), 'a');
    await store.create(record('c2', { uid: 'u1' }), 'c');
    await store.create(record('d', { uid: 'u2' }));
    expect(await left(store, 'a', 'a2', 'b', 'c', 'c2', 'd')).to.equal('a a2 c c2 d');
    expect(await errorOf(() => store.create(record('e', { uid: 'u2' })))).to.be.instanceOf(StoreFull);
    await store.delete('a2');
    await store.create(record('e', { uid: 'u2' }));
    expect(await left(store, 'a', 'c', 'c2', 'd', 'e'), 'given up').to.equal('c c2 d e');
  });

  it('rejects with StoreFull, and drops nothing, when what is to be replaced was dropped', async () => {
    const store = await fullOf(record('a'), record('b'));
    expect(await errorOf(() => store.create(record('c', { uid: 'u1' }), 'gone'))).to.be.instanceOf(StoreFull);
    expect(await left(store, 'a', 'b', 'c')).to.equal('a b');
    await store.update(record('a', { expiresAt: NOW }));
    await store.create(record('c', { uid: 'u1' }), 'gone');
    expect(await left(store, 'a', 'b', 'c')).to.equal('b c');
  });

  it('keeps the tombstone of a session for others that were about to replace it too', async () => {
    const store = await fullOf(record('a', { uid: 'u1' }), record('b', { uid: 'u2' }));
    for (const id of ['a2', 'a3', 'a4']) await store.create(record(id, { uid: 'u1' }), 'a');
    await store.retire('a', 0, { ...tombstone('a'), retired: { successor: 'a3', at: NOW } });
    expect(await left(store, 'a', 'a2', 'a3', 'a4', 'b')).to.equal('a a2 a3 a4 b');
    await store.create(record('a5', { uid: 'u1' }), 'a');
    for (const id of ['a2', 'a4', 'a5']) {
      expect(await store.retire('a', 0, tombstone('a'))).to.equal('gone');
      await store.delete(id);
    }
    expect(await left(store, 'a', 'a3', 'b')).to.equal('a a3 b');
    expect(await errorOf(() => store.create(record('c', { uid: 'u3' })))).to.be.instanceOf(StoreFull);
    expect(await left(store, 'a', 'a3', 'b')).to.equal('a3 b');
  });

  it('counts the new session when the one that it was to replace is deleted', async () => {
    const store = await fullOf(record('a', { uid: 'u1' }), record('b', { uid: 'u2' }));
    await store.create(record('a2', { uid: 'u1' }), 'a');
    await store.delete('a');
    expect(await errorOf(() => store.create(record('c', { uid: 'u3' })))).to.be.instanceOf(StoreFull);
  });

  it('stays within the limit when sessions end that are being replaced', async () => {
    const users = ['a', 'b', 'c'].map((id) => record(id, { uid: 'u1' }));
    const store = await fullOf(...users);
    for (const { id } of users) await store.create(record(`${id}2`, { uid: 'u1' }), id);
    const { id: _, ...grave } = tombstone('a');
    expect(await store.deleteOfUser('u1', undefined, { tombstone: grave })).to.have.lengthOf(6);
    expect(await left(store, 'a', 'b', 'c', 'a2', 'b2', 'c2')).to.have.lengthOf('a b c'.length + 3);
    for (const id of ['d', 'e', 'f']) await store.create(record(id, { uid: 'u2' }));
    expect(await errorOf(() => store.create(record('g', { uid: 'u2' })))).to.be.instanceOf(StoreFull);
  });

  it('rejects with StoreFull when all that is left are sessions of users, and drops none', async () => {
    const store = await fullOf(record('a', { uid: 'u1' }), record('b', { uid: 'u2' }));
    const failure = await errorOf(() => store.create(record('c', { uid: 'u3' })));
    expect(failure).to.be.instanceOf(StoreFull).and.instanceOf(StoreUnavailable);
    expect(failure).to.include({ code: 'ERR_SESSION_STORE_FULL', limit: 2 });
    expect(await left(store, 'a', 'b', 'c')).to.equal('a b');
    await store.delete('a');
    await store.create(record('c', { uid: 'u3' }));
  });

  it('rejects with SessionAlreadyExists for an id that is taken, and drops nothing', async () => {
    const store = await fullOf(record('a'), record('b', { expiresAt: NOW - 1 }));
    expect(await errorOf(() => store.create(record('a')))).to.be.instanceOf(SessionAlreadyExists);
    expect(await left(store, 'a', 'b')).to.equal('a b');
  });

  it('never refuses an update, a touch or a retirement', async () => {
    const store = await fullOf(record('a', { uid: 'u1' }), record('b', { uid: 'u2' }));
    expect(await store.update(record('a', { uid: 'u1', body: '{"x":1}' }))).to.equal('ok');
    expect(await store.touch('b', 'u2', NOW + 1, null)).to.equal(true);
    expect(await store.retire('a', 1, tombstone('a'))).to.equal('ok');
    expect(await left(store, 'a', 'b')).to.equal('a b');
  });

  it('counts on after sweep, deleteOfUser and deleteAll', async () => {
    const store = await fullOf(record('a', { uid: 'u1' }), record('b', { uid: 'u1' }), record('c', { expiresAt: 1 }));
    await store.sweep(NOW, 10);
    await store.create(record('d', { uid: 'u2' }));
    await store.deleteOfUser('u1');
    for (const id of ['e', 'f']) await store.create(record(id, { uid: 'u2' }));
    expect(await errorOf(() => store.create(record('g')))).to.be.instanceOf(StoreFull);
    expect(await store.deleteAll()).to.equal(3);
    for (const id of ['h', 'i', 'j']) await store.create(record(id, { uid: 'u2' }));
    expect(await errorOf(() => store.create(record('k')))).to.be.instanceOf(StoreFull);
  });

  it('keeps an anonymous session in its place when it is updated or touched', async () => {
    const store = await fullOf(record('a'), record('b'), record('c'));
    await store.update(record('a'));
    await store.touch('a', null, NOW + 1, null);
    await store.create(record('d'));
    expect(await left(store, 'a', 'b', 'c', 'd')).to.equal('b c d');
  });

  it('drops nothing for the sake of what was there before deleteAll', async () => {
    const store = await fullOf(record('a'), record('b', { uid: 'u1' }));
    await store.retire('b', 0, tombstone('b'));
    await store.deleteAll();
    for (const id of ['a', 'b']) await store.create(record(id, { uid: 'u1' }));
    expect(await errorOf(() => store.create(record('c')))).to.be.instanceOf(StoreFull);
    expect(await left(store, 'a', 'b')).to.equal('a b');
  });

  it('looks at others at each create, so that what has expired goes before long', async () => {
    const store = await fullOfUsers(3000, record('anonymous'));
    await store.update(record('user-1', { uid: 'u1', expiresAt: NOW }));
    for (let index = 0; index < 30; index += 1) await store.create(record(`new-${index}`));
    expect(await left(store, 'user-1')).to.equal('');
  });

  it('searches through all of many sessions for one that has expired', async () => {
    const store = await fullOfUsers(3000, record('expired', { uid: 'u', expiresAt: NOW }));
    await store.create(record('a', { uid: 'u' }));
    expect(await left(store, 'a', 'expired')).to.equal('a');
  });

  it('does not search again within ten seconds of its clock, so that a full store has time for others', async () => {
    const store = await fullOfUsers(20_000, record('expired', { uid: 'u', expiresAt: NOW }));
    await store.touch('user-5', 'u5', NOW + 1, NOW + 500);
    const createAt = async (id: string, ms: number): Promise<void> => {
      await store.create(record(id, { uid: 'u', lastAccess: NOW + ms }));
    };
    await createAt('a', 0);
    expect(await errorOf(() => createAt('b', 9_999))).to.be.instanceOf(StoreFull);
    expect(await errorOf(() => createAt('b', -9_999))).to.be.instanceOf(StoreFull);
    await createAt('b', 10_000);
    expect(await left(store, 'user-5', 'b')).to.equal('b');
    await store.update(record('user-6', { uid: 'u6', expiresAt: 1 }));
    // The clock was put back by more than ten seconds.
    await createAt('c', -1);
  });

  it('searches once for all who wait for it, and gives room to as many as there is room for', async () => {
    const expired = ['x', 'y', 'z'].map((id) => record(id, { uid: 'u', expiresAt: NOW }));
    const store = await fullOfUsers(20_000, ...expired);
    const looks = everyLookTakesLong();
    const ids = ['a', 'b', 'c', 'd'];
    const settled = await Promise.allSettled(ids.map((id) => store.create(record(id, { uid: 'u' }))));
    const [refused, ...others] = settled.filter(({ status }) => status === 'rejected');
    expect(refused).to.have.property('reason').that.is.instanceOf(StoreFull);
    expect(others).to.deep.equal([]);
    expect(await store.ofUser('u', NOW)).to.have.lengthOf(3);
    // One search looks at the clock when it begins a slice, and after every 32 entries; other code of the process looks, too.
    expect(looks.callCount).to.be.below(2 * (2 * (20_000 / 32)));
  });

  it('gives an id to one of two who wait', async () => {
    const expired = ['x', 'y'].map((id) => record(id, { uid: 'u', expiresAt: NOW }));
    const store = await fullOfUsers(3000, ...expired);
    const settled = await Promise.allSettled([1, 2].map(() => store.create(record('a', { uid: 'u' }))));
    const [refused, ...others] = settled.filter(({ status }) => status === 'rejected');
    expect(refused).to.have.property('reason').that.is.instanceOf(SessionAlreadyExists);
    expect(others).to.deep.equal([]);
  });

  it('rejects with StoreUnavailable who waits while it is closed', async () => {
    const store = await fullOfUsers(20_000);
    const creating = errorOf(() => store.create(record('a', { uid: 'u' })));
    await store.close();
    expect(await creating)
      .to.be.instanceOf(StoreUnavailable)
      .and.not.instanceOf(StoreFull);
  });

  guardRejections();
});
