import { expect } from 'chai';
import { SessionEnded } from '../../../src/index.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { faultyBench, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

describe('The idle timeout of a server-side session (row 7)', () => {
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
});

describe('The absolute timeout of a server-side session (row 8)', () => {
  it('begins anew with regenerate', async () => {
    const { clock, storage } = serverBench({ absoluteTimeout: HOUR, idleTimeout: null });
    const session = await storage.create({ a: 1 });
    clock.advance(MINUTE);
    await session.regenerate();
    await session.save();
    expect(session.getExpiry()).to.equal(clock.now() + HOUR);
  });
});

describe('Both timeouts together', () => {
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
  it('is told from one that never was for a minute', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const sid = await heldSid(storage);
    clock.advance(HOUR);
    expect(await openingOf(storage, sid)).to.equal('expired: idle');
    clock.advance(MINUTE - 1);
    expect(await openingOf(storage, sid)).to.equal('expired: idle');
    clock.advance(1);
    expect(await openingOf(storage, sid)).to.equal('unknown');
  });

  it('is unknown as soon as it is swept', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const sid = await heldSid(storage);
    clock.advance(HOUR);
    await storage.sweep();
    expect(await openingOf(storage, sid)).to.equal('unknown');
  });

  it('takes no save, update, rotation or sign-in once its absolute end has come', async () => {
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
});

describe('hasExpired, getExpiry and getTTL of a server-side session', () => {
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
