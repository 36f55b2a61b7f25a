import { expect } from 'chai';
import { RevocationList, type ServerSessionStorage } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { callUntyped, issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const FORMS = ['CurrentSessionId', 'AllSessionIdsOfLoggedUser'] as const;

async function forced(storage: ServerSessionStorage, sid: string, which: (typeof FORMS)[number]): Promise<string> {
  return await issuedBy(storage.commit((await storage.get(sid)).forceInvalidate(which)));
}

describe('forceInvalidate of a server-side session', () => {
  guardRejections();

  it('CurrentSessionId gives a new id and lineage, keeps all the rest, and the old sid dies at once', async () => {
    const { clock, storage } = serverBench();
    const made = await storage.create({ a: 1 });
    made.setUser('u1', { name: 'Ada' }).info = { device: 'd' };
    const sid = await issuedBy(storage.commit(made));
    const before = await storage.get(sid);
    clock.advance(5);
    const renewed = await forced(storage, sid, 'CurrentSessionId');
    expect(await openingsOf(storage, sid, renewed)).to.deep.equal(['superseded', 'opened']);
    const after = await storage.get(renewed);
    expect(after.lineage).to.equal(after.id).and.not.to.equal(before.lineage);
    for (const name of ['uid', 'sessionData', 'userData', 'info', 'created', 'authenticatedAt'] as const) {
      expect(after[name], name).to.deep.equal(before[name]);
    }
  });

  it('CurrentSessionId leaves the user’s other sessions alone', async () => {
    const { storage } = serverBench();
    const [mine, other] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
    await forced(storage, mine, 'CurrentSessionId');
    expect(await openingOf(storage, other)).to.equal('opened');
  });

  it('AllSessionIdsOfLoggedUser ends all other sessions of the user, and no one else’s (row 13)', async () => {
    const { storage } = serverBench();
    const sids = [];
    for (const uid of ['u1', 'u1', 'u1', 'u2', undefined]) sids.push(await heldSid(storage, {}, uid));
    const told = eventsOf(storage, 'ended', 'rotated');
    const renewed = await forced(storage, sids[0] ?? '', 'AllSessionIdsOfLoggedUser');
    expect(await openingsOf(storage, ...sids, renewed)).to.deep.equal([
      'superseded',
      'revoked',
      'revoked',
      'opened',
      'opened',
      'opened',
    ]);
    expect(told.map(([name]) => name)).to.deep.equal(['rotated', 'ended']);
    expect(told[1]).to.deep.equal(['ended', { uid: 'u1', reason: 'invalidated' }]);
    expect((await storage.listOfUser('u1')).length).to.equal(1);
  });

  it('AllSessionIdsOfLoggedUser ends 200 sessions of a user at once', async () => {
    const { storage, store } = faultyBench();
    await Promise.all(Array.from({ length: 199 }, () => heldSid(storage, {}, 'u1')));
    const mine = await heldSid(storage, {}, 'u1');
    store.forgetCalls();
    const renewed = await forced(storage, mine, 'AllSessionIdsOfLoggedUser');
    expect((await storage.listOfUser('u1')).map(({ id }) => id)).to.deep.equal([(await storage.get(renewed)).id]);
    expect(store.calls.length).to.be.below(10);
  });

  it('is carried out for whoever is the user at commit, as serversession does', async () => {
    const { storage } = serverBench();
    const [ofU1, ofU2] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u2')];
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const sid = await issuedBy(storage.commit(session.forceInvalidate('AllSessionIdsOfLoggedUser').setUser('u2')));
    expect(await openingsOf(storage, ofU1, ofU2, sid)).to.deep.equal(['opened', 'revoked', 'opened']);
    const guest = await storage.get(await heldSid(storage));
    const signedIn = await issuedBy(storage.commit(guest.setUser('u1').forceInvalidate('AllSessionIdsOfLoggedUser')));
    expect(await openingsOf(storage, ofU1, sid, signedIn)).to.deep.equal(['revoked', 'opened', 'opened']);
  });

  it('renews the current one alone when nobody is signed in at the end', async () => {
    const { storage } = serverBench();
    const [guest, other] = [await heldSid(storage), await heldSid(storage)];
    const ofU1 = await heldSid(storage, {}, 'u1');
    const leaving = await storage.get(await heldSid(storage, {}, 'u1'));
    await forced(storage, guest, 'AllSessionIdsOfLoggedUser');
    await storage.commit(leaving.forceInvalidate('AllSessionIdsOfLoggedUser').setUser(null));
    expect(await openingsOf(storage, guest, other, ofU1)).to.deep.equal(['superseded', 'opened', 'opened']);
  });

  it('DoNotForceInvalidate is the default, and takes a wish back', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage));
    const { id } = session;
    session.forceInvalidate('CurrentSessionId').forceInvalidate('DoNotForceInvalidate');
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
    expect(session.id).to.equal(id);
  });

  it('is carried out once', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    await storage.commit(session.forceInvalidate('AllSessionIdsOfLoggedUser'));
    const { id } = session;
    const other = await heldSid(storage, {}, 'u1');
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
    expect([session.id, await openingOf(storage, other)]).to.deep.equal([id, 'opened']);
  });

  it('is carried out for a session that is not stored yet', async () => {
    const { storage } = serverBench();
    const other = await heldSid(storage, {}, 'u1');
    const session = storage.blank().setUser('u1').forceInvalidate('AllSessionIdsOfLoggedUser');
    const sid = await issuedBy(storage.commit(session));
    expect(await openingsOf(storage, other, sid)).to.deep.equal(['revoked', 'opened']);
  });

  it('does nothing for a session made for a request into which nothing was put', async () => {
    const { storage, store } = faultyBench();
    const session = storage.blank().forceInvalidate('AllSessionIdsOfLoggedUser');
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
    expect(store.calls).to.deep.equal([]);
  });

  it('stores what was changed along with it', async () => {
    const { storage, store } = serverBench();
    const session = await storage.get(await heldSid(storage, { a: 1 }, 'u1'));
    session.sessionData['b'] = 2;
    await storage.commit(session.forceInvalidate('CurrentSessionId'));
    expect(await recordOf(store, session.id))
      .to.have.property('body')
      .that.includes('"b":2');
  });

  it('refuses anything else, with a TypeError', async () => {
    const { storage } = serverBench();
    const session = await storage.create();
    for (const which of ['currentsessionid', '', undefined, null, 0, '__proto__']) {
      expect(await errorOf(() => callUntyped(session, 'forceInvalidate', which))).to.be.instanceOf(TypeError);
    }
  });

  it('lets the survivor survive being forced again, also with a revocation list and in one millisecond', async () => {
    const { storage } = serverBench({ revocations: new RevocationList() });
    let sid = await heldSid(storage, {}, 'u1');
    for (const which of [...FORMS, ...FORMS]) {
      sid = await forced(storage, sid, which);
      expect(await openingOf(storage, sid)).to.equal('opened');
    }
  });

  it('ends with a revocation list what the store could not: sessions of the user kept elsewhere', async () => {
    const revocations = new RevocationList();
    const [here, elsewhere] = [serverBench({ revocations }), serverBench({ revocations })];
    const other = await heldSid(elsewhere.storage, {}, 'u1');
    const mine = await heldSid(here.storage, {}, 'u1');
    const renewed = await forced(here.storage, mine, 'AllSessionIdsOfLoggedUser');
    expect(await openingOf(elsewhere.storage, other)).to.equal('revoked');
    expect(await openingOf(here.storage, renewed)).to.equal('opened');
  });
});

