import { expect } from 'chai';
import { type ServerSession, type ServerSessionStorage, SessionEnded, StoreUnavailable } from '../../../src/index.js';
import type { FakeClock } from '../../../src/testing/fake-clock.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';

const TIMES = { idleTimeout: 10_000, timeoutResolution: 1_000, rotationGrace: 3_000, reuseWindow: 6_000 };

const WRITES: readonly [string, (session: ServerSession) => Promise<unknown>][] = [
  ['save', (session) => session.save()],
  ['update', (session) => session.update(countUp)],
];

const DEPARTURES: readonly [string, (storage: ServerSessionStorage, session: ServerSession) => Promise<unknown>][] = [
  ['sign-out', async (storage, session) => expect(await outcomeOf(storage.commit(session.revoke()))).to.equal('ended')],
  ['destroy', (_, session) => session.destroy()],
];

describe('Server-side sessions in requests that overlap', () => {
  for (const [how, write] of WRITES) {
    it(`does not bring back by ${how} what expired during the request`, async () => {
      const { clock, storage } = serverBench(TIMES);
      const sid = await heldSid(storage, {}, 'u1');
      const session = await storage.get(sid);
      clock.advance(TIMES.idleTimeout);
      expect(await errorOf(() => write(session))).to.be.instanceOf(SessionEnded);
      expect(await openingOf(storage, sid)).to.equal('expired: idle');
      expect(session.hasExpired()).to.equal(true);
      expect(session.sessionData).to.deep.equal({});
    });
  }

  it('takes no save of a request that ended all sessions of its user, its own among them', async () => {
    const { storage } = serverBench(TIMES);
    const sid = await heldSid(storage, {}, 'u1');
    const late = await storage.get(sid);
    await storage.commit((await storage.get(sid)).rotate());
    expect(await outcomeOf(storage.commit(late.forceInvalidate('AllSessionIdsOfLoggedUser')))).to.equal('ended');
    expect(await errorOf(() => late.save())).to.be.instanceOf(SessionEnded);
    expect(await errorOf(() => late.forClient())).to.be.instanceOf(SessionEnded);
  });

  it('does not move the last access back when a request rotates that began before others', async () => {
    const { clock, storage } = serverBench(TIMES);
    const sid = await heldSid(storage, {}, 'u1');
    const rotating = (await storage.get(sid)).rotate();
    clock.advance(5_000);
    await storage.commit(await storage.get(sid));
    clock.advance(1);
    const next = await issuedBy(storage.commit(rotating));
    clock.advance(TIMES.idleTimeout - 1);
    expect(await openingOf(storage, next)).to.equal('opened');
  });

  it('ends the session that it is given even when that has a new id which is not stored yet', async () => {
    const { storage } = serverBench(TIMES);
    const session = await storage.create();
    const sid = session.forClient();
    expect(await storage.revoke(session.setUser('u1'))).to.include({ ended: 1 });
    expect(await openingOf(storage, sid)).to.equal('revoked');
  });

  for (const [how, leave] of DEPARTURES) {
    it(`ends the session by ${how} in a request that outlasted every trace of a rotation`, async () => {
      const { clock, storage } = serverBench(TIMES);
      const sid = await heldSid(storage, {}, 'u1');
      const leaving = await storage.get(sid);
      const next = await issuedBy(storage.commit((await storage.get(sid)).rotate()));
      clock.advance(TIMES.reuseWindow);
      await leave(storage, leaving);
      expect(await openingOf(storage, next)).to.equal('revoked');
    });
  }

  it('ends a session of a list wholly, when a process died while it rotated it', async () => {
    for (const shown of ['the old id', 'the new id']) {
      const { store, storage } = faultyBench(TIMES);
      const sid = await heldSid(storage, {}, 'u1');
      const session = (await storage.get(sid)).rotate();
      store.fail('retire');
      store.fail('delete');
      expect(await errorOf(() => storage.commit(session))).to.be.instanceOf(StoreUnavailable);
      store.heal();
      const [entry] = await storage.listOfUser('u1');
      const id = shown === 'the old id' ? (await storage.get(sid)).id : session.id;
      expect(entry).to.include({ lineage: session.lineage });
      expect(await storage.revoke({ id, uid: 'u1' })).to.include({ ended: 1 });
      expect(await openingOf(storage, sid)).to.equal('revoked');
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
    }
  });

  it('clears no newer credential when it signs out of what was replaced, though another request still rotates that', async () => {
    const { storage, held } = twoProcesses();
    const sid = await heldSid(storage, {}, 'u1');
    const leaving = (await storage.get(sid)).revoke();
    const replacing = (await storage.get(sid)).forceInvalidate('CurrentSessionId');
    const gate = held.store.hold('retire');
    const rotating = held.storage.commit((await held.storage.get(sid)).rotate());
    await gate.reached;
    expect(await outcomeOf(storage.commit(replacing))).to.equal('issued');
    expect(await outcomeOf(storage.commit(leaving))).to.equal('withheld');
    gate.release();
    expect(await outcomeOf(rotating)).to.equal('withheld');
  });

  it('gives no credential of what was replaced, to a request that saw a newer state of it before it was', async () => {
    const { clock, storage, held } = twoProcesses();
    const sid = await heldSid(storage, {}, 'u1');
    const late = await held.storage.get(sid, { touch: false });
    clock.advance(1);
    const seesConflict = held.store.hold('update');
    const saving = errorOf(() => late.update(countUp));
    await seesConflict.reached;
    await (await storage.get(sid)).update(countUp);
    const seesNewer = held.store.hold('load', 'after');
    seesConflict.release();
    await seesNewer.reached;
    const replaced = await storage.get(sid);
    expect(await outcomeOf(storage.commit(replaced.forceInvalidate('CurrentSessionId')))).to.equal('issued');
    seesNewer.release();
    expect(await saving).to.be.instanceOf(SessionEnded);
    expect(await outcomeOf(held.storage.commit(late))).to.equal('withheld');
  });

  it('loses nothing that a request sets while it saves, when others write before it saves again', async () => {
    const { clock, sid, found } = await savedAgain((session) => {
      session.setLifetime({ idleTimeout: 5_000 });
      session.info = { device: 'phone' };
    });
    expect(found.forClient()).to.equal(sid);
    expect(found.info).to.deep.equal({ device: 'phone' });
    expect(found.getExpiry()).to.equal(clock.now() + 5_000);
    expect(found.sessionData).to.deep.equal({ count: 1 });
  });

  it('nor that its user proved who they are', async () => {
    const { clock, found } = await savedAgain((session, at) => {
      at.advance(1);
      session.setUser('u1');
    });
    expect(found.authenticatedAt).to.equal(clock.now());
    expect(found.sessionData).to.deep.equal({ count: 1 });
  });
});

/** A storage, and another on the same store that can be held up. */
function twoProcesses() {
  const { clock, store, storage } = serverBench(TIMES);
  return { clock, storage, held: faultyBench({ ...TIMES, store, clock }) };
}

/** A session as it is found that was changed during a save, and saved again after somebody else's write. */
async function savedAgain(change: (session: ServerSession, clock: FakeClock) => void) {
  const { clock, storage, held } = twoProcesses();
  const sid = await heldSid(storage, {}, 'u1');
  const session = await held.storage.get(sid);
  const gate = held.store.hold('update');
  const saving = session.save();
  await gate.reached;
  change(session, clock);
  gate.release();
  await saving;
  await (await storage.get(sid)).update(countUp);
  await session.save();
  return { clock, sid, found: await storage.get(session.forClient()) };
}

function countUp(data: Record<string, unknown>): void {
  data['count'] = Number(data['count'] ?? 0) + 1;
}
