import { expect } from 'chai';
import { MemoryStore, type SessionRecord, StoreUnavailable } from '../../../src/index.js';
import { FaultyStore } from '../../../src/testing/index.js';
import { errorOf, openingsOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';

/** Notes how many records it returned. */
class CountingStore extends MemoryStore {
  records = 0;

  override async ofUser(...args: Parameters<MemoryStore['ofUser']>): Promise<readonly SessionRecord[]> {
    const found = await super.ofUser(...args);
    this.records += found.length;
    return found;
  }
}

describe('Ending one session', () => {
  guardRejections();

  for (const [how, end] of [
    ['by sid', async ({ storage }: ReturnType<typeof serverBench>, sid: string) => await storage.revoke({ sid })],
    [
      'at sign-out',
      async ({ storage }: ReturnType<typeof serverBench>, sid: string) =>
        await storage.commit((await storage.get(sid)).revoke()),
    ],
    [
      'by an entry of a list',
      async ({ storage, clock }: ReturnType<typeof serverBench>, sid: string) => {
        const { id, lineage, uid } = await storage.get(sid);
        await storage.commit((await storage.get(sid)).rotate());
        clock.advance(4_000_000);
        await storage.revoke({ id, lineage, uid: uid ?? '' });
      },
    ],
  ] as const) {
    it(`reads none of the user’s other sessions, however many there are, ${how}`, async () => {
      const store = new CountingStore();
      const bench = serverBench({ store });
      const sids = [];
      for (let count = 0; count < 50; count += 1) sids.push(await heldSid(bench.storage, {}, 'u1'));
      store.records = 0;
      await end(bench, sids[25] ?? '');
      expect(store.records).to.be.at.most(1);
      expect(await bench.storage.listOfUser('u1')).to.have.length(49);
    });
  }

  it('takes one attempt while another writes the session without a pause', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, {}, 'u1');
    const writing = await storage.get(sid);
    store.forgetCalls();
    const gate = store.hold('retire');
    const ending = storage.revoke({ sid });
    await gate.reached;
    store.heal();
    for (let count = 0; count < 20; count += 1) await writing.update((data) => void Object.assign(data, { count }));
    gate.release();
    expect(await ending).to.have.property('ended', 1);
    expect(store.callsOf('retire')).to.have.length(1);
    expect(await openingsOf(storage, sid)).to.deep.equal(['revoked']);
  });
});

describe('Ending thousands of a user’s sessions', () => {
  guardRejections();

  it('happens in steps, which stay done when a later one fails, and says so', async () => {
    const { storage, store } = faultyBench();
    const kept = await storage.get(await heldSid(storage, {}, 'u1'));
    for (let count = 0; count < 1_700; count += 1) await heldSid(storage, {}, 'u1');
    const gate = store.hold('deleteOfUser');
    const ending = errorOf(() => storage.revoke({ uid: 'u1', except: kept }));
    await gate.reached;
    store.heal();
    // The second step finds the store down.
    const second = store.hold('deleteOfUser');
    gate.release();
    await second.reached;
    store.heal();
    store.fail('deleteOfUser');
    second.release();
    // The step that waited succeeds; the third fails.
    const error = await ending;
    expect(error)
      .to.be.instanceOf(StoreUnavailable)
      .and.have.property('message')
      .that.includes('1000')
      .and.includes('again');
    store.heal();
    expect(await storage.listOfUser('u1')).to.have.length(701);
    expect(await storage.revoke({ uid: 'u1', except: kept })).to.include({ ended: 700 });
    expect((await storage.listOfUser('u1')).map(({ lineage }) => lineage)).to.deep.equal([kept.lineage]);
  });

  it('gives every step a deadline of its own', async () => {
    const store = new FaultyStore(new MemoryStore());
    const { storage } = serverBench({ store });
    for (let count = 0; count < 1_100; count += 1) await heldSid(storage, {}, 'u1');
    expect(await storage.revoke({ uid: 'u1' })).to.include({ ended: 1_100 });
    const limits = store.callsOf('deleteOfUser').map(([, , options]) => options);
    expect(limits).to.have.length(3);
    for (const options of limits) expect(options).to.have.property('limit', 500);
  });
});

describe('Sessions that ended together', () => {
  it('give the reason that each would give alone, for as long as it is remembered', async () => {
    const { storage, clock } = serverBench();
    const sids = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
    await storage.revoke({ uid: 'u1' });
    expect(await openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'revoked']);
    clock.advance(3_600_000);
    expect(await openingsOf(storage, ...sids)).to.deep.equal(['unknown', 'unknown']);
  });

  it('leave a request of theirs under way without a credential', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const session = await storage.get(sid);
    await storage.revoke({ uid: 'u1' });
    session.sessionData['late'] = 1;
    expect((await storage.commit(session)).outcome).to.equal('withheld');
    expect(await issuedBy(storage.commit(storage.blank().setUser('u1')))).to.be.a('string');
  });
});
