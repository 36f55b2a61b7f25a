import { expect } from 'chai';
import { RevocationList, type ServerSessionStorage } from '../../../src/index.js';
import { openingOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';

const FORMS = ['CurrentSessionId', 'AllSessionIdsOfLoggedUser'] as const;

async function forced(storage: ServerSessionStorage, sid: string, which: (typeof FORMS)[number]): Promise<string> {
  return await issuedBy(storage.commit((await storage.get(sid)).forceInvalidate(which)));
}

describe('forceInvalidate of a server-side session', () => {
  guardRejections();

  it('AllSessionIdsOfLoggedUser ends 200 sessions of a user at once', async () => {
    const { storage, store } = faultyBench();
    await Promise.all(Array.from({ length: 199 }, () => heldSid(storage, {}, 'u1')));
    const mine = await heldSid(storage, {}, 'u1');
    store.forgetCalls();
    const renewed = await forced(storage, mine, 'AllSessionIdsOfLoggedUser');
    expect((await storage.listOfUser('u1')).map(({ id }) => id)).to.deep.equal([(await storage.get(renewed)).id]);
    expect(store.calls.length).to.be.below(10);
  });

  it('does nothing for a session made for a request into which nothing was put', async () => {
    const { storage, store } = faultyBench();
    const session = storage.blank().forceInvalidate('AllSessionIdsOfLoggedUser');
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
    expect(store.calls).to.deep.equal([]);
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
