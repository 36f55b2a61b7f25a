import { expect } from 'chai';
import { eventsBesidesLoaded } from '../support/events.js';
import { kits, rotated, type SharedOptions } from '../support/kits.js';
import { openingOf, openingsOf } from '../support/outcomes.js';
import { guardRejections } from '../support/rejections.js';
import { heldSid } from '../support/server-sessions.js';
import { issuedBy } from '../support/sessions.js';

const GRACE = 4_000;

for (const [where, kit] of kits) {
  const strict = (options: SharedOptions = {}) => kit({ rotationGrace: GRACE, onReuse: 'revoke', ...options });

  describe(`onReuse of sessions ${where}`, () => {
    guardRejections();

    it("'revoke' ends the session whose replaced sid is used after the grace, and emits reused, then ended", async () => {
      const { clock, storage } = strict();
      const old = await heldSid(storage, {}, 'u1');
      const newer = await rotated(storage, old);
      const { id, lineage } = await storage.get(newer);
      const emitted = eventsBesidesLoaded(storage);
      clock.advance(GRACE);
      expect(await openingOf(storage, old)).to.equal('superseded');
      expect(emitted.map(([name]) => name)).to.deep.equal(['reused', 'ended', 'refused']);
      expect(emitted[1]?.[1]).to.include({ lineage, uid: 'u1', reason: 'reused' });
      expect(await openingOf(storage, newer)).to.equal('revoked');
      expect(await storage.check({ id, lineage })).to.equal('ended');
    });

    it("'revoke' ends it also if it was rotated several times since", async () => {
      const { clock, storage } = strict();
      const sids = [await heldSid(storage, {}, 'u1')];
      for (let count = 0; count < 3; count += 1) sids.push(await rotated(storage, sids.at(-1) ?? ''));
      clock.advance(GRACE);
      await openingOf(storage, sids[0]);
      expect(await openingOf(storage, sids[3])).to.equal('revoked');
    });

    it("'revoke' ends what a user signed in to again", async () => {
      const { clock, storage } = strict();
      const old = await heldSid(storage, {}, 'u1');
      const newer = await issuedBy(storage.commit((await storage.get(old)).setUser('u1')));
      clock.advance(GRACE);
      await openingOf(storage, old);
      expect(await openingOf(storage, newer)).to.equal('revoked');
    });

    it("'revoke' leaves other sessions of the user alone", async () => {
      const { clock, storage } = strict();
      const other = await heldSid(storage, {}, 'u1');
      const old = await heldSid(storage, {}, 'u1');
      await rotated(storage, old);
      clock.advance(GRACE);
      await openingOf(storage, old);
      expect(await openingOf(storage, other)).to.equal('opened');
    });

    it('ends nothing within the grace', async () => {
      const { clock, storage } = strict();
      const old = await heldSid(storage, {}, 'u1');
      const newer = await rotated(storage, old);
      clock.advance(GRACE - 1);
      expect(await openingsOf(storage, old, newer)).to.deep.equal(['opened', 'opened']);
    });

    it('ends nothing within the grace of a sign-in, whose old sid is refused at once', async () => {
      const { clock, storage } = strict();
      const old = await heldSid(storage, {}, 'u1');
      const newer = await issuedBy(storage.commit((await storage.get(old)).setUser('u1')));
      clock.advance(GRACE - 1);
      expect(await openingsOf(storage, old, newer)).to.deep.equal(['superseded', 'opened']);
    });

    it('ends nothing when the sid of before a sign-in of someone is used: that session has ended', async () => {
      const { clock, storage } = strict();
      const anonymous = await heldSid(storage);
      const newer = await issuedBy(storage.commit((await storage.get(anonymous)).setUser('u1')));
      clock.advance(GRACE);
      const emitted = eventsBesidesLoaded(storage);
      expect(await openingsOf(storage, anonymous, newer)).to.deep.equal(['superseded', 'opened']);
      expect(emitted.map(([name]) => name)).to.deep.equal(['reused', 'refused']);
    });

    it('does not take the sid of a sign-out for a reused one', async () => {
      const { clock, storage } = strict();
      const sid = await heldSid(storage, {}, 'u1');
      await storage.commit((await storage.get(sid)).revoke());
      clock.advance(GRACE);
      const emitted = eventsBesidesLoaded(storage);
      expect(await openingOf(storage, sid)).to.equal('revoked');
      expect(emitted.map(([name]) => name)).to.deep.equal(['refused']);
    });

    it('believes no sid that was tampered with', async () => {
      const { clock, storage } = strict();
      const old = await heldSid(storage, {}, 'u1');
      const newer = await rotated(storage, old);
      clock.advance(GRACE);
      const emitted = eventsBesidesLoaded(storage);
      const last = old.at(-2) === 'A' ? 'B' : 'A';
      await openingOf(storage, `${old.slice(0, -2)}${last}${old.at(-1)}`);
      expect(emitted.map(([name]) => name)).to.deep.equal(['refused']);
      expect(await openingOf(storage, newer)).to.equal('opened');
    });

    it("'report', the default, emits reused and ends nothing", async () => {
      for (const options of [{ onReuse: undefined }, { onReuse: 'report' as const }]) {
        const { clock, storage } = strict(options);
        const old = await heldSid(storage, {}, 'u1');
        const newer = await rotated(storage, old);
        clock.advance(GRACE);
        const emitted = eventsBesidesLoaded(storage);
        expect(await openingsOf(storage, old, newer)).to.deep.equal(['superseded', 'opened']);
        expect(emitted.map(([name]) => name)).to.deep.equal(['reused', 'refused']);
      }
    });

    it("'revoke' reaches other processes", async () => {
      const first = strict();
      const second = first.another({ rotationGrace: GRACE, onReuse: 'revoke' });
      const old = await heldSid(first.storage, {}, 'u1');
      const newer = await rotated(first.storage, old);
      first.clock.advance(GRACE);
      second.clock.advance(second.clock === first.clock ? 0 : GRACE);
      await openingOf(second.storage, old);
      expect(await openingOf(first.storage, newer)).to.equal('revoked');
    });
  });
}
