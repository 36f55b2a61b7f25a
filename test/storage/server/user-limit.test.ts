import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryStore, RevocationList, type ServerSessionStorage, SessionEnded } from '../../../src/index.js';
import type { FakeClock } from '../../../src/testing/fake-clock.js';
import { eventsOf } from '../../support/events.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench, type PlainOptions } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

/** The sids of sign-ins one after the other, a millisecond apart. */
async function signIns(
  { storage, clock }: { storage: ServerSessionStorage; clock: FakeClock },
  count: number,
  uid = 'u1',
): Promise<string[]> {
  const sids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    clock.advance(1);
    sids.push(await heldSid(storage, { n }, uid));
  }
  return sids;
}

/** A rotation of u1's only session that has stored the successor when u1 signs in to a second session. */
async function signInWhileRotating(options: PlainOptions) {
  const { clock, storage, store } = faultyBench(options);
  const [sid] = await signIns({ storage, clock }, 1);
  const session = await storage.get(sid);
  const gate = store.hold('retire');
  const rotating = storage.commit(session.rotate());
  await gate.reached;
  store.heal();
  clock.advance(1);
  // Stored without a sign-in of an existing session, which would wait at the gate.
  const second = await issuedBy(storage.commit(storage.blank().setUser('u1')));
  gate.release();
  return { clock, storage, store, sid, second, rotating };
}

describe('maxSessionsPerUser', () => {
  guardRejections();

  it('ends those signed in longest ago when one more signs in', async () => {
    const bench = serverBench({ maxSessionsPerUser: 2 });
    const sids = await signIns(bench, 4);
    expect(await openingsOf(bench.storage, ...sids)).to.deep.equal(['revoked', 'revoked', 'opened', 'opened']);
  });

  it('knows the later of sign-ins in the same millisecond', async () => {
    const { storage } = serverBench({ maxSessionsPerUser: 2 });
    for (let user = 0; user < 20; user += 1) {
      const sids: string[] = [];
      for (let n = 0; n < 4; n += 1) sids.push(await heldSid(storage, { n }, `u${user}`));
      expect(await openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'revoked', 'opened', 'opened']);
    }
  });

  it('ends few of many before a sign-in is answered, the newest first, and then the others', async () => {
    const store = new MemoryStore();
    const before = serverBench({ store });
    await signIns(before, 1_000);
    const { storage } = serverBench({ store, clock: before.clock, maxSessionsPerUser: 10 });
    before.clock.advance(1);
    const retire = sinon.spy(store, 'retire');
    const sid = await heldSid(storage, {}, 'u1');
    expect(retire.callCount).to.be.within(100, 500);
    while ((await storage.listOfUser('u1')).length > 10) await nextTurn();
    const left = (await storage.listOfUser('u1')).map(({ created }) => created - NOW);
    expect(left).to.have.members([1001, 1000, 999, 998, 997, 996, 995, 994, 993, 992]);
    expect(await openingOf(storage, sid)).to.equal('opened');
  });

  it('counts the sign-in, not the last use', async () => {
    const bench = serverBench({ maxSessionsPerUser: 2, timeoutResolution: 0 });
    const [first, second] = await signIns(bench, 2);
    bench.clock.advance(1);
    await bench.storage.commit(await bench.storage.get(first));
    const [third] = await signIns(bench, 1);
    expect(await openingsOf(bench.storage, first, second, third)).to.deep.equal(['revoked', 'opened', 'opened']);
  });

  it('of 1 leaves the newest alone', async () => {
    const bench = serverBench({ maxSessionsPerUser: 1 });
    const sids = await signIns(bench, 3);
    expect(await openingsOf(bench.storage, ...sids)).to.deep.equal(['revoked', 'revoked', 'opened']);
  });

  it('leaves other users’ and anonymous sessions alone', async () => {
    const bench = serverBench({ maxSessionsPerUser: 1 });
    const anonymous = await heldSid(bench.storage, { a: 1 });
    const [other] = await signIns(bench, 1, 'u2');
    await signIns(bench, 3);
    expect(await openingsOf(bench.storage, anonymous, other)).to.deep.equal(['opened', 'opened']);
  });

  it('tells of each that it ended, with the reason', async () => {
    const bench = serverBench({ maxSessionsPerUser: 1 });
    const [first] = await signIns(bench, 1);
    const { id, lineage } = await bench.storage.get(first);
    const told = eventsOf(bench.storage, 'ended');
    await signIns(bench, 1);
    expect(told).to.deep.equal([['ended', { id, lineage, uid: 'u1', reason: 'too many sessions' }]]);
  });

  it('tells the revocation list of each, after the store, so that others hear of it', async () => {
    const log = new FaultyLog();
    const revocations = new RevocationList({ log });
    const bench = serverBench({ maxSessionsPerUser: 1, revocations });
    await bench.storage.ready();
    const [first] = await signIns(bench, 1);
    const { lineage } = await bench.storage.get(first);
    await signIns(bench, 1);
    expect(log.entries.map(({ match, reason }) => ({ match, reason }))).to.deep.include({
      match: { lineage },
      reason: 'too many sessions',
    });
    await revocations.close();
  });

  it('is off with null, and by default', async () => {
    for (const options of [{}, { maxSessionsPerUser: null }]) {
      const bench = faultyBench(options);
      const sids = await signIns(bench, 20);
      expect(new Set(await openingsOf(bench.storage, ...sids))).to.deep.equal(new Set(['opened']));
      expect(bench.store.callsOf('ofUser')).to.deep.equal([]);
    }
  });

  it('asks the store for the user’s sessions at a sign-in alone', async () => {
    const bench = faultyBench({ maxSessionsPerUser: 2, timeoutResolution: 0 });
    const [sid] = await signIns(bench, 1);
    bench.store.forgetCalls();
    bench.clock.advance(1);
    await bench.storage.commit(await bench.storage.get(sid));
    const session = await bench.storage.get(sid);
    session.sessionData['a'] = 1;
    await bench.storage.commit(session);
    await bench.storage.commit(session.rotate());
    await bench.storage.commit(session.setUser('u1'));
    expect(bench.store.callsOf('ofUser')).to.deep.equal([]);
    await bench.storage.commit(session.setUser('u2'));
    expect(bench.store.callsOf('ofUser').length).to.equal(1);
    session.sessionData['a'] = 2;
    await bench.storage.commit(session);
    expect(bench.store.callsOf('ofUser').length, 'once for a sign-in').to.equal(1);
  });

  it('is held at a sign-in through save() as well', async () => {
    const bench = serverBench({ maxSessionsPerUser: 1 });
    const [first] = await signIns(bench, 1);
    bench.clock.advance(1);
    const session = await bench.storage.create();
    await session.setUser('u1').save();
    expect(await openingOf(bench.storage, first)).to.equal('revoked');
    expect(await openingOf(bench.storage, session.forClient())).to.equal('opened');
  });

  it('counts a session once that is just being rotated', async () => {
    const { storage, second, rotating } = await signInWhileRotating({ maxSessionsPerUser: 2 });
    const renewed = await issuedBy(rotating);
    expect(await openingsOf(storage, renewed, second)).to.deep.equal(['opened', 'opened']);
  });

  it('ends a session that is just being rotated, under whichever id', async () => {
    const { clock, storage, store, sid, second, rotating } = await signInWhileRotating({ maxSessionsPerUser: 1 });
    expect(await outcomeOf(rotating)).to.equal('withheld');
    expect((await store.ofUser('u1', clock.now())).length).to.equal(1);
    expect(await openingsOf(storage, sid, second)).to.deep.equal(['revoked', 'opened']);
  });

  it('catches one that was rotated between the counting and the ending', async () => {
    const { clock, storage, store } = faultyBench({ maxSessionsPerUser: 1 });
    const [sid] = await signIns({ storage, clock }, 1);
    const rotating = await storage.get(sid);
    clock.advance(1);
    const gate = store.hold('retire');
    const signing = storage.commit(storage.blank().setUser('u1'));
    await gate.reached;
    store.heal();
    const renewed = await issuedBy(storage.commit(rotating.rotate()));
    const { id, lineage } = rotating;
    const told = eventsOf(storage, 'ended');
    gate.release();
    const second = await issuedBy(signing);
    expect(await openingsOf(storage, renewed, second)).to.deep.equal(['revoked', 'opened']);
    expect((await storage.listOfUser('u1')).length).to.equal(1);
    expect(told).to.deep.equal([['ended', { id, lineage, uid: 'u1', reason: 'too many sessions' }]]);
  });
});

