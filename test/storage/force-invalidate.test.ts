import { expect } from 'chai';
import { eventsOf } from '../support/events.js';
import { type AnyStorage, kits, signedIn } from '../support/kits.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../support/outcomes.js';
import { guardRejections } from '../support/rejections.js';
import { heldSid } from '../support/server-sessions.js';
import { callUntyped, issuedBy } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

const FORMS = ['CurrentSessionId', 'AllSessionIdsOfLoggedUser'] as const;

/** The sid after a forced invalidation. */
async function forced(storage: AnyStorage, sid: string, which: (typeof FORMS)[number]): Promise<string> {
  return await issuedBy(storage.commit((await storage.get(sid)).forceInvalidate(which)));
}

/** A session opened before or after another request rotates it, and the sid that took its place. */
async function openedAround(storage: AnyStorage, sid: string, when: 'before' | 'after') {
  const [early, rotating] = [await storage.get(sid), await storage.get(sid)];
  const successor = await issuedBy(storage.commit(rotating.rotate()));
  return { late: when === 'before' ? early : await storage.get(sid), successor };
}

for (const [where, kit] of kits) {
  describe(`forceInvalidate of a session ${where}`, () => {
    guardRejections();

    it('CurrentSessionId gives a new id and lineage, keeps all the rest, and the old sid dies at once', async () => {
      const { clock, storage } = kit();
      const made = await storage.create({ a: 1 });
      made.setUser('u1', { name: 'Ada' }).info = { device: 'd' };
      const sid = await issuedBy(storage.commit(made));
      const before = await storage.get(sid);
      clock.advance(5);
      const session = await storage.get(sid);
      const renewed = await issuedBy(storage.commit(session.forceInvalidate('CurrentSessionId')));
      expect(await openingsOf(storage, sid, renewed)).to.deep.equal(['superseded', 'opened']);
      const after = await storage.get(renewed);
      expect([after.id, after.lineage]).to.deep.equal([session.id, session.lineage]);
      expect(after.lineage).to.equal(after.id).and.not.to.equal(before.lineage);
      for (const name of ['uid', 'sessionData', 'userData', 'info', 'created', 'authenticatedAt'] as const) {
        expect(after[name], name).to.deep.equal(before[name]);
      }
    });

    it('CurrentSessionId leaves the user’s other sessions alone', async () => {
      const { storage } = kit();
      const [mine = '', other] = await signedIn(storage, 'u1', 'u1');
      await forced(storage, mine, 'CurrentSessionId');
      expect(await openingOf(storage, other)).to.equal('opened');
    });

    it('AllSessionIdsOfLoggedUser ends all other sessions of the user, and no one else’s (row 13)', async () => {
      const { storage } = kit();
      const sids = await signedIn(storage, 'u1', 'u1', 'u1', 'u2', undefined);
      const told = eventsOf(storage, 'ended', 'rotated');
      const renewed = await forced(storage, sids[0] ?? '', 'AllSessionIdsOfLoggedUser');
      const [mine, ...others] = await openingsOf(storage, ...sids, renewed);
      expect(mine).to.be.oneOf(['superseded', 'revoked']);
      expect(others).to.deep.equal(['revoked', 'revoked', 'opened', 'opened', 'opened']);
      expect(new Set(told.map(([name]) => name))).to.deep.equal(new Set(['rotated', 'ended']));
      const { lineage } = await storage.get(renewed);
      expect(told)
        .to.deep.include(['ended', { uid: 'u1', reason: 'invalidated', except: lineage }])
        .and.to.have.lengthOf(2);
    });

    it('is carried out for whoever is the user at commit, as serversession does', async () => {
      const { storage } = kit();
      const [ofU1, ofU2, leaving] = await signedIn(storage, 'u1', 'u2', 'u1');
      const session = (await storage.get(leaving)).forceInvalidate('AllSessionIdsOfLoggedUser').setUser('u2');
      const sid = await issuedBy(storage.commit(session));
      expect(await openingsOf(storage, ofU1, ofU2, sid)).to.deep.equal(['opened', 'revoked', 'opened']);
      const guest = (await storage.get(await heldSid(storage))).setUser('u1');
      const entered = await issuedBy(storage.commit(guest.forceInvalidate('AllSessionIdsOfLoggedUser')));
      expect(await openingsOf(storage, ofU1, sid, entered)).to.deep.equal(['revoked', 'opened', 'opened']);
    });

    it('renews the current one alone when nobody is signed in at the end', async () => {
      const { storage } = kit();
      const [guest = '', other, ofU1, leaving] = await signedIn(storage, undefined, undefined, 'u1', 'u1');
      await forced(storage, guest, 'AllSessionIdsOfLoggedUser');
      await storage.commit((await storage.get(leaving)).forceInvalidate('AllSessionIdsOfLoggedUser').setUser(null));
      expect(await openingsOf(storage, guest, other, ofU1)).to.deep.equal(['superseded', 'opened', 'opened']);
    });

    it('DoNotForceInvalidate is the default, and takes a wish back', async () => {
      const { storage } = kit();
      const session = await storage.get(await heldSid(storage));
      const { id } = session;
      session.forceInvalidate('CurrentSessionId').forceInvalidate('DoNotForceInvalidate');
      expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
      expect(session.id).to.equal(id);
    });

    it('is carried out once', async () => {
      const { clock, storage } = kit();
      for (const which of FORMS) {
        const session = await storage.get(await heldSid(storage, {}, 'u1'));
        await storage.commit(session.forceInvalidate(which));
        const { id } = session;
        clock.advance(1);
        const other = await heldSid(storage, {}, 'u1');
        expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
        expect([session.id, await openingOf(storage, other)]).to.deep.equal([id, 'opened']);
      }
    });

    it('is carried out for a session that no client holds yet', async () => {
      const { storage } = kit();
      const other = await heldSid(storage, {}, 'u1');
      const session = storage.blank().setUser('u1').forceInvalidate('AllSessionIdsOfLoggedUser');
      const sid = await issuedBy(storage.commit(session));
      expect(await openingsOf(storage, other, sid)).to.deep.equal(['revoked', 'opened']);
    });

    it('keeps what was changed along with it', async () => {
      const { storage } = kit();
      const session = await storage.get(await heldSid(storage, { a: 1 }, 'u1'));
      session.sessionData['b'] = 2;
      const sid = await issuedBy(storage.commit(session.forceInvalidate('CurrentSessionId')));
      expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 1, b: 2 });
    });

    it('refuses anything else, with a TypeError', async () => {
      const session = await kit().storage.create();
      for (const which of ['currentsessionid', '', undefined, null, 0, '__proto__']) {
        expect(errorOf(() => callUntyped(session, 'forceInvalidate', which))).to.be.instanceOf(TypeError);
      }
    });

    it('lets the survivor survive being forced again, in the same millisecond or later', async () => {
      for (const later of [0, 2]) {
        const { clock, storage } = kit();
        let sid = await heldSid(storage, {}, 'u1');
        for (const which of [...FORMS, ...FORMS, 'AllSessionIdsOfLoggedUser', 'CurrentSessionId'] as const) {
          sid = await forced(storage, sid, which);
          expect(await openingOf(storage, sid)).to.equal('opened');
          clock.advance(later);
        }
      }
    });

    it('lets the one survive that another revocation of the user left out', async () => {
      const { storage } = kit();
      const session = await storage.get(await heldSid(storage, {}, 'u1'));
      await storage.revoke({ uid: 'u1', except: session });
      const sid = await issuedBy(storage.commit(session.forceInvalidate('CurrentSessionId')));
      expect(await openingOf(storage, sid)).to.equal('opened');
    });
  });

  for (const when of ['before', 'after'] as const) {
    describe(`forceInvalidate of a session ${where} that was opened ${when} another request rotated it`, () => {
      guardRejections();

      it('ends all of the user’s, its own successor included', async () => {
        const { storage } = kit();
        const [sid = '', other, foreign] = await signedIn(storage, 'u1', 'u1', 'u2');
        const { late, successor } = await openedAround(storage, sid, when);
        const told = eventsOf(storage, 'ended');
        expect(await outcomeOf(storage.commit(late.forceInvalidate('AllSessionIdsOfLoggedUser')))).to.equal('ended');
        expect(await openingsOf(storage, sid, successor, other, foreign)).to.deep.equal([
          'revoked',
          'revoked',
          'revoked',
          'opened',
        ]);
        expect(told).to.deep.equal([['ended', { uid: 'u1', reason: 'invalidated' }]]);
      });

      for (const [whose, uid] of [
        ['another user’s', 'u1'],
        ['nobody’s', undefined],
      ] as const) {
        it(`ends nothing for a user whom it signs in itself, when it was ${whose}`, async () => {
          const { storage } = kit();
          const [sid = '', ofU1, ofU2] = await signedIn(storage, uid, 'u1', 'u2');
          const { late, successor } = await openedAround(storage, sid, when);
          const told = eventsOf(storage, 'ended', 'rotated', 'saved', 'refused-late-save');
          late.setUser('u2').forceInvalidate('AllSessionIdsOfLoggedUser');
          expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
          expect(await openingsOf(storage, successor, ofU1, ofU2)).to.deep.equal(['opened', 'opened', 'opened']);
          expect(told.map(([name]) => name)).to.deep.equal(['refused-late-save']);
        });
      }

      it('ends and renews nothing by itself, or when nobody is signed in, and that is told', async () => {
        for (const [which, uid] of [
          ['CurrentSessionId', 'u1'],
          ['AllSessionIdsOfLoggedUser', undefined],
        ] as const) {
          const { storage } = kit();
          const { late, successor } = await openedAround(storage, await heldSid(storage, {}, uid), when);
          const told = eventsOf(storage, 'ended', 'rotated', 'saved', 'refused-late-save');
          expect(await outcomeOf(storage.commit(late.forceInvalidate(which)))).to.equal('withheld');
          expect(told.map(([name]) => name)).to.deep.equal(['refused-late-save']);
          expect(await openingOf(storage, successor)).to.equal('opened');
        }
      });
    });
  }

  describe(`forceInvalidate of a session ${where} that is over`, () => {
    guardRejections();

    it('ends nothing when its session had been ended: it speaks for nobody, and that is told', async () => {
      const { storage } = kit();
      const [sid, other] = await signedIn(storage, 'u1', 'u1');
      const late = (await storage.get(sid)).forceInvalidate('AllSessionIdsOfLoggedUser');
      await storage.revoke({ sid: sid ?? '' });
      const told = eventsOf(storage, 'ended', 'rotated', 'saved', 'refused-late-save');
      expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
      expect(told.map(([name]) => name)).to.deep.equal(['refused-late-save']);
      expect(await openingOf(storage, other)).to.equal('opened');
    });

    it('ends nothing once its session has expired, to the millisecond', async () => {
      for (const [age, outcome] of [
        [59_999, 'issued'],
        [60_000, 'withheld'],
      ] as const) {
        const { clock, storage } = kit({ idleTimeout: null, absoluteTimeout: 60_000 });
        const late = (await storage.get(await heldSid(storage, {}, 'u1'))).forceInvalidate('AllSessionIdsOfLoggedUser');
        clock.advance(30_000);
        const other = await heldSid(storage, {}, 'u1');
        clock.set(NOW + age);
        expect(await outcomeOf(storage.commit(late)), `after ${age} ms`).to.equal(outcome);
        expect(await openingOf(storage, other), `after ${age} ms`).to.equal(
          outcome === 'issued' ? 'revoked' : 'opened',
        );
      }
    });

    it('ends nothing when it was rotated out and has expired since', async () => {
      const { clock, storage } = kit({ idleTimeout: null, absoluteTimeout: 60_000 });
      const sid = await heldSid(storage, {}, 'u1');
      const late = (await storage.get(sid)).forceInvalidate('AllSessionIdsOfLoggedUser');
      await storage.commit((await storage.get(sid)).rotate());
      clock.advance(30_000);
      const other = await heldSid(storage, {}, 'u1');
      clock.advance(30_000);
      expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
      expect(await openingOf(storage, other)).to.equal('opened');
    });
  });
}
