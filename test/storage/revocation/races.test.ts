import { expect } from 'chai';
import {
  MemoryStore,
  RevocationList,
  type RevocationListOptions,
  RevocationsStale,
  ServerSessionStorage,
  SessionNotFound,
  SessionStorage,
  type SessionStorageOptions,
  StoreUnavailable,
} from '../../../src/index.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { eventsOf } from '../../support/events.js';
import { type FakeTime, fakeTime } from '../../support/fake-time.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { claimsOf, issuedBy, SECRET } from '../../support/sessions.js';
import { type LogConnection, SharedLog } from '../../support/shared-log.js';
import { NOW } from '../../support/token-fixtures.js';
import { watched } from '../../support/watched.js';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
const BOUND = 30 * SECOND;

type TokenOptions = Partial<SessionStorageOptions<Record<string, unknown>, Record<string, unknown>>>;

/** One process: its connection to the log, its list, and its storage of tokens. */
interface Instance {
  readonly log: LogConnection;
  readonly list: RevocationList;
  readonly storage: SessionStorage<Record<string, unknown>, Record<string, unknown>>;
}

describe('Races between processes that share a revocation log', () => {
  let time: FakeTime;
  let log: SharedLog;
  const open: RevocationList[] = [];

  beforeEach(() => {
    time = fakeTime(NOW);
    log = new SharedLog();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((list) => list.close()));
    expect(time.restore()).to.equal(0);
  });

  guardRejections();

  async function start(options: TokenOptions = {}, listOptions: RevocationListOptions = {}): Promise<Instance> {
    const connection = log.connect();
    const list = new RevocationList({ log: connection, ...listOptions });
    open.push(list);
    const storage = new SessionStorage<Record<string, unknown>, Record<string, unknown>>({
      jwtSecret: SECRET,
      revocations: list,
      ...options,
    });
    await time.pass(0);
    return { log: connection, list, storage };
  }

  /** Two processes, of which the second does not read what the first appends until it is delivered. */
  async function two(options: TokenOptions = {}, listOptions: RevocationListOptions = {}) {
    const [here, there] = [await start(options, listOptions), await start(options, listOptions)];
    there.log.hold();
    return { here, there };
  }

  /** Lets a process read all that is in the log. */
  async function deliver({ log: connection }: Instance): Promise<void> {
    connection.deliver();
    await time.pass(0);
  }

  const signedIn = ({ storage }: Instance, uid = 'u1'): string => storage.create().setUser(uid).forClient();

  describe('of tokens', () => {
    it('refresh in flight: the token that another process issues meanwhile ends, too', async () => {
      const { here, there } = await two({ timeoutResolution: 0 });
      const sid = signedIn(here);
      const session = there.storage.get(sid);
      await time.pass(5 * SECOND);
      await here.storage.revoke({ sid });
      const refreshed = await issuedBy(there.storage.commit(there.storage.get(sid).save()));
      const touched = await issuedBy(there.storage.commit(session.save()));
      expect(openingsOf(there.storage, sid, refreshed, touched)).to.deep.equal(['opened', 'opened', 'opened']);
      await deliver(there);
      expect(openingsOf(there.storage, sid, refreshed, touched)).to.deep.equal(['revoked', 'revoked', 'revoked']);
      expect(openingsOf(here.storage, refreshed, touched)).to.deep.equal(['revoked', 'revoked']);
    });

    it('rotation in flight: the token of the new id ends, too', async () => {
      const { here, there } = await two();
      const sid = signedIn(here);
      await here.storage.revoke({ sid });
      const rotating = there.storage.commit(there.storage.get(sid).rotate());
      const rotated = await issuedBy(rotating);
      await deliver(there);
      expect(openingsOf(there.storage, sid, rotated)).to.deep.equal(['revoked', 'revoked']);
      expect(openingsOf(here.storage, sid, rotated)).to.deep.equal(['revoked', 'revoked']);
    });

    for (const [race, write] of [
      ['late save', (session: ReturnType<Instance['storage']['get']>) => session.save()],
      ['late touch', (session: ReturnType<Instance['storage']['get']>) => session],
    ] as const) {
      it(`${race}: a request that was opened before issues nothing once the end is known`, async () => {
        const { here, there } = await two({ timeoutResolution: 0 });
        const sid = signedIn(here);
        await time.pass(1);
        const late = there.storage.get(sid);
        const lost = eventsOf(there.storage, 'refused-late-save');
        await here.storage.revoke({ sid });
        await deliver(there);
        expect(await outcomeOf(there.storage.commit(write(late)))).to.equal('withheld');
        expect(lost.length).to.equal(race === 'late save' ? 1 : 0);
      });
    }

    it('lost log entry: the processes that know it append it again, and a new one learns it', async () => {
      const [here, there] = [await start(), await start()];
      const [one, everywhere, other] = [signedIn(here), signedIn(here, 'u2'), signedIn(here, 'u3')];
      await here.storage.revoke({ sid: one });
      await here.storage.revoke({ uid: 'u2' });
      await time.pass(0);
      log.lose(2);
      await time.pass(0);
      const texts = log.entries.map((entry) => JSON.stringify(entry.match));
      expect(new Set(texts).size).to.equal(2);
      const fresh = await start();
      for (const { storage } of [here, there, fresh])
        expect(openingsOf(storage, one, everywhere, other)).to.deep.equal(['revoked', 'revoked', 'opened']);
    });

    it('longer timeToLive after a restart: what was revoked before stays so', async () => {
      const before = await start({ timeToLive: DAY });
      const sid = signedIn(before);
      await before.storage.revoke({ sid });
      await before.list.close();
      await time.pass(0);
      const after = await start({ timeToLive: 30 * DAY });
      expect(openingOf(after.storage, sid)).to.equal('revoked');
      // The entry has left the log by then, and the token has expired.
      const clock = new FakeClock(NOW + 2 * DAY);
      log.sweep(clock.now());
      expect(log.entries).to.deep.equal([]);
      const later = await start({ timeToLive: 30 * DAY, clock }, { clock });
      expect(openingOf(later.storage, sid)).to.match(/^expired/);
    });

    it('longer timeToLive after a restart: a token without an expiry stays revoked under any later setting', async () => {
      const endless = await start({ timeToLive: 0 });
      const sid = signedIn(endless);
      const shorter = await start({ timeToLive: DAY });
      await shorter.storage.revoke({ sid });
      const clock = new FakeClock(NOW + 300 * DAY);
      log.sweep(clock.now());
      const later = await start({ timeToLive: 400 * DAY, clock }, { clock });
      expect(openingOf(later.storage, sid)).to.equal('revoked');
    });

    it('longer timeToLive in another process: a revocation lasts as long as the token that was given', async () => {
      const [longer, shorter] = [await start({ timeToLive: 30 * DAY }), await start({ timeToLive: DAY })];
      const [sid, other] = [signedIn(longer), signedIn(longer)];
      await shorter.storage.revoke({ sid });
      await shorter.storage.commit(shorter.storage.get(other).revoke());
      const clock = new FakeClock(NOW + 29 * DAY);
      log.sweep(clock.now());
      const later = await start({ timeToLive: 30 * DAY, clock }, { clock });
      expect(openingsOf(later.storage, sid, other)).to.deep.equal(['revoked', 'revoked']);
    });

    it('stale instance that re-issues: with allow, nothing it issues outlives the token that it read', async () => {
      const { here, there } = await two({ timeoutResolution: 0 }, { whenStale: 'allow' });
      const sid = signedIn(here);
      await time.pass(BOUND + SECOND);
      here.log.beat();
      await time.pass(0);
      await here.storage.revoke({ sid });
      expect(there.list.health().isFresh).to.equal(false);
      const touched = await issuedBy(there.storage.commit(there.storage.get(sid)));
      const rotated = await issuedBy(there.storage.commit(there.storage.get(touched).rotate()));
      const { exp } = claimsOf(sid);
      expect([claimsOf(touched)['exp'], claimsOf(rotated)['exp']]).to.deep.equal([exp, exp]);
      await deliver(there);
      expect(openingsOf(there.storage, sid, touched, rotated)).to.deep.equal(['revoked', 'revoked', 'revoked']);
    });

    it('stale instance that re-issues: with deny, it opens nothing, and a request from before gets nothing longer', async () => {
      const { here, there } = await two({ timeoutResolution: 0 });
      const sid = signedIn(here);
      const early = there.storage.get(sid);
      await time.pass(BOUND + SECOND);
      expect(() => there.storage.get(sid)).to.throw(RevocationsStale);
      const issued = await issuedBy(there.storage.commit(early.save()));
      expect(claimsOf(issued)['exp']).to.equal(claimsOf(sid)['exp']);
      expect(() => there.storage.get(issued)).to.throw(RevocationsStale);
    });
  });

  describe('with a forced renewal', () => {
    for (const force of ['CurrentSessionId', 'AllSessionIdsOfLoggedUser'] as const) {
      it(`forced renewal after an end that is not read yet: nothing is issued (${force})`, async () => {
        const { here, there } = await two();
        const sid = signedIn(here);
        const session = there.storage.get(sid).forceInvalidate(force);
        const lost = eventsOf(there.storage, 'refused-late-save');
        await here.storage.revoke({ sid });
        const committing = watched(Promise.resolve(there.storage.commit(session)));
        await time.pass(SECOND);
        expect(committing.value).to.equal('pending');
        await deliver(there);
        expect(committing.value).to.deep.equal({ outcome: 'withheld' });
        expect(lost.length).to.equal(1);
        expect(() => session.forClient()).to.throw();
        // No newer credential is on its way, so the client's is cleared.
        expect(errorOf(() => there.storage.get(sid), SessionNotFound).withinGrace).to.equal(false);
      });

      it(`forced renewal: it is issued once the log was read up to its own entry, and is good everywhere (${force})`, async () => {
        const { here, there } = await two();
        const sid = signedIn(here);
        const session = there.storage.get(sid).forceInvalidate(force);
        const committing = watched(Promise.resolve(there.storage.commit(session)));
        await time.pass(SECOND);
        expect(committing.value).to.equal('pending');
        await deliver(there);
        const renewed = await issuedBy(there.storage.commit(session.save()));
        expect(committing.value).to.include({ outcome: 'issued' });
        for (const { storage } of [here, there])
          expect(openingsOf(storage, sid, renewed)).to.deep.equal([
            force === 'CurrentSessionId' ? 'superseded' : 'revoked',
            'opened',
          ]);
      });
    }

    it('forced renewal: it waits for its entry, not for more', async () => {
      const only = await start();
      const session = only.storage.get(signedIn(only)).forceInvalidate('AllSessionIdsOfLoggedUser');
      const committing = watched(Promise.resolve(only.storage.commit(session)));
      await time.pass(0);
      expect(committing.value).to.include({ outcome: 'issued' });
    });

    it('forced renewal while the log cannot be read: StoreUnavailable after the deadline, and the old session is over', async () => {
      const { here, there } = await two();
      const sid = signedIn(here);
      const session = there.storage.get(sid).forceInvalidate('CurrentSessionId');
      const committing = watched(Promise.resolve(there.storage.commit(session)));
      await time.pass(1999);
      expect(committing.value).to.equal('pending');
      await time.pass(1);
      expect(committing.value)
        .to.be.instanceOf(StoreUnavailable)
        .with.property('message')
        .that.includes('is in the log');
      expect(openingOf(here.storage, sid)).to.equal('superseded');
    });

    it('forced renewal and an end in the same process, while it waits: nothing is issued', async () => {
      const { there } = await two();
      const sid = signedIn(there);
      const session = there.storage.get(sid).forceInvalidate('CurrentSessionId');
      const committing = watched(Promise.resolve(there.storage.commit(session)));
      await time.pass(10);
      await there.storage.revoke({ uid: 'u1' });
      await deliver(there);
      expect(committing.value).to.deep.equal({ outcome: 'withheld' });
    });

    for (const force of ['CurrentSessionId', 'AllSessionIdsOfLoggedUser'] as const) {
      it(`forced renewal and an end in the same process that the log has not taken yet: nothing is issued (${force})`, async () => {
        const { there } = await two();
        const sid = signedIn(there);
        const committing = watched(
          Promise.resolve(there.storage.commit(there.storage.get(sid).forceInvalidate(force))),
        );
        await time.pass(10);
        there.log.holdAppends();
        const ending = watched(there.storage.revoke({ sid }));
        await deliver(there);
        expect([ending.value, committing.value]).to.deep.equal(['pending', { outcome: 'withheld' }]);
      });
    }

    it('forced renewal of a session that an end excepted, with another end from a clock that is behind: nothing is issued', async () => {
      const clock = new FakeClock(NOW - 10 * SECOND);
      const [behind, there] = [await start({ clock }), await start()];
      const session = there.storage.create().setUser('u1');
      const sid = session.forClient();
      clock.set(NOW - 5 * SECOND);
      await time.pass(10 * SECOND);
      clock.set(NOW + 5 * SECOND);
      there.log.hold();
      behind.log.hold();
      await there.storage.revoke({ uid: 'u1', except: session });
      await behind.storage.revoke({ uid: 'u1' });
      const forced = there.storage.get(sid).forceInvalidate('CurrentSessionId');
      const committing = watched(Promise.resolve(there.storage.commit(forced)));
      await deliver(there);
      expect(committing.value).to.deep.equal({ outcome: 'withheld' });
    });

    it('forced renewal of all of the user’s, with an end between its two entries: nothing is issued', async () => {
      const [here, there] = [await start(), await start()];
      const sid = signedIn(here);
      const stop = here.list.onAdded(() => there.log.holdAppends());
      const session = there.storage.get(sid).forceInvalidate('AllSessionIdsOfLoggedUser');
      const committing = watched(Promise.resolve(there.storage.commit(session)));
      await time.pass(0);
      stop();
      there.log.hold();
      expect(log.entries.length).to.equal(1);
      await here.storage.revoke({ sid });
      there.log.acceptAppends();
      await time.pass(0);
      await deliver(there);
      expect(log.entries.length).to.equal(3);
      expect(committing.value).to.deep.equal({ outcome: 'withheld' });
    });

    it('two forced renewals at once of all sessions of a user: no more than one is issued', async () => {
      const [here, there] = [await start(), await start()];
      const sids = [signedIn(here), signedIn(there)];
      for (const { log: connection } of [here, there]) connection.hold();
      const commits = [here, there].map(({ storage }, index) => {
        const session = storage.get(sids[index]).forceInvalidate('AllSessionIdsOfLoggedUser');
        return watched(Promise.resolve(storage.commit(session)));
      });
      await time.pass(0);
      await deliver(here);
      await deliver(there);
      const outcomes = commits.map(({ value }) => Reflect.get(Object(value), 'outcome'));
      expect(outcomes.filter((outcome) => outcome === 'issued').length).to.be.at.most(1);
      for (const { storage } of [here, there]) expect(openingsOf(storage, ...sids)).to.not.include('opened');
    });
  });

  describe('with a sign-in', () => {
    it('sign-in after all of the user’s were ended elsewhere and that is known: it lives, whatever the clocks say', async () => {
      const clock = new FakeClock(NOW + 5 * SECOND);
      const [ahead, there] = [await start({ clock }), await start()];
      await ahead.storage.revoke({ uid: 'u1' });
      await time.pass(0);
      const sid = signedIn(there);
      expect(openingsOf(there.storage, sid)).to.deep.equal(['opened']);
      await time.pass(10 * SECOND);
      expect(openingsOf(ahead.storage, sid)).to.deep.equal(['opened']);
    });

    it('sign-in after all of the user’s were ended elsewhere and that is not known: it ends, and the next one lives', async () => {
      const { here, there } = await two();
      await here.storage.revoke({ uid: 'u1' });
      const sid = signedIn(there);
      await deliver(there);
      expect(openingsOf(there.storage, sid, signedIn(there))).to.deep.equal(['revoked', 'opened']);
    });

    it('sign-in in the millisecond of an end of all of the user’s: it lives if it begins after, and ends if it began before', async () => {
      const only = await start();
      const began = only.storage.create().setUser('u1');
      await only.storage.revoke({ uid: 'u1' });
      expect(await outcomeOf(only.storage.commit(began))).to.equal('withheld');
      expect(openingOf(only.storage, signedIn(only))).to.equal('opened');
    });

    it('sign-in that commits while an end of all of the user’s runs: it ends', async () => {
      const { here, there } = await two();
      const signingIn = there.storage.create().setUser('u1');
      here.log.holdAppends();
      const revoking = watched(here.storage.revoke({ uid: 'u1' }));
      const sid = await issuedBy(there.storage.commit(signingIn));
      here.log.acceptAppends();
      await deliver(there);
      expect(revoking.value).to.deep.equal({ guarantee: 'log' });
      expect([openingOf(here.storage, sid), openingOf(there.storage, sid)]).to.deep.equal(['revoked', 'revoked']);
    });

    for (const [clockSkew, opening] of [
      [5 * SECOND, 'revoked'],
      [SECOND, 'opened'],
    ] as const) {
      it(`clocks that are 5 s apart: with clockSkew ${clockSkew}, a session from the clock ahead is ${opening}`, async () => {
        const clock = new FakeClock(NOW + 5 * SECOND);
        const [ahead, here] = [await start({ clock }), await start({ clockSkew })];
        const sid = signedIn(ahead);
        await here.storage.revoke({ uid: 'u1' });
        await time.pass(5 * SECOND);
        expect(openingOf(here.storage, sid)).to.equal(opening);
      });
    }

    it('setLifetime of 400 days before an end of all of the user’s that is not read yet: it ends, for 400 days', async () => {
      const { here, there } = await two();
      const session = there.storage
        .create()
        .setUser('u1')
        .setLifetime({ idleTimeout: 400 * DAY, absoluteTimeout: 400 * DAY });
      await here.storage.revoke({ uid: 'u1' });
      const sid = await issuedBy(there.storage.commit(session));
      const clock = new FakeClock(NOW + 399 * DAY);
      log.sweep(clock.now());
      const later = await start({ clock }, { clock });
      expect(openingOf(later.storage, sid)).to.equal('revoked');
    });
  });

  describe('of stores', () => {
    /** Two processes that share a store, whose lists share a log. The second one reads nothing. */
    async function twoOfStore() {
      const store = new MemoryStore();
      const [here, there] = ['here', 'there'].map(() => {
        const connection = log.connect();
        const list = new RevocationList({ log: connection });
        open.push(list);
        const storage = new ServerSessionStorage({
          store,
          revocations: list,
          sweepInterval: null,
          timeoutResolution: null,
        });
        return { log: connection, list, storage };
      });
      if (here === undefined || there === undefined) throw new Error('two processes');
      await time.pass(0);
      there.log.hold();
      const session = await here.storage.create();
      const sid = await issuedBy(here.storage.commit(session.setUser('u1')));
      await time.pass(SECOND);
      return { here, there, sid, store };
    }

    it('refresh in flight, late touch: the store keeps nothing, and the sid opens nothing anywhere', async () => {
      const { here, there, sid } = await twoOfStore();
      const late = await there.storage.get(sid);
      await here.storage.revoke({ sid });
      expect(await outcomeOf(there.storage.commit(late))).to.not.equal('issued');
      expect([await openingOf(here.storage, sid), await openingOf(there.storage, sid)]).to.deep.equal([
        'revoked',
        'revoked',
      ]);
    });

    it('late save: it is withheld, and the change is not stored', async () => {
      const { here, there, sid } = await twoOfStore();
      const late = await there.storage.get(sid);
      const lost = eventsOf(there.storage, 'refused-late-save');
      await here.storage.revoke({ sid });
      late.set('sessionData', { late: true });
      expect(await outcomeOf(there.storage.commit(late))).to.equal('withheld');
      expect(lost.length).to.equal(1);
      expect(await openingOf(there.storage, sid)).to.equal('revoked');
    });

    for (const target of ['sid', 'uid', 'everyone'] as const) {
      it(`rotation in flight: it is withheld, and leaves no session (${target})`, async () => {
        const { here, there, sid } = await twoOfStore();
        const rotating = (await there.storage.get(sid)).rotate();
        await here.storage.revoke({ sid: { sid }, uid: { uid: 'u1' }, everyone: 'everyone' as const }[target]);
        expect(await outcomeOf(there.storage.commit(rotating))).to.equal('withheld');
        expect(await there.storage.listOfUser('u1')).to.deep.equal([]);
        expect(await openingOf(there.storage, sid)).to.not.equal('opened');
      });
    }

    it('rotation that is stored before the end: the new sid ends, too', async () => {
      const { here, there, sid } = await twoOfStore();
      const rotated = await issuedBy(there.storage.commit((await there.storage.get(sid)).rotate()));
      await here.storage.revoke({ sid });
      expect([await openingOf(here.storage, rotated), await openingOf(there.storage, rotated)]).to.deep.equal([
        'revoked',
        'revoked',
      ]);
    });

    it('stale instance that re-issues: the store decides, so it writes and issues nothing', async () => {
      const { here, there, sid } = await twoOfStore();
      const late = await there.storage.get(sid);
      await time.pass(BOUND + SECOND);
      expect(there.list.health().isFresh).to.equal(false);
      await here.storage.revoke({ sid });
      expect(await outcomeOf(there.storage.commit(late.rotate()))).to.equal('withheld');
      expect(await openingOf(there.storage, sid)).to.equal('revoked');
    });

    it('lost log entry: the end is in the store, and no process opens the session', async () => {
      const { here, there, sid } = await twoOfStore();
      await here.storage.revoke({ sid });
      log.lose(1);
      expect([await openingOf(here.storage, sid), await openingOf(there.storage, sid)]).to.deep.equal([
        'revoked',
        'revoked',
      ]);
    });

    it('longer timeouts after a restart: what was ended before stays so', async () => {
      const { here, sid, store } = await twoOfStore();
      await here.storage.revoke({ sid });
      const clock = new FakeClock(NOW + 61 * DAY);
      const later = new ServerSessionStorage({
        store,
        sweepInterval: null,
        idleTimeout: null,
        absoluteTimeout: null,
        clock,
      });
      expect(await openingOf(later, sid)).to.not.equal('opened');
    });

    it('forced renewal after an end of all of the user’s: it is withheld, and leaves no session', async () => {
      const { here, there, sid } = await twoOfStore();
      const forced = (await there.storage.get(sid)).forceInvalidate('AllSessionIdsOfLoggedUser');
      await here.storage.revoke({ uid: 'u1' });
      expect(await outcomeOf(there.storage.commit(forced))).to.equal('withheld');
      expect(await there.storage.listOfUser('u1')).to.deep.equal([]);
    });
  });
});
