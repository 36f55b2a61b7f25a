import { expect } from 'chai';
import { MemoryStore, RevocationList } from '../../../src/index.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench, putBody } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { callUntyped, issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;

describe('ServerSessionStorage.listOfUser', () => {
  guardRejections();

  it('gives a user’s sessions with what a list of devices shows, and nothing that opens them', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const session = await storage.create({ secret: 'data' });
    session.setUser('u1', { name: 'Ada' }).info = { device: 'Firefox on Linux' };
    const sid = await issuedBy(storage.commit(session));
    clock.advance(5);
    const list = await storage.listOfUser('u1');
    expect(list).to.deep.equal([
      {
        id: session.id,
        lineage: session.lineage,
        uid: 'u1',
        created: NOW,
        lastAccess: NOW,
        lastUpdate: NOW,
        expires: NOW + HOUR,
        info: { device: 'Firefox on Linux' },
        isCurrent: false,
      },
    ]);
    expect(JSON.stringify(list)).not.to.include(sid).and.not.to.include('data');
    expect(Object.isFrozen(list[0])).to.equal(true);
  });

  it('gives the one used last first', async () => {
    const { clock, storage } = serverBench({ timeoutResolution: 0 });
    const sids = [];
    for (const n of [0, 1, 2]) {
      clock.advance(1);
      sids.push(await heldSid(storage, { n }, 'u1'));
    }
    clock.advance(1);
    const [first] = sids;
    await storage.commit(await storage.get(first));
    const ids = await Promise.all([first, sids[2], sids[1]].map(async (sid) => (await storage.get(sid)).id));
    expect((await storage.listOfUser('u1')).map(({ id }) => id)).to.deep.equal(ids);
  });

  it('marks the one that asks, also under an id that it had before', async () => {
    const { storage } = serverBench();
    const [mine] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
    const before = await storage.get(mine);
    const ref = { id: before.id, lineage: before.lineage };
    const after = await storage.get(await issuedBy(storage.commit(before.rotate())));
    for (const current of [ref, after]) {
      const list = await storage.listOfUser('u1', { current });
      expect(list.filter(({ isCurrent }) => isCurrent).map(({ id }) => id)).to.deep.equal([after.id]);
      expect(list.length).to.equal(2);
    }
    expect((await storage.listOfUser('u1', { current: undefined })).some(({ isCurrent }) => isCurrent)).to.equal(false);
  });

  it('has nobody else’s, neither anonymous ones nor those that changed hands', async () => {
    const { storage } = serverBench();
    await heldSid(storage);
    await heldSid(storage, {}, 'u2');
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    await storage.commit(session.setUser('u2'));
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
    expect((await storage.listOfUser('u2')).length).to.equal(2);
    await storage.commit(session.setUser(null));
    expect((await storage.listOfUser('u2')).length).to.equal(1);
  });

  it('has none that has expired, by its own life too, and none that was ended', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const [, ended] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
    const short = await storage.get(await heldSid(storage, {}, 'u1'));
    await storage.commit(short.setLifetime({ idleTimeout: 1_000 }));
    expect((await storage.listOfUser('u1')).length).to.equal(3);
    await storage.revoke({ sid: ended });
    clock.advance(1_000);
    expect((await storage.listOfUser('u1')).length).to.equal(1);
    clock.set(NOW + HOUR);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });

  it('has none that is over by bounds made shorter since', async () => {
    const { clock, store, storage } = serverBench({ idleTimeout: HOUR });
    await heldSid(storage, {}, 'u1');
    const shorter = serverBench({ store, idleTimeout: 1_000 });
    shorter.clock.set(clock.now() + 999);
    expect((await shorter.storage.listOfUser('u1')).map(({ expires }) => expires)).to.deep.equal([NOW + 1_000]);
    shorter.clock.advance(1);
    expect(await shorter.storage.listOfUser('u1')).to.deep.equal([]);
  });

  it('has one with unreadable data, so that it can be seen and ended, without what it is called', async () => {
    const { store, storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    for (const body of ['{', '[]', '{"sessionData":5}', '']) {
      await putBody(store, session.id, body);
      const [info] = await storage.listOfUser('u1');
      expect([info?.id, info?.info]).to.deep.equal([session.id, {}]);
    }
    expect(await openingOf(storage, session.forClient())).to.equal('invalid_data');
    expect(await storage.revoke({ id: session.id, uid: 'u1' })).to.have.property('ended', 1);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });

  it('has one whose data the schema refuses', async () => {
    const { clock, store, storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    await putBody(store, session.id, `{"sessionData":{},"userData":{},"since":${clock.now()},"info":{"device":"d"}}`);
    expect((await storage.listOfUser('u1'))[0]?.info).to.deep.equal({ device: 'd' });
  });

  it('has a session once that is just being rotated, and misses none (row 12)', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const gate = store.hold('retire');
    const rotating = storage.commit(session.rotate());
    await gate.reached;
    const during = await storage.listOfUser('u1');
    expect(during.map(({ lineage }) => lineage)).to.deep.equal([session.lineage]);
    gate.release();
    await rotating;
    expect((await storage.listOfUser('u1')).map(({ id }) => id)).to.deep.equal([session.id]);
  });

  it('has none that the revocation list knows to be over', async () => {
    const store = Object.assign(new MemoryStore(), { deleteAll: undefined });
    const { clock, storage } = serverBench({ store, revocations: new RevocationList() });
    await heldSid(storage, {}, 'u1');
    clock.advance(1);
    await storage.revoke('everyone');
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
    clock.advance(2_000);
    await heldSid(storage, {}, 'u1');
    expect((await storage.listOfUser('u1')).length).to.equal(1);
  });

  it('takes 200 sessions of one user among others', async () => {
    const { storage } = serverBench();
    const sids = await Promise.all(Array.from({ length: 200 }, (_, n) => heldSid(storage, { n }, 'u1')));
    await Promise.all(Array.from({ length: 50 }, (_, n) => heldSid(storage, { n }, `other${n}`)));
    const list = await storage.listOfUser('u1');
    expect(new Set(list.map(({ lineage }) => lineage)).size).to.equal(200);
    const ids = await Promise.all(sids.map(async (sid) => (await storage.get(sid)).id));
    expect(new Set(list.map(({ id }) => id))).to.deep.equal(new Set(ids));
  });

  it('takes a number or bigint for the id that it spells', async () => {
    const { storage } = serverBench();
    await heldSid(storage, {}, '5');
    expect((await storage.listOfUser(5)).length).to.equal(1);
    expect((await storage.listOfUser(5n)).length).to.equal(1);
  });

  it('refuses what can name no user, and options that there are not, with a TypeError', async () => {
    const { storage, store } = faultyBench();
    for (const uid of ['', 'a\0', '\ud800', 'x'.repeat(256), null, undefined, 1.5, {}]) {
      expect(await errorOf(() => callUntyped(storage, 'listOfUser', uid)), String(uid)).to.be.instanceOf(TypeError);
    }
    expect(await errorOf(() => callUntyped(storage, 'listOfUser', 'u1', { limit: 5 }))).to.be.instanceOf(TypeError);
    expect(store.calls).to.deep.equal([]);
  });

  it('keeps names apart that only look alike', async () => {
    const { storage } = serverBench();
    const names = ['__proto__', 'constructor', 'u1', 'U1', ' u1', 'u1 ', 'ü', 'u\u0308', '*', 'u*', '[a-z]1', "u'1"];
    for (const name of names) await heldSid(storage, {}, name);
    for (const name of names) {
      const list = await storage.listOfUser(name);
      expect(
        list.map(({ uid }) => uid),
        name,
      ).to.deep.equal([name]);
    }
  });
});
