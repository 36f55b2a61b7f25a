import { expect } from 'chai';
import { SessionEnded, SessionExpired, SessionNotFound } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { faultyBench, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

describe('The idle timeout of a server-side session (row 7)', () => {
  it('lets it live until the very millisecond before', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const sid = await heldSid(storage);
    clock.advance(HOUR - 1);
    expect(await openingOf(storage, sid)).to.equal('opened');
    clock.advance(1);
    expect(await openingOf(storage, sid)).to.equal('expired: idle');
  });

  it('counts from the last access that was stored', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR, timeoutResolution: 0 });
    const sid = await heldSid(storage);
    clock.advance(HOUR - 1);
    await storage.commit(await storage.get(sid));
    clock.advance(HOUR - 1);
    expect(await openingOf(storage, sid)).to.equal('opened');
    clock.advance(1);
    expect(await openingOf(storage, sid)).to.equal('expired: idle');
  });

  it('is judged before the access that is under way moves it', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const sid = await heldSid(storage);
    clock.advance(HOUR);
    expect(await errorOf(() => storage.get(sid))).to.be.instanceOf(SessionExpired);
    expect(await errorOf(() => storage.get(sid)), 'twice').to.be.instanceOf(SessionExpired);
  });

  for (const skew of [-5 * MINUTE, 5 * MINUTE]) {
    it(`is exact by the clock of whoever judges, ${skew} ms apart from the one that stored it`, async () => {
      const { clock, store, storage } = serverBench({ idleTimeout: HOUR });
      const sid = await heldSid(storage);
      const other = serverBench({ idleTimeout: HOUR, timeoutResolution: 0, store });
      other.clock.set(NOW + HOUR - 1);
      expect(await openingOf(other.storage, sid)).to.equal('opened');
      other.clock.advance(1);
      expect(await openingOf(other.storage, sid)).to.equal('expired: idle');
      other.clock.set(NOW + 10 * MINUTE);
      await other.storage.commit(await other.storage.get(sid));
      clock.set(other.clock.now() + skew);
      expect((await storage.get(sid)).lastAccess).to.equal(NOW + 10 * MINUTE + Math.max(0, skew));
      clock.set(NOW + 10 * MINUTE + HOUR - 1);
      expect(await openingOf(storage, sid)).to.equal('opened');
      clock.advance(1);
      expect(await openingOf(storage, sid)).to.equal('expired: idle');
    });
  }

  it('is off with null', async () => {
    const { clock, storage } = serverBench({ idleTimeout: null, absoluteTimeout: 100 * HOUR });
    const sid = await heldSid(storage);
    clock.advance(100 * HOUR - 1);
    expect(await openingOf(storage, sid)).to.equal('opened');
    clock.advance(1);
    expect(await openingOf(storage, sid)).to.equal('expired: absolute');
  });
});

