import { expect } from 'chai';
import { type RevokeTarget, SessionEnded, type SessionModel, SessionNotFound } from '../../src/index.js';
import { eventsBesidesLoaded, eventsOf } from '../support/events.js';
import { type AnyStorage, kits, rotated, signedIn } from '../support/kits.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../support/outcomes.js';
import { guardRejections } from '../support/rejections.js';
import { heldSid } from '../support/server-sessions.js';
import { bench, callUntyped, issuedBy } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const TARGETS: readonly [string, (storage: AnyStorage, sid: string) => Promise<RevokeTarget>][] = [
  ['{ sid }', async (_, sid) => ({ sid })],
  ['a session', async (storage, sid) => await storage.get(sid)],
  ['a reference', async (storage, sid) => refOf(await storage.get(sid))],
  ['{ id, uid }', async (storage, sid) => ({ id: (await storage.get(sid)).id, uid: 'u1' })],
];

/** What names nothing. */
const WRONG: readonly unknown[] = [
  undefined,
  null,
  'all',
  'u1',
  '',
  5,
  [],
  {},
  { id: 'i' },
  { lineage: 'l' },
  { sid: 5 },
  { sid: undefined },
  { sid: 's', uid: 'u1' },
  { uid: '' },
  { uid: undefined },
  { uid: null },
  { uid: {} },
  { uid: 5.5 },
  { uid: 'a\0' },
  { uid: 'u1', except: 'me' },
  { uid: 'u1', except: null },
  { uid: 'u1', except: {} },
  { uid: 'u1', excpet: {} },
  { id: 5, lineage: 'l' },
  { id: 'i', lineage: 5 },
  { id: 5, uid: 'u1' },
  { id: 'i', uid: 5 },
  { id: 'i', uid: 'u1', lineage: undefined },
  { everyone: true },
];

function refOf({ id, lineage }: { readonly id: string; readonly lineage: string }) {
  return { id, lineage };
}

