import { expect } from 'chai';
import { MemoryStore, type ServerSession, SessionAlreadyExists, type SessionRecord } from '../../../src/index.js';
import { errorOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';

/** A store in which somebody else has the very id that is about to be created: chance, or a generator that repeats itself. */
class CrowdedStore extends MemoryStore {
  readonly others: SessionRecord[] = [];
  /** How many of the next ids are taken. */
  taken = 0;

  override async create(record: SessionRecord): Promise<void> {
    if (this.taken > 0) {
      this.taken -= 1;
      const body = JSON.stringify({ sessionData: { whose: 'the victim’s' }, userData: {}, since: record.created });
      const other = { ...record, uid: 'victim', lineage: 'another-lineage', version: 7, body };
      await super.create(other);
      this.others.push(other);
    }
    await super.create(record);
  }

  /** Those of the others' records that are not exactly as they were. */
  async changed(): Promise<SessionRecord[]> {
    const changed: SessionRecord[] = [];
    for (const other of this.others) {
      const found = await this.load(other.id, 0);
      if (JSON.stringify(found) !== JSON.stringify(other)) changed.push(other);
    }
    return changed;
  }
}

function bench() {
  const store = new CrowdedStore();
  return { ...serverBench({ store }), store };
}

describe('An id that somebody else has already (row 6)', () => {
  guardRejections();

  const ways: readonly [string, (session: ServerSession) => unknown][] = [
    ['a rotation', (session) => session.rotate()],
    ['a sign-in', (session) => session.setUser('u1')],
    ['a forced invalidation', (session) => session.forceInvalidate('CurrentSessionId')],
    ['regenerate', (session) => session.regenerate()],
  ];

  it('is left to its owner, and a new session gets another', async () => {
    const { storage, store } = bench();
    store.taken = 1;
    const session = await storage.create({ a: 1 });
    expect(await store.changed()).to.deep.equal([]);
    expect(session.id).to.equal(session.lineage).and.not.to.equal(store.others[0]?.id);
    const opened = await storage.get(session.forClient());
    expect([opened.uid, opened.sessionData]).to.deep.equal([undefined, { a: 1 }]);
  });

  it('is left to its owner when a session made for a request is first stored', async () => {
    const { storage, store } = bench();
    const session = storage.blank().setUser('u1');
    store.taken = 3;
    const sid = await issuedBy(storage.commit(session));
    expect(await store.changed()).to.deep.equal([]);
    expect((await storage.get(sid)).uid).to.equal('u1');
  });

  for (const [what, change] of ways) {
    it(`is left to its owner, and ${what} gets another`, async () => {
      const { storage, store } = bench();
      const sid = await heldSid(storage, { a: 1 });
      const session = await storage.get(sid);
      await change(session);
      store.taken = 2;
      const renewed = await issuedBy(storage.commit(session));
      expect(await store.changed()).to.deep.equal([]);
      const opened = await storage.get(renewed);
      expect([opened.id, opened.lineage]).to.deep.equal([session.id, session.lineage]);
      expect(opened.uid).not.to.equal('victim');
      expect(store.others.map(({ id }) => id)).not.to.include(opened.id);
      const old = await storage.get(sid).then(({ id }) => id, String);
      expect(old).to.equal(what === 'a rotation' ? opened.id : 'SessionNotFound: session not found: superseded');
    });

    it(`is never opened by ${what} that gave up`, async () => {
      const { storage, store } = bench();
      const sid = await heldSid(storage, { a: 1 });
      const session = await storage.get(sid);
      await change(session);
      store.taken = 100;
      expect(await errorOf(() => storage.commit(session))).to.be.instanceOf(SessionAlreadyExists);
      expect(await store.changed()).to.deep.equal([]);
      expect(store.others.map(({ id }) => id)).not.to.include(session.id);
      expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 1 });
    });
  }

  it('is tried to be avoided a few times only: a generator that always repeats itself is an error', async () => {
    const { storage, store } = bench();
    store.taken = 100;
    expect(await errorOf(() => storage.create())).to.be.instanceOf(SessionAlreadyExists);
    expect(store.others.length).to.be.within(2, 10);
    expect(await store.changed()).to.deep.equal([]);
  });
});

describe('A write whose answer was lost, tried again in the same request', () => {
  guardRejections();

  it('creates the session under another id', async () => {
    const { storage, store } = faultyBench();
    const session = storage.blank();
    session.sessionData['a'] = 1;
    store.fail('create', { when: 'after', times: 1 });
    await errorOf(() => session.save());
    await session.save();
    const sid = await issuedBy(storage.commit(session));
    expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 1 });
  });

  for (const operation of ['create', 'retire'] as const) {
    it(`carries a sign-in out whose ${operation} failed before it worked`, async () => {
      const { storage, store } = faultyBench();
      const sid = await heldSid(storage, { a: 1 });
      const session = await storage.get(sid);
      store.fail(operation, { times: 1 });
      await errorOf(() => session.setUser('u1').save());
      expect(await openingsOf(storage, sid)).to.deep.equal(['opened']);
      await session.save();
      const renewed = await issuedBy(storage.commit(session));
      expect(await openingsOf(storage, sid, renewed)).to.deep.equal(['superseded', 'opened']);
      expect((await recordOf(store, session.id)).uid).to.equal('u1');
    });
  }

  it('gives no credential for a rotation that may have happened, and loses no session', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, { a: 1 }, 'u1');
    const session = await storage.get(sid);
    store.fail('retire', { when: 'after', times: 1 });
    await errorOf(() => session.rotate().save());
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    const opened = await storage.get(sid);
    expect([opened.uid, opened.sessionData]).to.deep.equal(['u1', { a: 1 }]);
  });
});