describe('The absolute timeout of a server-side session (row 8)', () => {
  it('ends it at T, touched every second', async () => {
    const { clock, storage } = serverBench({ absoluteTimeout: 60_000, idleTimeout: 5_000, timeoutResolution: 0 });
    const sid = await heldSid(storage);
    for (let second = 1; second < 60; second += 1) {
      clock.advance(1_000);
      expect(await outcomeOf(storage.commit(await storage.get(sid)))).not.to.equal('withheld');
    }
    clock.advance(999);
    expect(await openingOf(storage, sid)).to.equal('opened');
    clock.advance(1);
    expect(await openingOf(storage, sid)).to.equal('expired: absolute');
  });

  it('never moves, whatever is done that keeps the user (S3)', async () => {
    const { clock, storage } = serverBench({ absoluteTimeout: HOUR, idleTimeout: null });
    let session = await storage.get(await heldSid(storage, {}, 'u1'));
    const end = session.getExpiry();
    for (const change of [
      () => session.rotate(),
      () => session.setUser('u1'),
      () => session.forceInvalidate('CurrentSessionId'),
      () => session.forceInvalidate('AllSessionIdsOfLoggedUser'),
      () => session.set('sessionData', { a: 1 }),
    ]) {
      clock.advance(MINUTE);
      change();
      await session.save();
      await storage.commit(session);
      session = await storage.get(session.forClient());
      expect(session.getExpiry()).to.equal(end);
    }
    clock.set(end);
    expect(await openingOf(storage, session.forClient())).to.equal('expired: absolute');
  });

  it('begins anew with another user, and with none', async () => {
    const { clock, storage } = serverBench({ absoluteTimeout: HOUR, idleTimeout: null });
    const session = await storage.create();
    await storage.commit(session);
    for (const uid of ['u1', 'u2', null]) {
      clock.advance(MINUTE);
      await storage.commit(session.setUser(uid === null ? null : { _id: uid }));
      expect(session.getExpiry()).to.equal(clock.now() + HOUR);
    }
  });

  it('begins anew with regenerate', async () => {
    const { clock, storage } = serverBench({ absoluteTimeout: HOUR, idleTimeout: null });
    const session = await storage.create({ a: 1 });
    clock.advance(MINUTE);
    await session.regenerate();
    await session.save();
    expect(session.getExpiry()).to.equal(clock.now() + HOUR);
  });

  it('is off with null', async () => {
    const { clock, storage } = serverBench({ absoluteTimeout: null, idleTimeout: HOUR, timeoutResolution: 0 });
    const sid = await heldSid(storage);
    for (let count = 0; count < 3_000; count += 1) {
      clock.advance(HOUR - 1);
      await storage.commit(await storage.get(sid));
    }
    expect(await openingOf(storage, sid)).to.equal('opened');
  });
});

describe('Both timeouts together', () => {
  it('end a session at the earlier of the two, and say which it was', async () => {
    const { clock, storage } = serverBench({ absoluteTimeout: HOUR, idleTimeout: 50 * MINUTE, timeoutResolution: 0 });
    const idle = await heldSid(storage);
    const busy = await heldSid(storage);
    clock.advance(20 * MINUTE);
    await storage.commit(await storage.get(busy));
    clock.advance(30 * MINUTE);
    expect(await openingOf(storage, idle)).to.equal('expired: idle');
    expect(await openingOf(storage, busy)).to.equal('opened');
    clock.advance(10 * MINUTE);
    expect(await openingOf(storage, busy)).to.equal('expired: absolute');
  });

  it('are what the store is told to end it at', async () => {
    const { clock, store, storage } = serverBench({
      absoluteTimeout: HOUR,
      idleTimeout: 50 * MINUTE,
      timeoutResolution: 0,
    });
    const session = await storage.create();
    expect((await recordOf(store, session.id)).expiresAt).to.equal(NOW + 50 * MINUTE);
    clock.advance(20 * MINUTE);
    await storage.commit(await storage.get(session.forClient()));
    expect((await recordOf(store, session.id)).expiresAt).to.equal(NOW + HOUR);
  });
});

