import { expect } from 'chai';
import { SessionExpired, SessionNotFound } from '../../src/index.js';
import { eventsBesidesLoaded } from '../support/events.js';
import { heldAfter, kits } from '../support/kits.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../support/outcomes.js';
import { heldSid } from '../support/server-sessions.js';
import { NOW } from '../support/token-fixtures.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

for (const [where, kit] of kits) {
  describe(`The idle timeout of a session ${where} (row 7)`, () => {
    it('lets it live until the very millisecond before', async () => {
      const { clock, storage } = kit({ idleTimeout: HOUR });
      const sid = await heldSid(storage);
      clock.advance(HOUR - 1);
      expect(await openingOf(storage, sid)).to.equal('opened');
      clock.advance(1);
      expect(await openingOf(storage, sid)).to.equal('expired: idle');
    });

    it('counts from the last access that was committed', async () => {
      const { clock, storage } = kit({ idleTimeout: HOUR, timeoutResolution: 0 });
      const first = await heldSid(storage);
      clock.advance(HOUR - 1);
      const sid = await heldAfter(storage.commit(await storage.get(first)), first);
      clock.advance(HOUR - 1);
      expect(await openingOf(storage, sid)).to.equal('opened');
      clock.advance(1);
      expect(await openingOf(storage, sid)).to.equal('expired: idle');
    });

    it('is judged before the access that is under way moves it (defect 1)', async () => {
      const { clock, storage } = kit({ idleTimeout: HOUR });
      const sid = await heldSid(storage);
      clock.advance(HOUR - 1);
      expect((await storage.get(sid)).lastAccess).to.equal(NOW + HOUR - 1);
      clock.advance(1);
      expect(await errorOf(() => storage.get(sid))).to.be.instanceOf(SessionExpired);
      expect(await errorOf(() => storage.get(sid)), 'twice').to.be.instanceOf(SessionExpired);
    });

    it('is off with null', async () => {
      const { clock, storage } = kit({ idleTimeout: null, absoluteTimeout: 100 * HOUR });
      const sid = await heldSid(storage);
      clock.advance(100 * HOUR - 1);
      expect(await openingOf(storage, sid)).to.equal('opened');
      clock.advance(1);
      expect(await openingOf(storage, sid)).to.equal('expired: absolute');
    });
  });

  describe(`The absolute timeout of a session ${where} (row 8)`, () => {
    it('ends it at T, touched every second', async () => {
      const { clock, storage } = kit({ absoluteTimeout: MINUTE, idleTimeout: 5_000, timeoutResolution: 0 });
      let sid = await heldSid(storage);
      for (let second = 1; second < 60; second += 1) {
        clock.advance(1_000);
        const result = await storage.commit(await storage.get(sid));
        expect(result.outcome).not.to.equal('withheld');
        sid = await heldAfter(result, sid);
      }
      clock.advance(999);
      expect(await openingOf(storage, sid)).to.equal('opened');
      clock.advance(1);
      expect(await openingOf(storage, sid)).to.equal('expired: absolute');
    });

    it('never moves, whatever is done that keeps the user (S3)', async () => {
      const { clock, storage } = kit({ absoluteTimeout: HOUR, idleTimeout: null });
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
      const { clock, storage } = kit({ absoluteTimeout: HOUR, idleTimeout: null });
      const session = await storage.create();
      await storage.commit(session);
      for (const uid of ['u1', 'u2', null]) {
        clock.advance(MINUTE);
        await storage.commit(session.setUser(uid === null ? null : { _id: uid }));
        expect(session.getExpiry()).to.equal(clock.now() + HOUR);
      }
    });

    it('is off with null', async () => {
      const { clock, storage } = kit({ absoluteTimeout: null, idleTimeout: HOUR, timeoutResolution: 0 });
      let sid = await heldSid(storage);
      for (let count = 0; count < 3_000; count += 1) {
        clock.advance(HOUR - 1);
        sid = await heldAfter(storage.commit(await storage.get(sid)), sid);
      }
      expect(await openingOf(storage, sid)).to.equal('opened');
    });
  });

  describe(`Both timeouts of a session ${where}`, () => {
    it('end it at the earlier of the two, and say which it was', async () => {
      const { clock, storage } = kit({ absoluteTimeout: HOUR, idleTimeout: 50 * MINUTE, timeoutResolution: 0 });
      const idle = await heldSid(storage);
      let busy = await heldSid(storage);
      clock.advance(20 * MINUTE);
      busy = await heldAfter(storage.commit(await storage.get(busy)), busy);
      clock.advance(30 * MINUTE);
      expect(await openingsOf(storage, idle, busy)).to.deep.equal(['expired: idle', 'opened']);
      clock.advance(10 * MINUTE);
      expect(await openingOf(storage, busy)).to.equal('expired: absolute');
    });

    it('are off with null: the client is told of no end', async () => {
      const { storage } = kit({ idleTimeout: null, absoluteTimeout: null });
      const session = await storage.create();
      expect([session.getExpiry(), session.getTTL()]).to.deep.equal([Infinity, Infinity]);
      expect(await storage.commit(session)).to.have.property('expires', Infinity);
    });

    it('only shorten a life when they are changed', async () => {
      const { clock, storage, another } = kit({ idleTimeout: HOUR });
      const sid = await heldSid(storage);
      const [shorter, longer] = [another({ idleTimeout: MINUTE }), another({ idleTimeout: 2 * HOUR })];
      for (const [changed, life] of [
        [shorter, MINUTE],
        [longer, HOUR],
      ] as const) {
        changed.clock.set(clock.now() + life - 1);
        expect(await openingOf(changed.storage, sid)).to.equal('opened');
        changed.clock.advance(1);
        expect(await openingOf(changed.storage, sid)).to.equal('expired: idle');
      }
    });
  });

  describe(`A session ${where} that has expired`, () => {
    it('is a SessionNotFound with the reason and the sid, and told as refused (defect 2)', async () => {
      const { clock, storage } = kit({ idleTimeout: HOUR });
      const sid = await heldSid(storage);
      clock.advance(HOUR);
      const told = eventsBesidesLoaded(storage);
      const error = await errorOf(() => storage.get(sid));
      expect(error).to.be.instanceOf(SessionExpired).and.instanceOf(SessionNotFound);
      expect(error).to.include({ name: 'SessionExpired', code: 'ERR_SESSION_EXPIRED', status: 401 });
      expect(error).to.include({ reason: 'idle', sessionId: sid, withinGrace: false });
      expect(told).to.deep.equal([['refused', { reason: 'idle' }]]);
    });

    it('takes no commit of a request that had opened it, and says so', async () => {
      for (const [bounds, touch, reason] of [
        [{ idleTimeout: HOUR }, false, 'idle'],
        [{ idleTimeout: null, absoluteTimeout: HOUR }, true, 'absolute'],
      ] as const) {
        const { clock, storage } = kit(bounds);
        const sid = await heldSid(storage);
        const session = await storage.get(sid, { touch });
        const told = eventsBesidesLoaded(storage);
        clock.advance(HOUR);
        session.sessionData['a'] = 1;
        expect(session.isEnded).to.equal(true);
        expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
        expect(told.map(([name]) => name)).to.deep.equal(['refused-late-save']);
        expect(await openingOf(storage, sid)).to.equal(`expired: ${reason}`);
      }
    });
  });

  describe(`hasExpired, getExpiry and getTTL of a session ${where}`, () => {
    it('say the same as the storage', async () => {
      const { clock, storage } = kit({ idleTimeout: HOUR });
      const session = await storage.get(await heldSid(storage));
      expect([session.getExpiry(), session.getTTL(), session.hasExpired()]).to.deep.equal([NOW + HOUR, HOUR, false]);
      clock.advance(HOUR - 1);
      expect([session.getTTL(), session.hasExpired()]).to.deep.equal([1, false]);
      clock.advance(1);
      expect([session.getTTL(), session.hasExpired(), session.isEnded]).to.deep.equal([0, true, true]);
    });
  });
}
