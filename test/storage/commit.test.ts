import { expect } from 'chai';
import { SessionDataInvalid, SessionEnded, type SessionModel, SessionTooLarge } from '../../src/index.js';
import { eventsBesidesLoaded, eventsOf } from '../support/events.js';
import { type AnyStorage, heldAfter, kits } from '../support/kits.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../support/outcomes.js';
import { guardRejections } from '../support/rejections.js';
import { heldSid } from '../support/server-sessions.js';
import { callUntyped, issuedBy } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Change = readonly [what: string, change: (session: SessionModel) => unknown];

const CHANGES: readonly Change[] = [
  ['userData', (session) => Object.assign(session.userData, { name: 'Eve' })],
  ['info', (session) => Object.assign(session, { info: { device: 'd' } })],
  ['a lifetime', (session) => session.setLifetime({ idleTimeout: DAY })],
  ['assigned sessionData', (session) => Object.assign(session, { sessionData: { b: 2 } })],
  ['set', (session) => session.set({ sessionData: { b: 2 }, userData: { c: 3 } })],
];

const RENEWALS: readonly Change[] = [
  ['a rotation', (session) => session.rotate()],
  ['a change of user', (session) => session.setUser('u2')],
  ['a forced invalidation', (session) => session.forceInvalidate('CurrentSessionId')],
  ['one of all sessions', (session) => session.forceInvalidate('AllSessionIdsOfLoggedUser')],
];

const ENDS: readonly [what: string, end: (storage: AnyStorage, sid: string) => Promise<unknown>][] = [
  ['its session was revoked', async (storage, sid) => await storage.revoke({ sid })],
  ['its user was', async (storage) => await storage.revoke({ uid: 'u1' })],
  ['everyone was', async (storage) => await storage.revoke('everyone')],
  ['it signed out', async (storage, sid) => await storage.commit((await storage.get(sid)).revoke())],
  ['it changed its user', async (storage, sid) => await storage.commit((await storage.get(sid)).setUser('u2'))],
];

function refuse(): never {
  throw new SessionTooLarge('cookie', 5_000, 4_096);
}