describe('maxSessionsPerUser under 50 sign-ins at once (row 62)', () => {
  guardRejections();

  for (const [what, spread] of [
    ['in one millisecond', 0],
    ['a millisecond apart', 1],
  ] as const) {
    it(`leaves exactly the limit, ${what}, and no client holds one too many`, async () => {
      const { clock, storage, store } = serverBench({ maxSessionsPerUser: 5 });
      const sessions = await Promise.all(Array.from({ length: 50 }, () => storage.create()));
      for (const session of sessions) {
        clock.advance(spread);
        session.setUser('u1');
      }
      const results = await Promise.all(sessions.map((session) => storage.commit(session)));
      const records = await store.ofUser('u1', clock.now());
      expect(records.length).to.equal(5);
      const held: string[] = [];
      for (const result of results) if (result.outcome === 'issued') held.push(result.sid);
      const opened = await Promise.all(
        held.map((sid) =>
          storage.get(sid).then(
            ({ id }) => id,
            () => undefined,
          ),
        ),
      );
      expect(new Set(opened.filter((id) => id !== undefined))).to.deep.equal(new Set(records.map(({ id }) => id)));
      expect(results.filter(({ outcome }) => outcome === 'withheld').length).to.equal(50 - held.length);
      if (spread > 0) {
        const newest = sessions.slice(-5).map(({ id }) => id);
        expect(new Set(records.map(({ id }) => id))).to.deep.equal(new Set(newest));
      }
    });
  }

  it('never ends them all, whatever the order in which they are stored', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { clock, storage, store } = faultyBench({ maxSessionsPerUser: 1 });
      const sessions = await Promise.all(Array.from({ length: 8 }, () => storage.create()));
      for (const session of sessions) session.setUser('u1');
      const gate = store.hold(round % 2 === 0 ? 'ofUser' : 'retire');
      const committing = Promise.all(sessions.map((session) => storage.commit(session)));
      await gate.reached;
      gate.release();
      await committing;
      expect((await store.ofUser('u1', clock.now())).length).to.equal(1);
    }
  });
});

describe('A sign-in that the limit ends itself', () => {
  it('is withheld from its client by commit, and refused by save', async () => {
    const { clock, storage } = serverBench({ maxSessionsPerUser: 1 });
    const late = [storage.blank().setUser('u1'), storage.blank().setUser('u1')];
    clock.advance(1_000);
    const newest = await heldSid(storage, {}, 'u1');
    expect(await outcomeOf(storage.commit(late[0] ?? storage.blank()))).to.equal('withheld');
    expect(await errorOf(async () => await late[1]?.save())).to.be.instanceOf(SessionEnded);
    expect(await errorOf(async () => late[0]?.forClient())).to.be.instanceOf(SessionEnded);
    expect((await storage.listOfUser('u1')).length).to.equal(1);
    expect(await openingOf(storage, newest)).to.equal('opened');
  });
});