for (const [where, kit] of kits) {
  const isToken = where === 'in a token';
  /** How many sessions ended, where that is known: of tokens nobody knows how many there are. */
  const counting = (ended: number) => (isToken ? {} : { ended });

  describe(`revoke of one session ${where}`, () => {
    guardRejections();

    for (const [what, target] of TARGETS) {
      // Of a token's id alone it is not known whether it bears a session.
      const ended = (count: number) => (what === '{ id, uid }' ? counting(count) : { ended: count });

      it(`ends it at once, named by ${what}, and no other of the user’s (row 13)`, async () => {
        const { storage } = kit();
        const [sid = '', other] = await signedIn(storage, 'u1', 'u1');
        const named = await target(storage, sid);
        expect(await storage.revoke(named)).to.deep.equal({ ...ended(1), guarantee: 'process' });
        expect(await openingsOf(storage, sid, other)).to.deep.equal(['revoked', 'opened']);
      });

      it(`ends what a request under way makes of it, named by ${what}`, async () => {
        const { clock, storage } = kit();
        const sid = await heldSid(storage, {}, 'u1');
        const [under, named] = [await storage.get(sid), await target(storage, sid)];
        clock.advance(DAY);
        under.sessionData['a'] = 1;
        await storage.revoke(named);
        if (isToken) expect(await openingOf(storage, under.forClient())).to.equal('revoked');
        expect(await outcomeOf(storage.commit(under))).to.equal('withheld');
        expect(await openingOf(storage, sid)).to.equal('revoked');
      });
    }

    it('ends all sids of it, named by any of them', async () => {
      for (const named of [0, 1, 2]) {
        const { storage } = kit();
        const sids = [await heldSid(storage, {}, 'u1')];
        for (let count = 0; count < 2; count += 1) sids.push(await rotated(storage, sids.at(-1) ?? ''));
        expect(await storage.revoke({ sid: sids[named] ?? '' })).to.have.property('ended', 1);
        expect(await openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'revoked', 'revoked']);
      }
    });

    it('ends what a reference names by id and lineage after a rotation', async () => {
      const { storage } = kit();
      const sid = await rotated(storage, await heldSid(storage, {}, 'u1'));
      const ref = refOf(await storage.get(sid));
      expect(ref.id).not.to.equal(ref.lineage);
      await storage.revoke(ref);
      expect(await openingOf(storage, sid)).to.equal('revoked');
    });

    it('ends nothing for a sid that opens nothing, and tells nothing', async () => {
      const { storage } = kit();
      const told = eventsBesidesLoaded(storage);
      const foreign = isToken ? bench({ jwtSecret: 'k'.repeat(64) }).storage : kit().storage;
      for (const sid of ['', 'x', 'a.b.c', 'A'.repeat(24), await heldSid(foreign)]) {
        expect(await storage.revoke({ sid })).to.deep.equal({ ended: 0, guarantee: 'process' });
      }
      expect(told).to.deep.equal([]);
    });

    it('lets a session at hand take no more writes', async () => {
      const { storage } = kit();
      const session = await storage.get(await heldSid(storage));
      await storage.revoke(session, { reason: 'stolen' });
      expect(session.isEnded).to.equal(true);
      const error = await errorOf(() => session.save());
      expect(error).to.be.instanceOf(SessionEnded).and.have.property('message').that.includes('stolen');
      expect(await outcomeOf(storage.commit(session))).to.equal('ended');
    });

    it('ends a session at hand that is about to be rotated or signed in, under the id that it came with', async () => {
      const { storage } = kit();
      for (const change of ['rotate', 'setUser'] as const) {
        const sid = await heldSid(storage, {}, 'u1');
        const session = await storage.get(sid);
        if (change === 'rotate') session.rotate();
        else session.setUser('u2');
        expect(await storage.revoke(session)).to.have.property('ended', 1);
        expect(await openingOf(storage, sid)).to.equal('revoked');
      }
    });

    it('tells ended with what it was and why, revoked by default', async () => {
      const { storage } = kit();
      const [session, other] = [
        await storage.get(await heldSid(storage, {}, 'u1')),
        await storage.get(await heldSid(storage, {}, 'u1')),
      ];
      const told = eventsBesidesLoaded(storage);
      await storage.revoke(session);
      await storage.revoke(refOf(other), { reason: 'stolen' });
      expect(told).to.deep.equal([
        ['ended', { ...refOf(session), uid: 'u1', reason: 'revoked' }],
        // A reference does not say whose it is; a store does.
        ['ended', { ...refOf(other), ...(isToken ? {} : { uid: 'u1' }), reason: 'stolen' }],
      ]);
    });

    it('says withinGrace shortly after, and not later, and is no reuse', async () => {
      const { clock, storage } = kit({ rotationGrace: 10_000 });
      const sid = await heldSid(storage, {}, 'u1');
      await storage.revoke({ sid });
      const told = eventsBesidesLoaded(storage);
      clock.advance(9_999);
      expect(await errorOf(() => storage.get(sid))).to.include({ reason: 'revoked', withinGrace: true });
      clock.advance(1);
      const late = await errorOf(() => storage.get(sid));
      expect(late).to.be.instanceOf(SessionNotFound).and.include({ reason: 'revoked', withinGrace: false });
      expect(told.map(([name]) => name)).to.deep.equal(['refused', 'refused']);
    });

    it('holds when the clock steps back', async () => {
      const { clock, storage } = kit();
      const sid = await heldSid(storage, {}, 'u1');
      clock.advance(HOUR);
      await storage.revoke({ sid });
      clock.set(clock.now() - HOUR / 2);
      expect(await openingOf(storage, sid)).to.equal('revoked');
    });

    it('is delete(), for a session and for a sid, which minds none that opens nothing', async () => {
      const { storage } = kit();
      const [one = '', other] = await signedIn(storage, undefined, undefined);
      expect(await storage.delete(one)).to.equal(undefined);
      expect(await storage.delete(await storage.get(other))).to.equal(undefined);
      expect(await openingsOf(storage, one, other)).to.deep.equal(['revoked', 'revoked']);
      for (const nothing of [one, 'no sid at all', 'x.y.z']) expect(await storage.delete(nothing)).to.equal(undefined);
    });
  });

  describe(`revoke of a user with sessions ${where}`, () => {
    guardRejections();

    it('ends all of the user’s sessions, and no one else’s (row 13)', async () => {
      const { storage } = kit();
      const sids = await signedIn(storage, 'u1', 'u1', 'u1', 'u2', undefined);
      const told = eventsBesidesLoaded(storage);
      const result = await storage.revoke({ uid: 'u1' }, { reason: 'disabled' });
      expect(result).to.deep.equal({ ...counting(3), guarantee: 'process' });
      expect(told).to.deep.equal([['ended', { uid: 'u1', reason: 'disabled' }]]);
      expect(await openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'revoked', 'revoked', 'opened', 'opened']);
    });

    it('knows users by their whole id', async () => {
      const { storage } = kit();
      const uids = ['u1', 'u1 ', 'U1', 'u', `${'u'.repeat(254)}1`, '__proto__', 'constructor'];
      const sids = await signedIn(storage, ...uids);
      for (const uid of ['u1', '__proto__']) await storage.revoke({ uid });
      const expected = uids.map((uid) => (uid === 'u1' || uid === '__proto__' ? 'revoked' : 'opened'));
      expect(await openingsOf(storage, ...sids)).to.deep.equal(expected);
    });

    it('takes numbers and bigints for the ids that they spell', async () => {
      for (const uid of [7, 7n]) {
        const { storage } = kit();
        const sid = await heldSid(storage, {}, '7');
        expect(await storage.revoke({ uid })).to.deep.equal({ ...counting(1), guarantee: 'process' });
        expect(await openingOf(storage, sid)).to.equal('revoked');
      }
    });

    it('lets a sign-in in the same millisecond, but later, live, and ends it at the next time (row 16)', async () => {
      const { storage } = kit();
      const before = await heldSid(storage, {}, 'u1');
      await storage.revoke({ uid: 'u1' });
      const after = await heldSid(storage, {}, 'u1');
      expect(await openingsOf(storage, before, after)).to.deep.equal(['revoked', 'opened']);
      await storage.revoke({ uid: 'u1' });
      expect(await openingsOf(storage, after, await heldSid(storage, {}, 'u1'))).to.deep.equal(['revoked', 'opened']);
    });

    it('ends a session however often it was committed or rotated since its user signed in', async () => {
      const { clock, storage } = kit();
      const sid = await heldSid(storage, {}, 'u1');
      clock.advance(DAY);
      const last = await rotated(storage, sid);
      await storage.revoke({ uid: 'u1' });
      expect(await openingOf(storage, last)).to.equal('revoked');
    });

    it('ends those that got the user by a later sign-in, and not those that lost it', async () => {
      const { storage } = kit();
      const [toJoin, toLeave] = await signedIn(storage, 'u2', 'u1');
      const joined = await issuedBy(storage.commit((await storage.get(toJoin)).setUser('u1')));
      const left = await issuedBy(storage.commit((await storage.get(toLeave)).setUser('u2')));
      expect(await storage.revoke({ uid: 'u1' })).to.deep.equal({ ...counting(1), guarantee: 'process' });
      expect(await openingsOf(storage, joined, left)).to.deep.equal(['revoked', 'opened']);
    });

    it('spares the session that except names, and what it becomes (row 13)', async () => {
      for (const form of ['session', 'names'] as const) {
        const { clock, storage } = kit();
        const [other, mine = '', another] = await signedIn(storage, 'u1', 'u1', 'u1');
        const session = await storage.get(mine);
        const except = form === 'session' ? session : refOf(session);
        const told = eventsOf(storage, 'ended');
        const result = await storage.revoke({ uid: 'u1', except });
        expect(result).to.deep.equal({ ...counting(2), guarantee: 'process' });
        expect(told).to.deep.equal([['ended', { uid: 'u1', reason: 'revoked', except: session.lineage }]]);
        expect(await openingsOf(storage, other, mine, another)).to.deep.equal(['revoked', 'opened', 'revoked']);
        clock.advance(DAY);
        expect(await openingOf(storage, await rotated(storage, mine))).to.equal('opened');
      }
    });

    it('spares the one that asks under the id that a rotation gave it since', async () => {
      const { storage } = kit();
      const [mine = '', other] = await signedIn(storage, 'u1', 'u1');
      const ref = refOf(await storage.get(mine));
      const renewed = await rotated(storage, await rotated(storage, mine));
      const result = await storage.revoke({ uid: 'u1', except: ref });
      expect(result).to.deep.equal({ ...counting(1), guarantee: 'process' });
      expect(await openingsOf(storage, renewed, other)).to.deep.equal(['opened', 'revoked']);
    });

    it('ends with a second revocation what the first spared', async () => {
      const { storage } = kit();
      const sids = await signedIn(storage, 'u1', 'u1', 'u1');
      await storage.revoke({ uid: 'u1', except: await storage.get(sids[0]) });
      await storage.revoke({ uid: 'u1', except: { id: 'x', lineage: 'x' } });
      expect(await openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'revoked', 'revoked']);
    });

    it('spares nothing by an except that is another user’s', async () => {
      const { storage } = kit();
      const [mine, foreign] = await signedIn(storage, 'u1', 'u2');
      const result = await storage.revoke({ uid: 'u1', except: await storage.get(foreign) });
      expect(result).to.deep.equal({ ...counting(1), guarantee: 'process' });
      expect(await openingsOf(storage, mine, foreign)).to.deep.equal(['revoked', 'opened']);
    });
  });

  describe(`revoke of everyone with sessions ${where}`, () => {
    guardRejections();

    it('ends every session, signed in or not, and none that begins later in the same millisecond', async () => {
      const { storage } = kit();
      const sids = await signedIn(storage, undefined, 'u1', 'u2');
      const told = eventsBesidesLoaded(storage);
      const result = await storage.revoke('everyone', { reason: 'breach' });
      expect(result).to.deep.equal({ ...counting(3), guarantee: 'process' });
      expect(told).to.deep.equal([['ended', { reason: 'breach' }]]);
      const gone = isToken ? 'revoked' : 'unknown';
      expect(await openingsOf(storage, ...sids)).to.deep.equal([gone, gone, gone]);
      const later = await signedIn(storage, undefined, 'u1');
      expect(await openingsOf(storage, ...later)).to.deep.equal(['opened', 'opened']);
    });

    it('ends what signed in within the millisecond after a revocation of one user, too', async () => {
      const { storage } = kit();
      await storage.revoke({ uid: 'u1' });
      const sid = await heldSid(storage, {}, 'u1');
      await storage.revoke('everyone');
      expect(await openingOf(storage, sid)).not.to.equal('opened');
    });
  });

  describe(`revoke of sessions ${where} refuses with a TypeError, and ends nothing`, () => {
    it('a target that names nothing', async () => {
      const { storage } = kit();
      const sids = await signedIn(storage, undefined, 'u1');
      for (const target of WRONG) {
        const error = await errorOf(() => callUntyped(storage, 'revoke', target));
        expect(error, JSON.stringify(target)).to.be.instanceOf(TypeError);
      }
      expect(await openingsOf(storage, ...sids)).to.deep.equal(['opened', 'opened']);
    });

    it('an unknown option, a reason that is no text, and a wait that is none or cannot be', async () => {
      const { storage } = kit();
      const session = await storage.get(await heldSid(storage, {}, 'u1'));
      for (const options of [
        { wiat: 'log' },
        { reason: 5 },
        { reason: null },
        { wait: 'log' },
        { wait: 'instances' },
        { wait: 'bogus' },
        { wait: '' },
        { wait: 5 },
      ]) {
        const error = await errorOf(() => callUntyped(storage, 'revoke', session, options));
        expect(error).to.be.instanceOf(TypeError);
        expect(error.message).to.include(Object.keys(options)[0]);
      }
      expect([session.isEnded, await openingOf(storage, session.forClient())]).to.deep.equal([false, 'opened']);
      expect(await storage.revoke(session, { wait: 'process', reason: '' })).to.have.property('ended', 1);
    });
  });

  describe(`check of a session ${where}`, () => {
    it('says until when it lives, and ended at the very millisecond it expires', async () => {
      const { clock, storage } = kit({ idleTimeout: HOUR });
      const session = await storage.get(await heldSid(storage));
      expect(await storage.check(session)).to.deep.equal({ expires: NOW + HOUR });
      // Of a token's names alone it is not known until when.
      expect(await storage.check(refOf(session))).to.deep.equal(isToken ? 'live' : { expires: NOW + HOUR });
      clock.advance(HOUR - 1);
      expect(await storage.check(session)).to.have.property('expires');
      clock.advance(1);
      expect(await storage.check(session)).to.equal('ended');
    });

    it('says ended once it, its user or everyone was revoked, and of a reference to it', async () => {
      for (const revoke of [
        (storage: AnyStorage, sid: string) => storage.revoke({ sid }),
        (storage: AnyStorage) => storage.revoke({ uid: 'u1' }),
        (storage: AnyStorage) => storage.revoke('everyone'),
      ]) {
        const { storage } = kit();
        const sid = await heldSid(storage, {}, 'u1');
        const session = await storage.get(sid);
        await revoke(storage, sid);
        expect(await storage.check(session)).to.equal('ended');
      }
      const { storage } = kit();
      const sid = await heldSid(storage);
      const ref = refOf(await storage.get(sid));
      await storage.revoke({ sid });
      expect(await storage.check(ref)).to.equal('ended');
    });

    it('follows a rotation within the grace, and a change of user ends it', async () => {
      const { storage } = kit();
      const session = await storage.get(await heldSid(storage, {}, 'u1'));
      const ref = refOf(session);
      await storage.commit(session.rotate());
      const own = await storage.check(session);
      expect(own).to.have.property('expires');
      expect(await storage.check(ref)).to.deep.equal(isToken ? 'live' : own);
      await storage.commit(session.setUser('u2'));
      expect(await storage.check(ref)).to.equal('ended');
      expect(await storage.check(session)).to.have.property('expires');
    });

    it('does not take a rotation by another request for an end, whenever it asks', async () => {
      const { clock, storage } = kit({ rotationGrace: 10_000, idleTimeout: 30 * DAY });
      const sid = await heldSid(storage, {}, 'u1');
      const watched = await storage.get(sid);
      const next = await issuedBy(storage.commit((await storage.get(sid)).rotate()));
      for (const wait of [0, 10_000, DAY]) {
        clock.advance(wait);
        expect(await storage.check(watched)).to.have.property('expires');
      }
      await storage.revoke({ sid: next });
      expect(await storage.check(watched)).to.equal('ended');
    });

    for (const [what, end] of [
      ['signs out', (session: SessionModel) => session.revoke()],
      ['becomes another user', (session: SessionModel) => session.setUser('u2')],
      ['is invalidated', (session: SessionModel) => session.forceInvalidate('AllSessionIdsOfLoggedUser')],
    ] as const) {
      it(`says ended in the very event of a request that ${what}`, async () => {
        const { storage } = kit();
        const sid = await heldSid(storage, {}, 'u1');
        const watched = await storage.get(sid);
        const answers: unknown[] = [];
        storage.events.on('ended', () => answers.push(storage.check(watched)));
        storage.events.on('rotated', () => answers.push(storage.check(watched)));
        await storage.commit(end(await storage.get(sid)));
        expect(new Set(await Promise.all(answers))).to.deep.equal(new Set(['ended']));
      });
    }
  });
}
