import { expect } from 'chai';
import { nextTurn } from '../support/deferred-head.js';
import { EVENT_NAMES, eventsOf } from '../support/events.js';
import { kits } from '../support/kits.js';
import { openingOf, openingsOf } from '../support/outcomes.js';
import { guardRejections } from '../support/rejections.js';
import { heldSid } from '../support/server-sessions.js';
import { issuedBy } from '../support/sessions.js';
import { warningsDuring } from '../support/token-fixtures.js';

for (const [where, kit] of kits) {
  describe(`The listeners of a storage of sessions ${where}`, () => {
    guardRejections();

    it('are never told a sid, only id, lineage, uid and why', async () => {
      const { storage } = kit();
      const told = eventsOf(storage, 'created', 'saved', 'rotated', 'ended');
      const session = (await storage.create({ a: 1 })).setUser('u1', { name: 'Ada' });
      const first = await issuedBy(storage.commit(session));
      const second = await issuedBy(storage.commit(session.rotate()));
      await storage.revoke({ sid: second });
      expect(told.map(([name]) => name)).to.include.members(['created', 'rotated', 'ended']);
      for (const [, event] of told) {
        const known = ['id', 'lineage', 'uid', 'previous', 'reason'];
        expect(known).to.include.members(Object.keys(Object(event)));
        for (const sid of [first, second]) expect(JSON.stringify(event)).not.to.include(sid);
      }
    });

    it('disturb no request when they throw, which is warned of without their message', async () => {
      const { storage } = kit();
      for (const name of EVENT_NAMES) {
        storage.events.on(name, () => {
          throw new Error(`secret of ${name}`);
        });
      }
      const sid = await heldSid(storage, { a: 1 }, 'u1');
      expect((await storage.get(sid)).uid).to.equal('u1');
      const renewed = await issuedBy(storage.commit((await storage.get(sid)).rotate()));
      expect(renewed).not.to.equal(sid);
      const nobodys = where === 'in a token' ? 'malformed' : 'unknown';
      expect(await openingsOf(storage, 'x', 'A'.repeat(24))).to.deep.equal(['malformed', nobodys]);
      const warnings = await warningsDuring(() => storage.revoke({ sid: renewed }));
      expect(await openingOf(storage, renewed)).to.equal('revoked');
      expect(warnings.map(({ code }) => code)).to.include('SESSIONS_LISTENER_FAILED');
      expect(new Set(warnings.map(({ code }) => code)).size).to.equal(1);
      expect(JSON.stringify(warnings)).not.to.include('secret of');
    });

    it('disturb nothing when they return a promise that rejects, which is warned of', async () => {
      const { storage } = kit();
      storage.events.on('created', async () => {
        throw new Error('secret');
      });
      const warnings = await warningsDuring(async () => {
        expect((await storage.get(await heldSid(storage, {}, 'u1'))).uid).to.equal('u1');
        await nextTurn();
      });
      expect(warnings.map(({ code }) => code)).to.deep.equal(['SESSIONS_LISTENER_FAILED']);
      expect(JSON.stringify(warnings)).not.to.include('secret');
    });
  });
}
