import { expect } from 'chai';
import { SessionStorage } from '../../src/index.js';
import { newId } from '../../src/lib/id.js';
import { errorOf } from '../support/outcomes.js';
import type { Instance } from '../support/revocation-processes/instance.js';
import { LOG_KINDS } from '../support/revocation-processes/kinds.js';
import { type LogHand, openHand } from '../support/revocation-processes/log-hand.js';
import { BOUND, ProcessPair } from '../support/revocation-processes/process-pair.js';
import type { RemoteSession } from '../support/revocation-processes/remote-session.js';
import { claimsOf, issuedBy, SECRET } from '../support/sessions.js';
import { watched } from '../support/watched.js';

const SECOND = 1_000;
const DAY = 24 * 60 * 60 * SECOND;
const FORCES = ['CurrentSessionId', 'AllSessionIdsOfLoggedUser'] as const;

/** The sid that a request is sent. */
const issuedTo = async (session: RemoteSession): Promise<string> => issuedBy((await session.commit()).result);

/** Every sid opens to the same in every process. */
async function expectOpenings(instances: readonly Instance[], sids: readonly string[], opening: string): Promise<void> {
  for (const instance of instances) {
    expect(await instance.openings(...sids)).to.deep.equal(sids.map(() => opening));
  }
}

for (const [kind, open] of LOG_KINDS) {
  describe(`Races between two processes with a RevocationList over one ${kind}`, function () {
    this.timeout(60_000);

    let pair: ProcessPair;
    let here: Instance;
    let there: Instance;
    let hand: LogHand;
    let uid: string;

    before(async function () {
      const logs = await open(this);
      pair = await ProcessPair.start(logs);
      ({ here, there } = pair);
      hand = openHand(logs[0]);
    });

    beforeEach(() => {
      uid = newId();
    });

    afterEach(() => pair.reset());

    after(async () => {
      await hand?.close();
      await pair?.end();
    });

    it('refresh in flight: the tokens that another process issues meanwhile end, too', async () => {
      await pair.at(0);
      const sid = await here.signIn(uid);
      await pair.at(5 * SECOND);
      const late = await there.open(sid);
      await there.hold('reads');
      await here.revoke(sid);
      const sids = [sid, await issuedTo(late), await issuedTo(await there.open(sid, 'save'))];
      await expectOpenings([there], sids, 'opened');
      await pair.deliver(there);
      await expectOpenings([here, there], sids, 'revoked');
    });

    it('rotation in flight: the token of the new id ends, too', async () => {
      const sid = await here.signIn(uid);
      await there.hold('reads');
      await here.revoke(sid);
      const rotated = await issuedTo(await there.open(sid, 'rotate'));
      await expectOpenings([there], [sid, rotated], 'opened');
      await pair.deliver(there);
      await expectOpenings([here, there], [sid, rotated], 'revoked');
    });

    for (const [race, act] of [
      ['late save', 'save'],
      ['late touch', undefined],
    ] as const) {
      it(`${race}: a request that was opened before issues nothing once the end is known`, async () => {
        await pair.at(0);
        const sid = await here.signIn(uid);
        await pair.at(1);
        const late = await there.open(sid, act);
        await here.revoke(sid);
        await there.learn(sid);
        expect(await late.commit()).to.deep.equal({ result: { outcome: 'withheld' }, isRefused: act === 'save' });
      });
    }

    it('stale instance that re-issues, with allow: nothing that it issues outlives the token that it read', async () => {
      const stale = await pair.other({ whenStale: 'allow', time: pair.time(0) });
      await pair.at(0);
      const sid = await here.signIn(uid);
      await stale.hold('reads');
      await here.revoke(sid);
      await stale.setClock(pair.time(BOUND + SECOND));
      const touched = await issuedTo(await stale.open(sid));
      const rotated = await issuedTo(await stale.open(touched, 'rotate'));
      const { exp } = claimsOf(sid);
      expect([claimsOf(touched)['exp'], claimsOf(rotated)['exp']]).to.deep.equal([exp, exp]);
      await pair.deliver(stale);
      await expectOpenings([stale], [sid, touched, rotated], 'revoked');
    });

    it('stale instance that re-issues, with deny: it opens nothing, and a request from before gets nothing longer', async () => {
      const stale = await pair.other({ time: pair.time(0) });
      await pair.at(0);
      const sid = await here.signIn(uid);
      const early = await stale.open(sid, 'save');
      await stale.hold('reads');
      await here.revoke(sid);
      await stale.setClock(pair.time(BOUND + SECOND));
      await expectOpenings([stale], [sid], 'stale');
      const issued = await issuedTo(early);
      expect(claimsOf(issued)['exp']).to.equal(claimsOf(sid)['exp']);
      await expectOpenings([stale], [sid, issued], 'stale');
      await stale.release('reads');
      expect(await stale.askWhile(sid, 'stale')).to.equal('ended');
      await expectOpenings([stale], [sid, issued], 'revoked');
    });

    for (const force of FORCES) {
      it(`renewal in flight: nothing is issued after an end that is not read yet (${force})`, async () => {
        const sid = await here.signIn(uid);
        const session = await there.open(sid, force);
        await there.hold('reads');
        await here.revoke(sid);
        const committing = session.commit();
        const watch = watched(committing);
        // Another append of the same process: the log has had the time for the one before.
        await there.revoke(await there.signIn(newId()));
        expect(watch.value).to.equal('pending');
        await pair.deliver(there);
        expect(await committing).to.deep.equal({ result: { outcome: 'withheld' }, isRefused: true });
      });

      it(`renewal in flight: it is issued once this process has read its own entry, and is good everywhere (${force})`, async () => {
        const sid = await here.signIn(uid);
        const session = await there.open(sid, force);
        await there.hold('reads');
        const committing = issuedTo(session);
        const watch = watched(committing);
        await here.learn(sid);
        await there.revoke(await there.signIn(newId()));
        expect(watch.value).to.equal('pending');
        await there.release('reads');
        const renewed = await committing;
        await pair.deliver(here);
        await expectOpenings([here, there], [renewed], 'opened');
        await expectOpenings([here, there], [sid], force === 'CurrentSessionId' ? 'superseded' : 'revoked');
      });
    }

    it('renewal in flight: of two at once of all sessions of a user, no more than one is issued', async () => {
      const sids = [await here.signIn(uid), await there.signIn(uid)];
      const sessions = [await here.open(sids[0] ?? '', FORCES[1]), await there.open(sids[1] ?? '', FORCES[1])];
      for (const instance of [here, there]) await instance.hold('reads');
      const committing = sessions.map((session) => session.commit());
      // The log has taken both renewals when these have resolved.
      for (const instance of [here, there]) await instance.revoke(await instance.signIn(newId()));
      for (const instance of [here, there]) await instance.release('reads');
      const outcomes = (await Promise.all(committing)).map(({ result: { outcome } }) => outcome);
      expect(outcomes.filter((outcome) => outcome === 'issued').length).to.be.at.most(1);
      expect(outcomes).to.include('withheld');
      await expectOpenings([here, there], sids, 'revoked');
    });

    it('renewal in flight: it is not issued when the log cannot be read within the deadline', async () => {
      const blind = await pair.other({ deadline: 150 });
      const sid = await here.signIn(uid);
      const session = await blind.open(sid, 'CurrentSessionId');
      await blind.hold('reads');
      expect(await errorOf(() => session.commit())).to.have.property('message', 'ERR_SESSION_STORE_UNAVAILABLE');
      await here.learn(sid);
      await expectOpenings([here], [sid], 'superseded');
    });

    it('sign-in after an end of all of the user’s that is known: it lives, whatever the clocks say', async () => {
      await pair.at(0);
      await here.setClock(pair.time(5 * SECOND));
      const before = await there.signIn(uid);
      await here.revokeUser(uid);
      await there.learn(before);
      const sid = await there.signIn(uid);
      await expectOpenings([there], [sid], 'opened');
      await pair.at(10 * SECOND);
      await expectOpenings([here, there], [sid], 'opened');
    });

    it('sign-in in the same millisecond as an end of all of the user’s, in the same process: it ends if it began before', async () => {
      await pair.at(0);
      const began = await there.begin(uid);
      await there.revokeUser(uid);
      expect((await began.commit()).result).to.deep.equal({ outcome: 'withheld' });
      const sid = await there.signIn(uid);
      await pair.deliver(here);
      await expectOpenings([here, there], [sid], 'opened');
    });

    it('sign-in in the same millisecond as an end of all of the user’s, in another process: it ends unless the end was known', async () => {
      await pair.at(0);
      await there.hold('reads');
      await here.revokeUser(uid);
      const unaware = await there.signIn(uid);
      await pair.deliver(there);
      const aware = await there.signIn(uid);
      await expectOpenings([here, there], [unaware], 'revoked');
      await expectOpenings([here, there], [aware], 'opened');
    });

    it('sign-in that commits while an end of all of the user’s runs: it ends', async () => {
      const signingIn = await there.begin(uid);
      await here.hold('appends');
      const revoking = here.revokeUser(uid);
      const watch = watched(revoking);
      const sid = await issuedTo(signingIn);
      // It has begun to end them, because it has answered what it was asked later.
      await expectOpenings([here], [sid], 'revoked');
      await expectOpenings([there], [sid], 'opened');
      expect(watch.value).to.equal('pending');
      await here.release('appends');
      expect(await revoking).to.equal('log');
      await pair.deliver(there);
      await expectOpenings([here, there], [sid], 'revoked');
    });

    for (const [clockSkew, opening] of [
      [5 * SECOND, 'revoked'],
      [SECOND, 'opened'],
    ] as const) {
      it(`clocks that are 5 s apart: with clockSkew ${clockSkew}, a session from the clock ahead is ${opening}`, async () => {
        const behind = clockSkew === SECOND ? here : await pair.other({ clockSkew });
        await pair.at(0);
        await there.setClock(pair.time(5 * SECOND));
        const sid = await there.signIn(uid);
        await behind.revokeUser(uid);
        await pair.deliver(there, behind);
        await pair.at(5 * SECOND);
        await expectOpenings([there, behind], [sid], opening);
      });
    }

    it('setLifetime of 400 days, before an end of all of the user’s that is not read yet: it ends, for 400 days', async () => {
      const life = { idleTimeout: 400 * DAY, absoluteTimeout: 400 * DAY };
      await pair.at(0);
      await there.hold('reads');
      const session = await there.begin(uid, life);
      await here.revokeUser(uid);
      const [sid, kept] = [await issuedTo(session), await issuedTo(await there.begin(newId(), life))];
      await pair.deliver(there);
      await expectOpenings([here, there], [sid], 'revoked');
      const later = await pair.other({ time: pair.time(399 * DAY) });
      await expectOpenings([later], [sid], 'revoked');
      await expectOpenings([later], [kept], 'opened');
    });

    it('lost log entry: the processes that know it append it again, and a new one learns it', async () => {
      const user = newId();
      const sids = [await here.signIn(newId()), await here.signIn(user)];
      const [one = '', everywhere = ''] = sids;
      const kept = await here.signIn(newId());
      await pair.deliver(there);
      const newest = await hand.newest();
      await here.revoke(one);
      await here.revokeUser(user);
      for (const sid of sids) await there.learn(sid);
      for (const instance of [here, there]) await instance.hold('appends');
      expect(await hand.loseAfter(newest)).to.equal(2);
      const fresh = await pair.other();
      expect(await fresh.openings(...sids)).to.deep.equal(['opened', 'opened']);
      for (const instance of [here, there]) await instance.release('appends');
      for (const sid of sids) await fresh.learn(sid);
      for (const instance of [here, there, fresh]) {
        expect(await instance.openings(one, everywhere, kept)).to.deep.equal(['revoked', 'revoked', 'opened']);
      }
    });

    it('list that is longer than the log: its process alone appends what a dead one had revoked, and a new one learns it', async () => {
      const user = newId();
      const sids = [await here.signIn(newId()), await here.signIn(user)];
      const [one = '', everywhere = ''] = sids;
      const dead = await pair.other();
      await dead.revoke(one);
      await dead.revokeUser(user);
      for (const sid of sids) await there.learn(sid);
      await dead.kill();
      for (const instance of [here, there]) await instance.hold('appends');
      expect(await hand.loseAll()).to.be.at.least(2);
      const fresh = await pair.other();
      expect(await fresh.openings(one, everywhere)).to.deep.equal(['opened', 'opened']);
      await there.release('appends');
      for (const sid of sids) await fresh.learn(sid);
      expect(await fresh.openings(one, everywhere)).to.deep.equal(['revoked', 'revoked']);
    });

    it('longer timeToLive after a restart: what was revoked before stays so', async () => {
      const before = await pair.other({ timeToLive: DAY });
      const [sid, kept] = [await before.signIn(uid), await before.signIn(uid)];
      await before.revoke(sid);
      await before.kill();
      const after = await pair.other({ timeToLive: 30 * DAY, time: pair.time(DAY - SECOND) });
      expect(await after.openings(sid, kept)).to.deep.equal(['revoked', 'opened']);
    });

    it('longer timeToLive, or none, in the process that issues: a revocation lasts as long as the token that was given', async () => {
      const issuers = [30 * DAY, 0].map((timeToLive) => new SessionStorage({ jwtSecret: SECRET, timeToLive }));
      const signIn = (): string[] => issuers.map((issuer) => issuer.create().setUser(uid).forClient());
      const [sids, kept] = [signIn(), signIn()];
      for (const sid of sids) await here.revoke(sid);
      const later = await pair.other({ timeToLive: 30 * DAY, time: pair.time(29 * DAY) });
      await expectOpenings([later], sids, 'revoked');
      await expectOpenings([later], kept, 'opened');
    });
  });
}