describe('forceInvalidate in a request whose sid was replaced: the alias', () => {
  guardRejections();

  /** A session rotated by another request: the successor’s sid, and a request that came with the old one. */
  async function alias(uid?: string) {
    const bench = faultyBench();
    const { storage } = bench;
    const sid = await heldSid(storage, {}, uid);
    const successor = await issuedBy(storage.commit((await storage.get(sid)).rotate()));
    return { ...bench, sid, successor, session: await storage.get(sid) };
  }

  it('cannot renew the session without a credential to give: nothing happens, and that is told', async () => {
    const { storage, session, successor } = await alias('u1');
    const told = eventsOf(storage, 'refused-late-save', 'rotated', 'ended');
    expect(await outcomeOf(storage.commit(session.forceInvalidate('CurrentSessionId')))).to.equal('withheld');
    expect(told.map(([name]) => name)).to.deep.equal(['refused-late-save']);
    expect(await openingOf(storage, successor)).to.equal('opened');
  });

  it('ends all of the user’s, its own successor included, when that is asked', async () => {
    const { storage, session, successor } = await alias('u1');
    const [other, foreign] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u2')];
    const told = eventsOf(storage, 'ended');
    expect(await outcomeOf(storage.commit(session.forceInvalidate('AllSessionIdsOfLoggedUser')))).to.equal('ended');
    expect(await openingsOf(storage, successor, other, foreign)).to.deep.equal(['revoked', 'revoked', 'opened']);
    expect(told).to.deep.equal([['ended', { uid: 'u1', reason: 'invalidated' }]]);
  });

  it('ends nothing for a user whom it signs in itself', async () => {
    const { storage, session, successor } = await alias('u1');
    const other = await heldSid(storage, {}, 'u2');
    session.setUser('u2').forceInvalidate('AllSessionIdsOfLoggedUser');
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    expect(await openingsOf(storage, successor, other)).to.deep.equal(['opened', 'opened']);
  });

  it('ends nothing when nobody is signed in', async () => {
    const { storage, session, successor } = await alias();
    expect(await outcomeOf(storage.commit(session.forceInvalidate('AllSessionIdsOfLoggedUser')))).to.equal('withheld');
    expect(await openingOf(storage, successor)).to.equal('opened');
  });

  it('ends all of the user’s also when the session is rotated only while it commits', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, {}, 'u1');
    const other = await heldSid(storage, {}, 'u1');
    const [forcing, rotating] = [await storage.get(sid), await storage.get(sid)];
    const gate = store.hold('retire');
    const committing = storage.commit(forcing.forceInvalidate('AllSessionIdsOfLoggedUser'));
    await gate.reached;
    store.heal();
    const successor = await issuedBy(storage.commit(rotating.rotate()));
    gate.release();
    expect(await outcomeOf(committing)).to.equal('ended');
    expect(await openingsOf(storage, successor, other)).to.deep.equal(['revoked', 'revoked']);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });

  it('ends nothing in a request whose session had been ended: it speaks for nobody', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const session = await storage.get(sid);
    const other = await heldSid(storage, {}, 'u1');
    await storage.revoke({ sid });
    expect(await outcomeOf(storage.commit(session.forceInvalidate('AllSessionIdsOfLoggedUser')))).to.equal('withheld');
    expect(await openingOf(storage, other)).to.equal('opened');
  });

  it('ends nothing in a request whose session has expired', async () => {
    const { clock, storage } = serverBench({ absoluteTimeout: 1_000, idleTimeout: null });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    clock.set(NOW + 999);
    const other = await heldSid(storage, {}, 'u1');
    clock.advance(1);
    expect(await outcomeOf(storage.commit(session.forceInvalidate('AllSessionIdsOfLoggedUser')))).to.equal('withheld');
    expect(await openingOf(storage, other)).to.equal('opened');
  });
});

