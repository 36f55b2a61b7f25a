import { expect } from 'chai';
import { MemoryStore, RevocationList, StoreUnavailable } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { faultyBench, putBody } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;

describe('ServerSessionStorage.check', () => {
  it('says live of one without end', async () => {
    const { storage } = serverBench({ idleTimeout: null, absoluteTimeout: null });
    expect(await storage.check(await storage.create())).to.equal('live');
  });

  it('asks once, writes nothing, and moves no lastAccess', async () => {
    const { clock, storage, store } = faultyBench({ idleTimeout: HOUR, timeoutResolution: 0 });
    const session = await storage.get(await heldSid(storage));
    clock.advance(5);
    store.forgetCalls();
    await storage.check(session);
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['load']);
    expect(await storage.check(session)).to.deep.equal({ expires: NOW + HOUR });
  });

  it('sees what others did since: a touch, a shorter life, an end', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR, timeoutResolution: 0 });
    const sid = await heldSid(storage);
    const mine = await storage.get(sid);
    clock.advance(5);
    await storage.commit(await storage.get(sid));
    expect(await storage.check(mine)).to.deep.equal({ expires: NOW + 5 + HOUR });
    await storage.commit((await storage.get(sid)).setLifetime({ idleTimeout: 1_000 }));
    expect(await storage.check(mine)).to.deep.equal({ expires: NOW + 1_005 });
    await storage.revoke({ sid });
    expect(await storage.check(mine)).to.equal('ended');
  });

  it('says ended of one that never was, of another lineage’s id, and of what was deleted', async () => {
    const { storage, store } = serverBench();
    const session = await storage.get(await heldSid(storage));
    expect(await storage.check({ id: 'never', lineage: 'never' })).to.equal('ended');
    expect(await storage.check({ id: session.id, lineage: 'another' })).to.equal('ended');
    await store.delete(session.id);
    expect(await storage.check(session)).to.equal('ended');
  });

  it('looks at bounds that were made shorter since', async () => {
    const { store, storage } = serverBench({ idleTimeout: HOUR });
    const session = await storage.get(await heldSid(storage));
    const shorter = serverBench({ store, idleTimeout: 1_000 });
    expect(await shorter.storage.check(session)).to.deep.equal({ expires: NOW + 1_000 });
  });

  it('answers for a record whose data cannot be read', async () => {
    const { store, storage } = serverBench({ idleTimeout: HOUR });
    const session = await storage.get(await heldSid(storage));
    await putBody(store, session.id, 'not JSON');
    expect(await storage.check(session)).to.deep.equal({ expires: NOW + HOUR });
  });

  it('says ended of what the revocation list knows to be over', async () => {
    const store = Object.assign(new MemoryStore(), { deleteAll: undefined });
    const { clock, storage } = serverBench({ store, revocations: new RevocationList() });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    clock.advance(1);
    await storage.revoke('everyone');
    expect(await storage.check(session)).to.equal('ended');
  });

  it('says unavailable when the store fails, never ended', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage));
    store.disconnect();
    expect(await errorOf(() => storage.check(session))).to.be.instanceOf(StoreUnavailable);
  });
});
