import { expect } from 'chai';
import { SessionNotFound } from '../../src/index.js';
import { eventsBesidesLoaded } from '../support/events.js';
import { kits, rotated, type SharedOptions } from '../support/kits.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../support/outcomes.js';
import { guardRejections } from '../support/rejections.js';
import { heldSid } from '../support/server-sessions.js';
import { issuedBy } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

const GRACE = 4_000;
const HOUR = 3_600_000;

for (const [where, kit] of kits) {
  const isToken = where === 'in a token';
  const graceful = (options: SharedOptions = {}) => kit({ rotationGrace: GRACE, ...options });

  describe(`A rotation of a session ${where}`, () => {
    guardRejections();

    it('keeps what was changed along with it, and tells rotated, then saved', async () => {
      const { clock, storage } = graceful();
      const session = await storage.get(await heldSid(storage, { a: 1 }, 'u1'));
      const { id, lineage, created } = session;
      clock.advance(5);
      session.sessionData['b'] = 2;
      const told = eventsBesidesLoaded(storage);
      const opened = await storage.get(await issuedBy(storage.commit(session.rotate())));
      const facts = { id: session.id, lineage, uid: 'u1' };
      expect(told).to.deep.equal([
        ['rotated', { ...facts, previous: { id, lineage } }],
        ['saved', facts],
      ]);
      expect(opened).to.include({ ...facts, created, lastUpdate: NOW + 5 });
      expect(opened.id).not.to.equal(id);
      expect(opened.sessionData).to.deep.equal({ a: 1, b: 2 });
    });

    it('is one for ten requests at once: one client is given it, and none is signed out', async () => {
      const { clock, storage } = graceful();
      const before = await heldSid(storage, {}, 'u1');
      const requests = await Promise.all(Array.from({ length: 10 }, () => storage.get(before)));
      const results = await Promise.all(requests.map((session) => storage.commit(session.rotate())));
      expect(results.map(({ outcome }) => outcome).sort()).to.deep.equal(['issued', ...new Array(9).fill('withheld')]);
      const after = await issuedBy(results.find(({ outcome }) => outcome === 'issued') ?? { outcome: 'ended' });
      clock.advance(GRACE - 1);
      expect(await openingsOf(storage, before, after)).to.deep.equal(['opened', 'opened']);
      clock.advance(1);
      expect(await openingsOf(storage, before, after)).to.deep.equal(['superseded', 'opened']);
    });

    it('happens once for each time that it is committed, and leaves only the last sid after the grace', async () => {
      const { clock, storage } = graceful();
      const session = await storage.create();
      const sids = [await issuedBy(storage.commit(session))];
      for (let count = 0; count < 3; count += 1) sids.push(await issuedBy(storage.commit(session.rotate())));
      expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
      clock.advance(GRACE);
      expect(await openingsOf(storage, ...sids)).to.deep.equal([...new Array(3).fill('superseded'), 'opened']);
    });
  });

  describe(`A replaced sid of a session ${where}`, () => {
    guardRejections();

    it('opens the session until the very millisecond that the grace is over (row 12)', async () => {
      const { clock, storage } = graceful();
      const before = await heldSid(storage, {}, 'u1');
      const after = await rotated(storage, before);
      clock.advance(GRACE - 1);
      const [alias, successor] = [await storage.get(before), await storage.get(after)];
      expect([alias.lineage, alias.uid]).to.deep.equal([successor.lineage, 'u1']);
      expect(alias.id === successor.id, 'a token says its own id').to.equal(where !== 'in a token');
      clock.advance(1);
      expect(await openingsOf(storage, before, after)).to.deep.equal(['superseded', 'opened']);
    });

    it('opens nothing with a grace of 0', async () => {
      const { storage } = graceful({ rotationGrace: 0 });
      const before = await heldSid(storage);
      const after = await rotated(storage, before);
      expect(await openingsOf(storage, before, after)).to.deep.equal(['superseded', 'opened']);
    });

    it('is given no credential, neither for a change nor for age (row 12)', async () => {
      const { clock, storage } = graceful();
      const before = await heldSid(storage);
      clock.advance(HOUR);
      await rotated(storage, before);
      expect(await storage.commit(await storage.get(before))).to.deep.equal({ outcome: 'withheld' });
      clock.advance(1);
      const changed = await storage.get(before);
      changed.sessionData['a'] = 1;
      const told = eventsBesidesLoaded(storage);
      expect(await storage.commit(changed)).to.deep.equal({ outcome: 'withheld' });
      // A store takes the change for the successor.
      expect(told.map(([name]) => name)).to.deep.equal([where === 'in a token' ? 'refused-late-save' : 'saved']);
    });

    it('cannot be kept alive by rotating it again and again', async () => {
      const { clock, storage } = graceful();
      const before = await heldSid(storage);
      await rotated(storage, before);
      for (let count = 0; count < 3; count += 1) {
        clock.advance(GRACE / 4);
        await storage.commit((await storage.get(before)).rotate());
      }
      clock.set(NOW + GRACE);
      expect(await openingOf(storage, before)).to.equal('superseded');
    });

    it('signs the session out all the same, successor included', async () => {
      const { storage } = graceful();
      const before = await heldSid(storage, {}, 'u1');
      const after = await rotated(storage, before);
      const told = eventsBesidesLoaded(storage);
      expect(await outcomeOf(storage.commit((await storage.get(before)).revoke()))).to.equal('ended');
      expect(await openingsOf(storage, before, after)).to.deep.equal(['revoked', 'revoked']);
      expect(told.map(([name]) => name)).to.deep.equal(['ended', 'refused', 'refused']);
    });

    it('is told as reused after the grace, with whose session it was: a stolen copy perhaps', async () => {
      const { clock, storage } = graceful();
      const before = await heldSid(storage, {}, 'u1');
      const { id, lineage } = await storage.get(before);
      await rotated(storage, before);
      const told = eventsBesidesLoaded(storage);
      clock.advance(GRACE - 1);
      await storage.get(before);
      expect(told).to.deep.equal([]);
      clock.advance(1);
      const error = await errorOf(() => storage.get(before), SessionNotFound);
      expect([error.reason, error.withinGrace]).to.deep.equal(['superseded', false]);
      expect(told).to.deep.equal([
        ['reused', { id, lineage, uid: 'u1' }],
        ['refused', { reason: 'superseded' }],
      ]);
    });

    it('of a chain of rotations opens the session while it is within its own grace', async () => {
      const { clock, storage } = graceful();
      const sids = [await heldSid(storage)];
      for (let count = 0; count < 5; count += 1) {
        clock.advance(1_000);
        sids.push(await rotated(storage, sids.at(-1) ?? ''));
      }
      // Replaced at 1, 2, 3, 4 and 5 s; now 5 s.
      expect(await openingsOf(storage, ...sids)).to.deep.equal(['superseded', ...new Array(5).fill('opened')]);
      const [second, last] = [await storage.get(sids[1]), await storage.get(sids[5])];
      expect(second.lineage).to.equal(last.lineage);
      expect(second.id === last.id).to.equal(where !== 'in a token');
      clock.advance(GRACE);
      expect(await openingsOf(storage, ...sids)).to.deep.equal([...new Array(5).fill('superseded'), 'opened']);
    });

    it('opens nothing once the session, or all sessions of its user, were ended', async () => {
      for (const whose of ['session', 'user'] as const) {
        const { storage } = graceful();
        const before = await heldSid(storage, {}, 'u1');
        const after = await rotated(storage, before);
        await storage.revoke(whose === 'session' ? { sid: after } : { uid: 'u1' });
        expect(await openingOf(storage, after)).to.equal('revoked');
        const error = await errorOf(() => storage.get(before), SessionNotFound);
        const isKnownRecent = where !== 'in a token' || whose === 'session';
        expect([error.reason, error.withinGrace]).to.deep.equal(['revoked', isKnownRecent]);
      }
    });
  });

  describe(`A change of user of a session ${where}`, () => {
    guardRejections();

    for (const [what, from, to] of [
      ['sign-in', undefined, 'u1'],
      ['sign-out by setUser', 'u1', undefined],
      ['another user', 'u1', 'u2'],
    ] as const) {
      it(`moves the data to a new id and lineage, and the old sid opens nothing from then on: ${what} (row 5)`, async () => {
        const { storage } = graceful();
        const sid = await heldSid(storage, { cart: [1] }, from);
        const session = await storage.get(sid);
        const previous = { id: session.id, lineage: session.lineage };
        const told = eventsBesidesLoaded(storage);
        const renewed = await issuedBy(storage.commit(session.setUser(to === undefined ? null : { _id: to })));
        const { id, lineage, uid } = session;
        expect(told).to.deep.equal([
          ['rotated', { id, lineage, uid, previous }],
          ['saved', { id, lineage, uid }],
        ]);
        expect(await openingOf(storage, sid)).to.equal('superseded');
        const opened = await storage.get(renewed);
        expect([opened.id, opened.lineage, opened.uid]).to.deep.equal([id, id, to]);
        expect([id, lineage]).not.to.include(previous.id).and.not.to.include(previous.lineage);
        expect(opened.sessionData).to.deep.equal({ cart: [1] });
      });
    }

    it('carries only what setUser was told to keep, and takes the data of the user who leaves with them (row 5)', async () => {
      const { storage } = graceful();
      const session = await storage.get(await heldSid(storage, { cart: [1], csrf: 'x' }));
      const sid = await issuedBy(storage.commit(session.setUser({ _id: 'u1' }, { keep: ['cart'] })));
      expect((await storage.get(sid)).sessionData).to.deep.equal({ cart: [1] });
      session.userData = { name: 'Ada' };
      await storage.commit(session);
      const opened = await storage.get(await issuedBy(storage.commit(session.setUser(null))));
      expect([opened.uid, opened.userData]).to.deep.equal([undefined, {}]);
    });

    it('says withinGrace to a request that comes with the old sid just then, and tells reused later', async () => {
      const { clock, storage } = graceful();
      const before = await heldSid(storage);
      const { id, lineage, uid } = await storage.get(before);
      await storage.commit((await storage.get(before)).setUser('u1'));
      const told = eventsBesidesLoaded(storage);
      clock.advance(GRACE - 1);
      expect((await errorOf(() => storage.get(before), SessionNotFound)).withinGrace).to.equal(true);
      expect(told.map(([name]) => name)).to.deep.equal(['refused']);
      clock.advance(1);
      expect((await errorOf(() => storage.get(before), SessionNotFound)).withinGrace).to.equal(false);
      expect(told.map(([name]) => name)).to.deep.equal(['refused', 'reused', 'refused']);
      // A token says whose it was; a tombstone of another lineage does not.
      expect(told[1]?.[1]).to.deep.equal(where === 'in a token' ? { id, lineage, uid } : { id });
    });

    it('ends all sids of the old lineage, rotated-out ones too', async () => {
      const { storage } = graceful();
      const first = await heldSid(storage);
      const second = await rotated(storage, first);
      const third = await issuedBy(storage.commit((await storage.get(second)).setUser('u1')));
      expect(await openingsOf(storage, first, second, third)).to.deep.equal(['superseded', 'superseded', 'opened']);
    });

    it('wins over a late save, a late rotation and a late sign-out of the old session', async () => {
      const { storage } = graceful();
      const before = await heldSid(storage);
      const [saving, rotating, leaving] = [
        await storage.get(before),
        await storage.get(before),
        await storage.get(before),
      ];
      saving.sessionData['a'] = 1;
      const after = await issuedBy(storage.commit((await storage.get(before)).setUser('u1')));
      for (const late of [saving, rotating.rotate(), leaving.revoke()]) {
        expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
      }
      expect(await openingOf(storage, after)).to.equal('opened');
    });
  });

  describe(`Proving the same user again, of a session ${where}`, () => {
    it('keeps lineage and life, and gives a new id; the old sid opens nothing from then on (row 5, ASVS 7.2.4)', async () => {
      const { clock, storage } = graceful();
      const before = await heldSid(storage, {}, 'u1');
      const session = await storage.get(before);
      const { lineage, created, id } = session;
      clock.advance(1_000);
      const after = await issuedBy(storage.commit(session.setUser('u1')));
      expect(await openingsOf(storage, before, after)).to.deep.equal(['superseded', 'opened']);
      const opened = await storage.get(after);
      expect([opened.lineage, opened.created, opened.authenticatedAt]).to.deep.equal([lineage, created, NOW + 1_000]);
      expect(opened.id).not.to.equal(id);
      expect([opened.isFresher(1), opened.isFresher(0)]).to.deep.equal([true, false]);
      clock.advance(GRACE);
      expect(await openingsOf(storage, before, after)).to.deep.equal(['superseded', 'opened']);
    });

    it('tells a response to a request with the old sid, within the grace, to clear nothing', async () => {
      const { clock, storage } = graceful();
      const before = await heldSid(storage, {}, 'u1');
      await issuedBy(storage.commit((await storage.get(before)).setUser('u1')));
      const late = await errorOf(async () => storage.get(before), SessionNotFound);
      expect(late).to.include({ reason: 'superseded', withinGrace: true });
      clock.advance(GRACE);
      expect(await errorOf(async () => storage.get(before), SessionNotFound)).to.include({ withinGrace: false });
    });

    it('lets a request that is under way neither see nor write what comes after it', async () => {
      const { storage } = graceful();
      const before = await heldSid(storage, { n: 1 }, 'u1');
      const [late, reading] = [await storage.get(before), await storage.get(before)];
      const session = (await storage.get(before)).setUser('u1');
      session.sessionData['mfa'] = true;
      const after = await issuedBy(storage.commit(session));
      late.sessionData['n'] = 2;
      expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
      expect(await outcomeOf(storage.commit(reading))).to.be.oneOf(['unchanged', 'withheld']);
      for (const one of [late, reading]) expect(one.sessionData).not.to.have.property('mfa');
      expect((await storage.get(after)).sessionData).to.deep.equal({ n: 1, mfa: true });
    });

    it('closes also what an earlier rotation left open', async () => {
      const { storage } = graceful();
      const first = await heldSid(storage, {}, 'u1');
      const second = await issuedBy(storage.commit((await storage.get(first)).rotate()));
      expect(await openingOf(storage, first)).to.equal('opened');
      const third = await issuedBy(storage.commit((await storage.get(second)).setUser('u1')));
      expect((await openingsOf(storage, first, second, third)).slice(1)).to.deep.equal(['superseded', 'opened']);
      // A token is only known by its own id: one from before the last keeps its grace.
      expect(await openingOf(storage, first)).to.equal(isToken ? 'opened' : 'superseded');
    });

    it('still lets the session be ended and found by names from before', async () => {
      const { storage } = graceful();
      const before = await heldSid(storage, {}, 'u1');
      const { id, lineage } = await storage.get(before);
      const after = await issuedBy(storage.commit((await storage.get(before)).setUser('u1')));
      if (!isToken) expect(await storage.check({ id, lineage })).to.have.property('expires');
      await storage.revoke({ id, lineage });
      expect(await openingOf(storage, after)).to.equal('revoked');
    });
  });
}
