import { expect } from 'chai';
import {
  type ServerSession,
  ServerSessionStorage,
  type ServerSessionStorageOptions,
  StoreUnavailable,
} from '../../../src/index.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { tries } from '../../support/depth.js';
import { openingOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { heldSid } from '../../support/server-sessions.js';
import { describeOnStores } from '../../support/stores.js';

type Numbers = Record<string, number>;
type Storage = ServerSessionStorage<Numbers, Numbers>;
type Visit = ServerSession<Numbers, Numbers>;

const GRACE = 5_000;
const ROUNDS = tries({ quick: 2, deep: 5 });

function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

async function settled(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

function countUp(data: Numbers): void {
  data['count'] = (data['count'] ?? 0) + 1;
}

describeOnStores('Requests at the same time', (openStores) => {
  let clock: FakeClock;
  let storages: readonly [Storage, Storage];

  /** Two processes, so to speak. */
  async function start(options: Partial<ServerSessionStorageOptions<Numbers, Numbers>> = {}): Promise<void> {
    const stores = await openStores();
    clock = new FakeClock(Date.now());
    const settings = { clock, rotationGrace: GRACE, sweepInterval: null, deadline: 20_000, ...options };
    const [one, other] = stores.map((store) => new ServerSessionStorage<Numbers, Numbers>({ store, ...settings }));
    if (one === undefined || other === undefined) throw new Error('no storages');
    storages = [one, other];
  }

  function storageOf(at: number): Storage {
    return storages[at % 2 === 0 ? 0 : 1];
  }

  /** As many requests as are asked for, by one sid. */
  async function visits(sid: string, count: number): Promise<ServerSession<Numbers, Numbers>[]> {
    return await Promise.all(numbersTo(count).map((at) => storageOf(at).get(sid)));
  }

  it('count up without losing one, in requests and from outside', async () => {
    await start();
    const sid = await heldSid(storageOf(0), {}, 'u1');
    const sessions = await visits(sid, 10);
    const counting = sessions.map(async (session, at) => {
      await session.update(countUp);
      await storageOf(at).update(session, countUp);
      await Promise.all([session.update(countUp), session.update(countUp)]);
    });
    await Promise.all(counting);
    expect((await storageOf(1).get(sid)).sessionData).to.deep.equal({ count: 40 });
  });

  it('keep all keys that one of them each changes, and drop all that one of them each drops', async () => {
    await start();
    const keys = numbersTo(20).map((at) => `key${at}`);
    const olds = keys.map((key) => `old ${key}`);
    const sid = await heldSid(storageOf(0), Object.fromEntries([...olds, 'stays'].map((key) => [key, 0])));
    const sessions = await visits(sid, keys.length);
    const outcomes = sessions.map((session, at) => {
      session.sessionData[`${keys[at]}`] = at;
      delete session.sessionData[`${olds[at]}`];
      return outcomeOf(storageOf(at).commit(session));
    });
    await Promise.all(outcomes);
    const expected = Object.fromEntries([['stays', 0], ...keys.map((key, at) => [key, at] as const)]);
    expect((await storageOf(1).get(sid)).sessionData).to.deep.equal(expected);
  });

  it('rotate a session to one successor, whose credential one of them gives, and keep what all of them wrote', async () => {
    await start();
    for (let round = 0; round < ROUNDS; round += 1) {
      const uid = `u${round}`;
      const sid = await heldSid(storageOf(round), {}, uid);
      const sessions = await visits(sid, 10);
      const results = await Promise.all(
        sessions.map(async (session, at) => {
          session.rotate().sessionData[`key${at}`] = at;
          return await storageOf(at).commit(session);
        }),
      );
      const issued = results.flatMap((result) => (result.outcome === 'issued' ? [result.sid] : []));
      expect(issued).to.have.lengthOf(1);
      expect(results.filter(({ outcome }) => outcome === 'withheld')).to.have.lengthOf(9);
      expect(await storageOf(0).listOfUser(uid)).to.have.lengthOf(1);
      const successor = await storageOf(1).get(issued[0]);
      expect(Object.keys(successor.sessionData)).to.have.lengthOf(10);
      const late = await storageOf(0).get(sid);
      expect([late.id, late.lineage]).to.deep.equal([successor.id, successor.lineage]);
      expect(() => late.forClient()).to.throw();
      clock.advance(GRACE);
      expect(await openingsOf(storageOf(0), sid, issued[0])).to.deep.equal(['superseded', 'opened']);
    }
  });

  it('sign in from one session once', async () => {
    await start();
    for (let round = 0; round < ROUNDS; round += 1) {
      const sid = await heldSid(storageOf(round), { cart: 1 });
      const sessions = await visits(sid, 10);
      const results = await Promise.all(
        sessions.map((session, at) => storageOf(at).commit(session.setUser(`u${round}.${at}`))),
      );
      const issued = results.flatMap((result) => (result.outcome === 'issued' ? [result.sid] : []));
      expect(issued).to.have.lengthOf(1);
      expect(await openingsOf(storageOf(1), sid, issued[0])).to.deep.equal(['superseded', 'opened']);
      const lists = await Promise.all(numbersTo(10).map((at) => storageOf(at).listOfUser(`u${round}.${at}`)));
      expect(lists.flat()).to.have.lengthOf(1);
    }
  });

  for (const target of ['their user', 'everyone'] as const) {
    it(`leave nothing alive that was there before all sessions of ${target} are ended, whatever they rotate and whoever signs in`, async () => {
      await start();
      for (let round = 0; round < ROUNDS; round += 1) {
        const sids = await Promise.all(numbersTo(8).map((at) => heldSid(storageOf(at), {}, 'u1')));
        const before = new Set((await storageOf(0).listOfUser('u1')).map(({ lineage }) => lineage));
        const guests = await Promise.all(numbersTo(4).map((at) => storageOf(at).create()));
        const sessions = await Promise.all(sids.map((sid, at) => storageOf(at).get(sid)));
        const [results] = await Promise.all([
          Promise.all(sessions.map((session, at) => storageOf(at).commit(session.rotate()))),
          storageOf(round).revoke(target === 'everyone' ? 'everyone' : { uid: 'u1' }),
          // A guest whose session goes with everyone's is told to sign in again.
          Promise.all(guests.map((session, at) => settled(storageOf(at).commit(session.setUser('u1'))))),
        ]);
        const rotated = results.flatMap((result) => (result.outcome === 'issued' ? [result.sid] : []));
        for (const sid of [...sids, ...rotated]) expect(await openingOf(storageOf(1), sid)).not.to.equal('opened');
        const after = await storageOf(1).listOfUser('u1');
        expect(after.filter(({ lineage }) => before.has(lineage))).to.deep.equal([]);
        await storageOf(0).revoke({ uid: 'u1' });
      }
    });
  }

  it('leave nothing alive but the one session that ends all the others of its user, whatever is rotated meanwhile', async () => {
    await start();
    for (let round = 0; round < ROUNDS; round += 1) {
      const uid = `u${round}`;
      const sids = await Promise.all(numbersTo(8).map((at) => heldSid(storageOf(at), {}, uid)));
      const sessions = await Promise.all(sids.map((sid, at) => storageOf(at).get(sid)));
      const [own = await storageOf(0).get(sids[0])] = sessions;
      const [results] = await Promise.all([
        Promise.all(sessions.map((session, at) => storageOf(at).commit(session.rotate()))),
        storageOf(round).revoke({ uid, except: { id: own.id, lineage: own.lineage } }),
      ]);
      const left = await storageOf(1).listOfUser(uid);
      expect(left.map(({ lineage }) => lineage)).to.deep.equal([own.lineage]);
      expect(results[0]?.outcome).to.equal('issued');
    }
  });

  it('sign a user in no more often than maxSessionsPerUser', async () => {
    await start({ maxSessionsPerUser: 3 });
    for (let round = 0; round < ROUNDS; round += 1) {
      const uid = `u${round}`;
      const sessions = await Promise.all(numbersTo(30).map((at) => storageOf(at).create()));
      const results = await Promise.all(sessions.map((session, at) => storageOf(at).commit(session.setUser(uid))));
      const issued = results.flatMap((result) => (result.outcome === 'issued' ? [result.sid] : []));
      const opened = (await openingsOf(storageOf(0), ...issued)).filter((outcome) => outcome === 'opened');
      expect(await storageOf(1).listOfUser(uid)).to.have.lengthOf(3);
      expect(opened).to.have.lengthOf(3);
    }
  });

  for (const [what, act] of [
    ['a double click signs in', (session: Visit, uid: string) => session.setUser(uid)],
    ['a request forces a new id', (session: Visit) => session.forceInvalidate('CurrentSessionId')],
  ] as const) {
    it(`leave exactly one session of a limit of one when ${what} from one sid`, async () => {
      await start({ maxSessionsPerUser: 1 });
      for (let round = 0; round < ROUNDS * 2; round += 1) {
        const uid = `u${round}`;
        const sid = await heldSid(storageOf(round), {}, what.startsWith('a request') ? uid : undefined);
        const sessions = await visits(sid, 3);
        const results = await Promise.all(sessions.map((session, at) => storageOf(at).commit(act(session, uid))));
        const issued = results.flatMap((result) => (result.outcome === 'issued' ? [result.sid] : []));
        expect(await openingsOf(storageOf(0), ...issued)).to.deep.equal(['opened']);
        expect(await storageOf(1).listOfUser(uid)).to.have.lengthOf(1);
      }
    });
  }

  it('end no device that has room, when several sign in at once from a few sids', async () => {
    await start({ maxSessionsPerUser: 5 });
    for (let round = 0; round < ROUNDS; round += 1) {
      const uid = `u${round}`;
      const devices: string[] = [];
      for (const at of numbersTo(3)) devices.push(await heldSid(storageOf(at), {}, uid));
      const guests = await Promise.all(numbersTo(2).map((at) => heldSid(storageOf(at))));
      const sessions = (await Promise.all(guests.map((sid) => visits(sid, 4)))).flat();
      const results = await Promise.all(sessions.map((session, at) => storageOf(at).commit(session.setUser(uid))));
      const issued = results.flatMap((result) => (result.outcome === 'issued' ? [result.sid] : []));
      expect(await openingsOf(storageOf(1), ...devices, ...issued)).to.deep.equal(Array(5).fill('opened'));
    }
  });
});
