import { expect } from 'chai';
import { z } from 'zod';
import { ServerSession, SessionDataInvalid, SessionEnded } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { bodyOf, faultyBench, recordOf } from '../../support/server-outcomes.js';
import { serverBench } from '../../support/server-sessions.js';
import { callUntyped, issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const DAY = 24 * 60 * 60 * 1000;

describe('ServerSessionStorage.create', () => {
  it('gives a session of nobody, with the data, that lives from now', async () => {
    const { storage } = serverBench();
    const session = await storage.create({ cart: [1] });
    expect(session).to.be.instanceOf(ServerSession);
    expect(session.sessionData).to.deep.equal({ cart: [1] });
    expect([session.uid, session.userData, session.authenticatedAt, session.info]).to.deep.equal([
      undefined,
      {},
      undefined,
      {},
    ]);
    expect([session.created, session.lastAccess, session.lastUpdate]).to.deep.equal([NOW, NOW, NOW]);
    expect(session.getExpiry()).to.equal(NOW + 7 * DAY);
    expect([session.isNew, session.isModified, session.isEnded]).to.deep.equal([true, false, false]);
  });

  it('stores it at once', async () => {
    const { storage, store } = serverBench();
    const session = await storage.create({ a: 1 });
    expect(await recordOf(store, session.id)).to.deep.include({
      id: session.id,
      lineage: session.lineage,
      version: 0,
      uid: null,
      created: NOW,
      lastAccess: NOW,
      lastUpdate: NOW,
      expiresAt: NOW + 7 * DAY,
    });
    expect(await bodyOf(store, session.id)).to.deep.equal({ sessionData: { a: 1 }, userData: {} });
  });

  it('stores an empty one too, whose sid opens it before any commit', async () => {
    const { storage } = serverBench();
    const session = await storage.create();
    expect(session.isEmpty).to.equal(true);
    expect((await storage.get(session.forClient())).id).to.equal(session.id);
  });

  it('stores null for a session that ends by itself never', async () => {
    const { storage, store } = serverBench({ idleTimeout: null, absoluteTimeout: null });
    const session = await storage.create();
    expect(await recordOf(store, session.id)).to.have.property('expiresAt', null);
    expect([session.getExpiry(), session.getTTL()]).to.deep.equal([Infinity, Infinity]);
    expect(await storage.commit(session)).to.have.property('expires', Infinity);
  });

  it('refuses data that JSON cannot carry or the schema refuses, and stores nothing', async () => {
    const { storage, store } = faultyBench({ sessionData: z.object({ n: z.number() }) });
    expect(await errorOf(() => callUntyped(storage, 'create', { n: 'x' }))).to.be.instanceOf(SessionDataInvalid);
    expect(await errorOf(() => callUntyped(storage, 'create', { n: 1n }))).to.have.property('path', 'sessionData.n');
    expect(await errorOf(() => callUntyped(storage, 'create', [1]))).to.be.instanceOf(SessionDataInvalid);
    expect(store.calls).to.deep.equal([]);
  });

  it('takes what the schema makes of the data', async () => {
    const { storage } = serverBench({ sessionData: z.object({ n: z.number().default(5) }) });
    const session = await storage.create({});
    expect(session.sessionData).to.deep.equal({ n: 5 });
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ n: 5 });
  });
});

describe('A session made for a request (blank)', () => {
  it('is not stored while it holds nothing, and nothing is sent for it (row 62)', async () => {
    const { storage, store } = faultyBench();
    const session = storage.blank();
    expect(await storage.commit(session)).to.deep.equal({ outcome: 'unchanged' });
    expect(store.calls).to.deep.equal([]);
    expect(session.isNew).to.equal(true);
  });

  it('costs the store nothing either when it was looked at, rotated, signed out, or changed and changed back', async () => {
    const { storage, store } = faultyBench();
    const changed = storage.blank();
    changed.sessionData['a'] = 1;
    delete changed.sessionData['a'];
    const looked = storage.blank();
    expect([looked.isEmpty, looked.uid, looked.sessionData]).to.deep.equal([true, undefined, {}]);
    for (const session of [changed, looked, storage.blank().rotate()]) {
      expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
    }
    expect(await outcomeOf(storage.commit(storage.blank().revoke()))).to.equal('ended');
    expect(store.calls).to.deep.equal([]);
  });

  it('is stored and issued once it holds data', async () => {
    const { storage, store } = faultyBench();
    const session = storage.blank();
    session.sessionData['a'] = 1;
    const sid = await issuedBy(storage.commit(session));
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['create']);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 1 });
  });

  it('is stored empty when it is saved on purpose, or when the commit is eager', async () => {
    const { storage } = serverBench();
    const saved = await storage.blank().save();
    expect(await openingOf(storage, await issuedBy(storage.commit(saved)))).to.equal('opened');
    const eager = await issuedBy(storage.commit(storage.blank(), { eager: true }));
    expect(await openingOf(storage, eager)).to.equal('opened');
  });

  it('keeps nothing of what is put in it when it is withheld, and says so', async () => {
    const { storage, store } = faultyBench();
    const told = eventsOf(storage);
    const session = storage.blank({ withheld: 'yes' });
    session.sessionData['a'] = 1;
    await session.save();
    await session.update((data) => {
      data['b'] = 2;
    });
    expect(session.sessionData).to.deep.equal({ a: 1, b: 2 });
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    expect(() => session.forClient()).to.throw(SessionEnded);
    expect(store.calls).to.deep.equal([]);
    expect(new Set(told.map(([name]) => name))).to.deep.equal(new Set(['refused-late-save']));
  });

  it('is refused where the schema demands data, which acceptsEmpty tells beforehand', async () => {
    const demanding = serverBench({ sessionData: z.object({ n: z.number() }) }).storage;
    const content = serverBench({ sessionData: z.object({ n: z.number().optional() }) }).storage;
    expect([demanding.acceptsEmpty, content.acceptsEmpty, serverBench().storage.acceptsEmpty]).to.deep.equal([
      false,
      true,
      true,
    ]);
    expect(() => demanding.blank()).to.throw(SessionDataInvalid);
  });
});