describe('A session that has expired', () => {
  it('is told from one that never was for a minute, with the reason and the sid, and is a SessionNotFound', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const sid = await heldSid(storage);
    clock.advance(HOUR);
    const error = await errorOf(() => storage.get(sid), SessionNotFound);
    expect(error).to.be.instanceOf(SessionExpired).and.instanceOf(SessionNotFound);
    expect(error).to.include({ reason: 'idle', sessionId: sid, withinGrace: false, status: 401 });
    clock.advance(MINUTE - 1);
    expect(await openingOf(storage, sid)).to.equal('expired: idle');
    clock.advance(1);
    expect(await openingOf(storage, sid)).to.equal('unknown');
  });

  it('is told as refused with the reason', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const sid = await heldSid(storage);
    clock.advance(HOUR);
    const told = eventsOf(storage);
    await openingOf(storage, sid);
    expect(told).to.deep.equal([['refused', { reason: 'idle' }]]);
  });

  it('is unknown as soon as it is swept', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const sid = await heldSid(storage);
    clock.advance(HOUR);
    await storage.sweep();
    expect(await openingOf(storage, sid)).to.equal('unknown');
  });

  it('takes no commit of a request that had opened it without touching it, and says so', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const session = await storage.get(await heldSid(storage), { touch: false });
    const told = eventsOf(storage);
    clock.advance(HOUR);
    session.sessionData['a'] = 1;
    expect(session.isEnded).to.equal(true);
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    expect(told.map(([name]) => name)).to.deep.equal(['refused-late-save']);
    expect(await openingOf(storage, session.forClient())).to.equal('expired: idle');
  });

  it('takes no save, update, rotation or sign-in either once its absolute end has come', async () => {
    const { clock, store, storage } = faultyBench({ absoluteTimeout: HOUR, idleTimeout: null });
    const sid = await heldSid(storage, {}, 'u1');
    const open = () => storage.get(sid);
    const [saved, updated, rotated, renewed] = [await open(), await open(), await open(), await open()];
    clock.advance(HOUR);
    store.forgetCalls();
    const change = (data: Record<string, unknown>): void => {
      data['a'] = 1;
    };
    expect(await errorOf(() => saved.save())).to.be.instanceOf(SessionEnded);
    expect(await errorOf(() => updated.update(change))).to.be.instanceOf(SessionEnded);
    expect(await errorOf(() => rotated.rotate().save())).to.be.instanceOf(SessionEnded);
    expect(await outcomeOf(storage.commit(renewed.setUser('u1')))).to.equal('withheld');
    expect(store.calls).to.deep.equal([]);
  });

  it('is not kept alive by Max-Age or anything else that a client could leave out: only its own times count (row 9)', async () => {
    const { clock, store, storage } = serverBench({ idleTimeout: HOUR });
    const session = await storage.get(await heldSid(storage));
    // A store that keeps it longer changes nothing.
    const record = await recordOf(store, session.id);
    await store.update({ ...record, expiresAt: null });
    clock.advance(HOUR);
    expect(await openingOf(storage, session.forClient())).to.equal('expired: idle');
  });

  it('has its end where the record says, when the storage’s own bounds would let it live longer', async () => {
    const { clock, store, storage } = serverBench({ idleTimeout: HOUR });
    const sid = await heldSid(storage);
    const longer = serverBench({ store, idleTimeout: 2 * HOUR });
    longer.clock.set(clock.now() + HOUR);
    expect(await openingOf(longer.storage, sid)).to.equal('expired: idle');
    longer.clock.set(longer.clock.now() - 1);
    expect(await openingOf(longer.storage, sid)).to.equal('opened');
  });

  it('ends at once where the bounds were made shorter', async () => {
    const { clock, store, storage } = serverBench({ idleTimeout: HOUR });
    const sid = await heldSid(storage);
    const shorter = serverBench({ store, idleTimeout: MINUTE });
    shorter.clock.set(clock.now() + MINUTE - 1);
    expect(await openingOf(shorter.storage, sid)).to.equal('opened');
    shorter.clock.advance(1);
    expect(await openingOf(shorter.storage, sid)).to.equal('expired: idle');
  });
});

describe('hasExpired, getExpiry and getTTL of a server-side session', () => {
  it('say the same as the storage', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const session = await storage.get(await heldSid(storage));
    expect([session.getExpiry(), session.getTTL(), session.hasExpired()]).to.deep.equal([NOW + HOUR, HOUR, false]);
    clock.advance(HOUR - 1);
    expect([session.getTTL(), session.hasExpired()]).to.deep.equal([1, false]);
    clock.advance(1);
    expect([session.getTTL(), session.hasExpired(), session.isEnded]).to.deep.equal([0, true, true]);
  });

  it('agree with what the client is told at every commit (cookie and store never drift apart)', async () => {
    const { clock, store, storage } = serverBench({ idleTimeout: HOUR, absoluteTimeout: 3 * HOUR });
    const first = await storage.create();
    let told = await storage.commit(first.setUser('u1'));
    for (let step = 0; step < 12; step += 1) {
      clock.advance(14 * MINUTE);
      const session = await storage.get(await issuedBy(told));
      if (step % 3 === 1) session.sessionData['step'] = step;
      if (step % 4 === 2) session.rotate();
      const result = await storage.commit(session);
      if (result.outcome !== 'unchanged') told = result;
      const { expiresAt } = await recordOf(store, session.id);
      expect(told).to.have.property('expires', expiresAt);
      expect(session.getExpiry()).to.equal(expiresAt);
    }
    expect(told).to.have.property('expires', NOW + 3 * HOUR);
  });
});