for (const [where, kit] of kits) {
  describe(`A commit of a session ${where}`, () => {
    guardRejections();

    it('leaves one alone to which nothing happened, and tells nothing', async () => {
      const { clock, storage } = kit();
      const sid = await heldSid(storage, { a: 1, list: [1, 2] });
      clock.advance(10 * MINUTE - 1);
      const session = await storage.get(sid);
      const told = eventsBesidesLoaded(storage);
      expect(session.sessionData).to.deep.equal({ a: 1, list: [1, 2] });
      expect(await storage.commit(session)).to.deep.equal({ outcome: 'unchanged' });
      Object.assign(session.sessionData, { a: 2, list: [] });
      Object.assign(session.sessionData, { a: 1, list: [1, 2] });
      expect(await storage.commit(session), 'changed back').to.deep.equal({ outcome: 'unchanged' });
      expect(told).to.deep.equal([]);
    });

    it('renews its life once the timeout resolution has passed, and tells nothing', async () => {
      const { clock, storage } = kit();
      const sid = await heldSid(storage, {}, 'u1');
      const before = await storage.get(sid);
      clock.advance(10 * MINUTE);
      const told = eventsBesidesLoaded(storage);
      const result = await storage.commit(await storage.get(sid));
      expect(result).to.include({ outcome: 'issued', expires: NOW + 10 * MINUTE + 7 * DAY, persistent: undefined });
      expect(told).to.deep.equal([]);
      expect((await issuedBy(result)) === sid).to.equal(where !== 'in a token');
      const after = await storage.get(await issuedBy(result), { touch: false });
      const { id, lineage, created } = before;
      expect(after).to.include({ id, lineage, created, lastAccess: NOW + 10 * MINUTE, lastUpdate: NOW });
    });

    it('renews one in time whose own idle timeout is short, or keeps the resolution when it is long', async () => {
      for (const [idleTimeout, resolution] of [
        [10_000, 1_000],
        [300 * DAY, 10 * MINUTE],
      ] as const) {
        const { clock, storage } = kit();
        const session = await storage.create();
        const sid = await issuedBy(storage.commit(session.setLifetime({ idleTimeout })));
        clock.advance(resolution - 1);
        expect(await outcomeOf(storage.commit(await storage.get(sid)))).to.equal('unchanged');
        clock.advance(1);
        expect(await outcomeOf(storage.commit(await storage.get(sid)))).to.equal('issued');
      }
    });

    it('keeps one alive that is used now and then, and not one that is only looked at', async () => {
      const { clock, storage } = kit({ idleTimeout: HOUR });
      let used = await heldSid(storage);
      for (let count = 0; count < 200; count += 1) {
        clock.advance(HOUR - 6 * MINUTE);
        used = await heldAfter(storage.commit(await storage.get(used)), used);
      }
      expect(await openingOf(storage, used)).to.equal('opened');
      for (let count = 0; count < 60; count += 1) {
        expect(await outcomeOf(storage.commit(await storage.get(used, { touch: false })))).to.equal('unchanged');
        clock.advance(MINUTE);
      }
      expect(await openingOf(storage, used)).to.equal('expired: idle');
    });

    it('keeps a change at once, also of one that was only looked at, and tells saved', async () => {
      for (const touch of [true, false]) {
        const { clock, storage } = kit();
        const sid = await heldSid(storage, { a: 1 }, 'u1');
        clock.advance(5);
        const session = await storage.get(sid, { touch });
        session.sessionData['a'] = 2;
        const told = eventsOf(storage);
        const result = await storage.commit(session);
        expect(result).to.include({ outcome: 'issued', expires: NOW + 5 + 7 * DAY, persistent: undefined });
        const { id, lineage } = session;
        expect(told).to.deep.equal([['saved', { id, lineage, uid: 'u1' }]]);
        expect(session).to.include({ lastUpdate: NOW + 5, isModified: false });
        const found = await storage.get(await issuedBy(result), { touch: false });
        expect(found).to.include({ lastAccess: NOW + 5, lastUpdate: NOW + 5 });
        expect(found.sessionData).to.deep.equal({ a: 2 });
      }
    });

    it('moves lastUpdate to the commit, not to the request’s begin', async () => {
      const { clock, storage } = kit();
      const session = await storage.get(await heldSid(storage));
      session.sessionData['a'] = 1;
      clock.advance(40);
      await storage.commit(session);
      expect([session.lastUpdate, session.lastAccess]).to.deep.equal([NOW + 40, NOW + 40]);
    });

    for (const [what, change] of CHANGES) {
      it(`keeps ${what}`, async () => {
        const { storage } = kit();
        const sid = await heldSid(storage, { a: 1 }, 'u1');
        const session = await storage.get(sid);
        change(session);
        const told = eventsBesidesLoaded(storage);
        const held = await heldAfter(storage.commit(session), sid);
        expect(session.isModified).to.equal(false);
        expect(await outcomeOf(storage.commit(session)), 'once').to.equal('unchanged');
        expect(told.filter(([name]) => name === 'saved').length, 'once').to.equal(1);
        const opened = await storage.get(held);
        for (const name of ['sessionData', 'userData', 'info'] as const) {
          expect(opened[name], name).to.deep.equal(session[name]);
        }
        expect(opened.getExpiry()).to.equal(session.getExpiry());
      });
    }

    it('keeps what is changed between two commits, from the same copy of the data', async () => {
      const { storage } = kit();
      const session = await storage.create({ a: 1 });
      const { sessionData } = session;
      let sid = await issuedBy(storage.commit(session));
      for (const name of ['b', 'c']) {
        sessionData[name] = 2;
        sid = await heldAfter(storage.commit(session), sid);
      }
      expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 1, b: 2, c: 2 });
    });

    it('refuses data that JSON cannot carry, naming the path, and nothing ends or is told', async () => {
      const { storage } = kit();
      const sid = await heldSid(storage, { a: 1 }, 'u1');
      const session = (await storage.get(sid)).forceInvalidate('AllSessionIdsOfLoggedUser');
      session.sessionData['a'] = { when: new Date(0) };
      const told = eventsBesidesLoaded(storage);
      const error = await errorOf(() => storage.commit(session));
      expect(error).to.be.instanceOf(SessionDataInvalid).and.have.property('path', 'sessionData.a.when');
      expect(told).to.deep.equal([]);
      expect(await openingOf(storage, sid)).to.equal('opened');
      session.sessionData['a'] = 3;
      const held = await issuedBy(storage.commit(session));
      expect((await storage.get(held)).sessionData).to.deep.equal({ a: 3 });
    });

    it('takes no session of another storage, and nothing else', async () => {
      const { storage } = kit();
      const other = kit().storage;
      const foreign = await other.create();
      for (const thing of [foreign, other.blank(), {}, { id: 'a', lineage: 'a' }, null, undefined, 'sid']) {
        const error = await errorOf(() => callUntyped(storage, 'commit', thing));
        expect(error).to.be.instanceOf(TypeError);
        expect(error.message).to.match(/^commit: /);
      }
      expect(await errorOf(() => callUntyped(storage, 'commit', Object.create(foreign)))).to.be.instanceOf(TypeError);
    });
  });

  describe(`A commit of a new session ${where}`, () => {
    it('issues one made by create once, with its sid and expiry, and tells created', async () => {
      const { storage } = kit();
      const told = eventsBesidesLoaded(storage);
      const session = await storage.create({ a: 1 });
      const result = await storage.commit(session);
      expect(result).to.include({ outcome: 'issued', expires: NOW + 7 * DAY, persistent: undefined });
      expect((await storage.get(await issuedBy(result))).id).to.equal(session.id);
      expect(session.isNew).to.equal(false);
      expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
      const { id, lineage } = session;
      expect(told.splice(0)).to.deep.equal([['created', { id, lineage, uid: undefined }]]);
      session.sessionData['a'] = 2;
      await storage.commit(session);
      expect(told).to.deep.equal([['saved', { id, lineage, uid: undefined }]]);
    });

    it('issues nothing for a request that put nothing into it (row 62)', async () => {
      const { storage } = kit();
      const changed = storage.blank();
      changed.sessionData['a'] = 1;
      delete changed.sessionData['a'];
      const looked = storage.blank();
      expect([looked.isEmpty, looked.uid, looked.sessionData]).to.deep.equal([true, undefined, {}]);
      const told = eventsBesidesLoaded(storage);
      for (const session of [storage.blank(), changed, looked, storage.blank().rotate()]) {
        expect(await storage.commit(session)).to.deep.equal({ outcome: 'unchanged' });
        expect(session.isNew).to.equal(true);
      }
      expect(await outcomeOf(storage.commit(storage.blank().revoke()))).to.equal('ended');
      expect(told).to.deep.equal([]);
    });

    it('issues one that a request put data or a user into, or that is to be eager', async () => {
      const { storage } = kit();
      const withData = storage.blank();
      withData.sessionData['a'] = 1;
      const opened = async (session: SessionModel, eager = false) =>
        await storage.get(await issuedBy(storage.commit(session, { eager })));
      expect((await opened(withData)).sessionData).to.deep.equal({ a: 1 });
      const { uid, userData } = await opened(storage.blank().setUser('u1', { name: 'Ada' }));
      expect([uid, userData]).to.deep.equal(['u1', { name: 'Ada' }]);
      expect((await opened(storage.blank(), true)).isEmpty).to.equal(true);
    });

    it('keeps one that was issued when it is emptied or rotated later', async () => {
      const { clock, storage } = kit({ rotationGrace: 4_000 });
      const session = storage.blank();
      session.sessionData['count'] = 1;
      const first = await issuedBy(storage.commit(session));
      expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
      clock.advance(1);
      delete session.sessionData['count'];
      const emptied = await heldAfter(storage.commit(session), first);
      expect((await storage.get(emptied)).sessionData).to.deep.equal({});
      const rotated = await issuedBy(storage.commit(session.rotate()));
      expect((await storage.get(rotated)).id).to.equal(session.id);
      clock.advance(4_000);
      expect(await openingsOf(storage, emptied, rotated)).to.deep.equal(['superseded', 'opened']);
    });

    it('withholds one of a request whose credentials are suspicious, whatever is put into it', async () => {
      const { storage } = kit();
      const told = eventsBesidesLoaded(storage);
      expect(await outcomeOf(storage.commit(storage.blank({ withheld: 'yes' })))).to.equal('withheld');
      expect(told).to.deep.equal([]);
      const session = storage.blank({ withheld: 'yes' }).setUser('u1');
      expect(await outcomeOf(storage.commit(session, { eager: true }))).to.equal('withheld');
      expect(told.map(([name]) => name)).to.deep.equal(['refused-late-save']);
    });
  });

  describe(`A commit with assertFits of a session ${where}`, () => {
    it('asks with each sid that is issued, also where only the expiry changed', async () => {
      const { clock, storage } = kit();
      const asked: string[] = [];
      const assertFits = (sid: string): void => void asked.push(sid);
      const created = await issuedBy(storage.commit(await storage.create(), { assertFits }));
      clock.advance(DAY);
      asked.push('a day later');
      const renewed = await issuedBy(storage.commit(await storage.get(created), { assertFits }));
      const rotated = await issuedBy(storage.commit((await storage.get(renewed)).rotate(), { assertFits }));
      // With a store, of a new sid it may be asked twice: before the session is stored, and when the sid is issued.
      const once = asked.filter((sid, index) => sid !== asked[index - 1]);
      expect(once).to.deep.equal([created, 'a day later', renewed, rotated]);
      if (where === 'in a token') expect(asked).to.have.lengthOf(4);
    });

    it('does not ask when nothing is issued', async () => {
      const { storage } = kit();
      const session = await storage.get(await heldSid(storage));
      await storage.commit(session, { assertFits: refuse });
      await storage.commit(session.revoke(), { assertFits: refuse });
      await storage.commit(storage.blank(), { assertFits: refuse });
    });

    for (const [what, change] of RENEWALS) {
      it(`leaves nothing ended, saved or told when it throws, at ${what}, which the next commit makes up for`, async () => {
        const { clock, storage } = kit();
        const [sid, other] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
        const session = await storage.get(sid);
        change(session);
        const told = eventsBesidesLoaded(storage);
        const error = await errorOf(() => storage.commit(session, { assertFits: refuse }));
        expect(error).to.be.instanceOf(SessionTooLarge);
        expect(told).to.deep.equal([]);
        clock.advance(20_000);
        expect(await openingsOf(storage, sid, other)).to.deep.equal(['opened', 'opened']);
        const renewed = await issuedBy(storage.commit(session));
        const isAll = what === 'one of all sessions';
        expect(await openingsOf(storage, renewed, other)).to.deep.equal(['opened', isAll ? 'revoked' : 'opened']);
      });
    }
  });

  describe(`A commit of a revoked session ${where}`, () => {
    guardRejections();

    it('ends it, and tells so with the reason; a second one is withheld', async () => {
      const { storage } = kit();
      const sid = await heldSid(storage, { a: 1 }, 'u1');
      const session = await storage.get(sid);
      const told = eventsOf(storage);
      expect(await storage.commit(session.revoke('signed out'))).to.deep.equal({ outcome: 'ended' });
      const { id, lineage } = session;
      expect(told).to.deep.equal([['ended', { id, lineage, uid: 'u1', reason: 'signed out' }]]);
      expect(await openingOf(storage, sid)).to.equal('revoked');
      expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    });

    it('ends every sid of it, also those that a request is being sent right now', async () => {
      const { clock, storage } = kit();
      const first = await heldSid(storage, {}, 'u1');
      clock.advance(HOUR);
      const second = await heldAfter(storage.commit(await storage.get(first)), first);
      const third = await issuedBy(storage.commit((await storage.get(second)).rotate()));
      await storage.commit((await storage.get(third)).revoke());
      expect(await openingsOf(storage, first, second, third)).to.deep.equal(['revoked', 'revoked', 'revoked']);
    });

    it('ends the session as it came although a user was signed in meanwhile', async () => {
      const { storage } = kit();
      const sid = await heldSid(storage);
      await storage.commit((await storage.get(sid)).setUser('u1').revoke());
      expect(await openingOf(storage, sid)).to.equal('revoked');
    });

    it('ends it also when it was revoked elsewhere meanwhile, so that the client forgets it', async () => {
      const { storage } = kit();
      const sid = await heldSid(storage);
      const session = (await storage.get(sid)).revoke();
      await storage.revoke({ sid });
      expect(await outcomeOf(storage.commit(session))).to.equal('ended');
    });

    it('refuses every later write', async () => {
      const { storage } = kit();
      const session = (await storage.get(await heldSid(storage))).revoke();
      const change = (data: Record<string, unknown>): void => {
        data['a'] = 1;
      };
      for (const write of [
        () => session.save(),
        () => session.update(change),
        () => session.setUser('u1'),
        () => session.forClient(),
      ]) {
        expect(await errorOf(write)).to.be.instanceOf(SessionEnded);
      }
    });
  });

  describe(`A commit of a session ${where} that ended meanwhile`, () => {
    guardRejections();

    for (const [what, end] of ENDS) {
      it(`is withheld when ${what}: nothing comes back, and only what is lost is told (row 10)`, async () => {
        const { clock, storage } = kit();
        const sid = await heldSid(storage, {}, 'u1');
        clock.advance(HOUR);
        const [idle, changed] = [await storage.get(sid), await storage.get(sid)];
        changed.sessionData['a'] = 1;
        const { id, lineage } = changed;
        await end(storage, sid);
        const told = eventsBesidesLoaded(storage);
        expect(await outcomeOf(storage.commit(idle))).to.equal('withheld');
        expect(told).to.deep.equal([]);
        expect(await outcomeOf(storage.commit(changed))).to.equal('withheld');
        expect(told).to.deep.equal([['refused-late-save', { id, lineage, uid: 'u1' }]]);
        expect(await openingOf(storage, sid)).not.to.equal('opened');
        if (where === 'in a token') expect(await openingOf(storage, changed.forClient())).not.to.equal('opened');
      });
    }

    it('is withheld with a sign-in too, and signs nobody in', async () => {
      const { storage } = kit();
      const sid = await heldSid(storage);
      const session = (await storage.get(sid)).setUser('u1');
      await storage.revoke({ sid });
      expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
      expect(await openingOf(storage, sid)).to.equal('revoked');
    });
  });
}
