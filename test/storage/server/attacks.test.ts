import { expect } from 'chai';
import { MemoryStore, RevocationList, SessionEnded, StoreUnavailable } from '../../../src/index.js';
import { FaultyStore } from '../../../src/testing/index.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';

const HOUR = 3_600_000;

/** Rotates a session so often, and gives the sid it has then. */
async function rotateOften(storage: ReturnType<typeof serverBench>['storage'], sid: string, times: number) {
  let last = sid;
  for (let n = 0; n < times; n += 1) last = await issuedBy(storage.commit((await storage.get(last)).rotate()));
  return last;
}

describe('Who has the sid of a session and rotates it again and again', () => {
  it('does not get away from an older name of it', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const [entry] = await storage.listOfUser('u1');
    const underWay = await storage.get(sid);
    const last = await rotateOften(storage, sid, 120);
    if (entry === undefined) throw new Error('no entry');
    expect(await storage.check(entry)).to.have.property('expires');
    expect(await outcomeOf(storage.commit(underWay.revoke()))).to.equal('ended');
    expect(await errorOf(() => storage.get(last))).to.include({ reason: 'revoked' });
  });

  it('does not make an old sid of it dear to refuse', async () => {
    const store = new FaultyStore(new MemoryStore());
    const { storage, clock } = serverBench({ store });
    const sid = await heldSid(storage, {}, 'u1');
    await rotateOften(storage, sid, 50);
    for (const wait of [0, 20_000]) {
      clock.advance(wait);
      const before = store.calls.length;
      await errorOf(() => storage.get(sid));
      expect(store.calls.length - before).to.be.lessThan(14);
    }
  });
});

describe('Who has a sid that was replaced', () => {
  it('is not taken for the user who has just proved who they are', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const fresh = await issuedBy(storage.commit((await storage.get(sid)).setUser('u1')));
    expect((await storage.get(fresh)).isFresher(HOUR)).to.equal(true);
    expect(await openingOf(storage, sid)).to.equal('superseded');
  });

  it('writes no longer than the grace, however long the request is kept open', async () => {
    const { storage, clock } = serverBench({ rotationGrace: 10_000 });
    const sid = await heldSid(storage, {}, 'u1');
    const before = await storage.get(sid);
    const fresh = await issuedBy(storage.commit((await storage.get(sid)).rotate()));
    const alias = await storage.get(sid);
    clock.advance(9_999);
    for (const [name, session] of Object.entries({ before, alias })) {
      session.sessionData[name] = 1;
      await session.save();
    }
    clock.advance(1);
    for (const session of [before, alias]) {
      session.sessionData['late'] = 1;
      expect(await errorOf(() => session.save())).to.be.instanceOf(SessionEnded);
      expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    }
    expect((await storage.get(fresh)).sessionData).to.deep.equal({ before: 1, alias: 1 });
  });

  it('loses nothing, and tells nothing, when it only looked and its time to write is over', async () => {
    const { storage, clock } = serverBench({ rotationGrace: 3_000, timeoutResolution: 0 });
    const sid = await heldSid(storage, {}, 'u1');
    clock.advance(1);
    const [looking, rotating] = [await storage.get(sid), await storage.get(sid)];
    await issuedBy(storage.commit(rotating.rotate()));
    clock.advance(3_000);
    const told = eventsOf(storage);
    expect(await outcomeOf(storage.commit(looking))).to.equal('withheld');
    expect(told.map(([name]) => name)).not.to.include('refused-late-save');
  });

  it('does not prove it for whoever has the new one', async () => {
    const { storage, clock } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const [thief, victim] = [await storage.get(sid), await storage.get(sid)];
    const fresh = await issuedBy(storage.commit(thief.rotate()));
    const before = (await storage.get(fresh)).authenticatedAt;
    clock.advance(1);
    expect(await outcomeOf(storage.commit(victim.setUser('u1')))).to.equal('withheld');
    expect((await storage.get(fresh)).authenticatedAt).to.equal(before);
  });
});

describe('A sign-in at which the store fails before the limit is held', () => {
  it('is not given to its client by another try, until the limit holds', async () => {
    const store = new FaultyStore(new MemoryStore());
    const { storage } = serverBench({ store, maxSessionsPerUser: 1 });
    for (let n = 0; n < 3; n += 1) {
      const session = storage.blank().setUser('u1');
      store.fail('ofUser', { times: 1 });
      expect(await errorOf(() => storage.commit(session))).to.be.instanceOf(StoreUnavailable);
      expect(await outcomeOf(storage.commit(session))).to.equal('issued');
    }
    expect(await storage.listOfUser('u1')).to.have.length(1);
  });
});

describe('Data at authKey', () => {
  it('of a record that nobody is signed in to sign nobody in', async () => {
    const store = new MemoryStore();
    const { storage: before } = serverBench({ store });
    const sid = await heldSid(before, { passport: { user: 'admin' } });
    const { storage, clock } = serverBench({ store, authKey: 'passport.user' });
    clock.advance(HOUR);
    const session = await storage.get(sid);
    session.sessionData['other'] = 1;
    await storage.commit(session);
    expect(session.uid).to.equal(undefined);
  });

  it('written back as the number it was are no new sign-in', async () => {
    const { storage } = serverBench({ authKey: 'user' });
    const session = await storage.get(await heldSid(storage, {}, '42'));
    const { id } = session;
    session.sessionData['user'] = 42;
    await storage.commit(session);
    expect(session).to.include({ id, uid: '42' });
  });
});

describe('A session that is rotated at every attempt to end it', () => {
  it('is a failure, not a success', async () => {
    const { storage, store } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    store.retire = async () => 'gone';
    expect(await errorOf(() => storage.revoke({ sid }))).to.be.instanceOf(StoreUnavailable);
  });
});

describe('A session of which the store has lost every trace', () => {
  it('is told to the revocation list all the same', async () => {
    const revocations = new RevocationList();
    const { storage } = serverBench({ revocations });
    const told = eventsOf(storage);
    expect(await storage.revoke({ id: 'nothing', lineage: 'known' })).to.deep.equal({ guarantee: 'process' });
    expect(revocations.findNames({ lineage: 'known' }, storage.clock.now())).to.include({ reason: 'revoked' });
    expect(told).to.deep.equal([]);
  });
});