describe('forceInvalidate that meets sign-ins and rotations of the user', () => {
  guardRejections();

  it('lets no rotation of another session slip through', async () => {
    for (const operation of ['create', 'retire'] as const) {
      const { storage, store } = faultyBench();
      const [mine, theirs] = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
      const rotating = await storage.get(theirs);
      const gate = store.hold(operation);
      const committing = storage.commit(rotating.rotate());
      await gate.reached;
      store.heal();
      const renewed = await forced(storage, mine, 'AllSessionIdsOfLoggedUser');
      gate.release();
      expect(await outcomeOf(committing)).to.equal('withheld');
      expect((await storage.listOfUser('u1')).map(({ id }) => id)).to.deep.equal([(await storage.get(renewed)).id]);
    }
  });

  it('of two at once leaves one at most', async () => {
    const { storage } = serverBench();
    const sids = [await heldSid(storage, {}, 'u1'), await heldSid(storage, {}, 'u1')];
    const sessions = await Promise.all(sids.map((sid) => storage.get(sid)));
    await Promise.all(sessions.map((session) => storage.commit(session.forceInvalidate('AllSessionIdsOfLoggedUser'))));
    expect((await storage.listOfUser('u1')).length).to.be.at.most(1);
    expect(await openingsOf(storage, ...sids)).not.to.include('opened');
  });
});
