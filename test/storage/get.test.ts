import { expect } from 'chai';
import { SessionExpired, SessionNotFound } from '../../src/index.js';
import { eventsOf } from '../support/events.js';
import { kits } from '../support/kits.js';
import { errorOf, openingOf } from '../support/outcomes.js';
import { heldSid } from '../support/server-sessions.js';
import { callUntyped, issuedBy } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

for (const [where, kit] of kits) {
  describe(`get of a session ${where}`, () => {
    it('gives all that was committed, and tells loaded with whose session it is', async () => {
      const { clock, storage } = kit();
      const made = await storage.create({ a: [1, { b: null }] });
      made.setUser('u1', { name: 'Ada' }).info = { device: 'Firefox' };
      const sid = await issuedBy(storage.commit(made));
      clock.advance(5);
      const told = eventsOf(storage);
      const session = await storage.get(sid);
      const { id, lineage } = session;
      expect(told).to.deep.equal([['loaded', { id, lineage, uid: 'u1' }]]);
      for (const name of ['id', 'lineage', 'uid', 'created', 'lastUpdate', 'authenticatedAt'] as const) {
        expect(session[name], name).to.equal(made[name]);
      }
      expect([session.sessionData, session.userData, session.info]).to.deep.equal([
        { a: [1, { b: null }] },
        { name: 'Ada' },
        { device: 'Firefox' },
      ]);
      expect([session.isNew, session.isModified, session.isEnded]).to.deep.equal([false, false, false]);
      expect(session.forClient()).to.equal(sid);
    });

    it('counts as an access in this session alone, unless touch is false', async () => {
      const { clock, storage } = kit();
      const sid = await heldSid(storage);
      clock.advance(5);
      expect((await storage.get(sid)).lastAccess).to.equal(NOW + 5);
      expect((await storage.get(sid, { touch: true })).lastAccess).to.equal(NOW + 5);
      expect((await storage.get(sid, { touch: false })).lastAccess).to.equal(NOW);
    });

    it('never moves lastAccess back when the clock goes back', async () => {
      const { clock, storage } = kit();
      const sid = await heldSid(storage);
      // A token from further ahead is refused.
      clock.set(NOW - (where === 'in a token' ? 1_000 : 60_000));
      expect((await storage.get(sid)).lastAccess).to.equal(NOW);
    });

    it('refuses options that there are not, and a touch that is no boolean, with a TypeError', async () => {
      const { storage } = kit();
      const sid = await heldSid(storage);
      for (const options of [{ passive: true }, { tuch: false }, { touch: 1 }, { touch: 'no' }, 5, null]) {
        const error = await errorOf(() => callUntyped(storage, 'get', sid, options));
        expect(error, String(options)).to.be.instanceOf(TypeError);
      }
    });

    it('gives no two sessions one id', async () => {
      const { storage } = kit();
      expect((await storage.create()).id).not.to.equal((await storage.create()).id);
    });
  });

  describe(`get of a sid that opens no session ${where}`, () => {
    it('says missing when there is none at all, and tells nobody', async () => {
      const { storage } = kit();
      const told = eventsOf(storage);
      for (const sid of [undefined, null, '']) expect(await openingOf(storage, sid)).to.equal('missing');
      expect(told).to.deep.equal([]);
    });

    it('says malformed to what is no sid, with the sid, and tells refused without it (defect 2)', async () => {
      for (const sid of ['x', 'not.a.token', 5, {}]) {
        const { storage } = kit();
        const told = eventsOf(storage);
        const error = await errorOf(() => storage.get(sid));
        expect(error).to.be.instanceOf(SessionNotFound).and.instanceOf(storage.errors.SessionNotFound);
        expect(error).not.to.be.instanceOf(SessionExpired);
        expect(error).to.include({ name: 'SessionNotFound', code: 'ERR_SESSION_NOT_FOUND', status: 401 });
        expect(error).to.include({ reason: 'malformed', sessionId: sid, withinGrace: false });
        expect(told).to.deep.equal([['refused', { reason: 'malformed' }]]);
      }
    });

    it('throws errors whose classes the storage offers', () => {
      const { errors } = kit().storage;
      expect(errors.SessionExpired.prototype).to.be.instanceOf(errors.SessionNotFound);
      expect(errors.RevocationsStale.prototype).to.be.instanceOf(errors.StoreUnavailable);
      expect(errors).to.be.frozen;
    });
  });
}
