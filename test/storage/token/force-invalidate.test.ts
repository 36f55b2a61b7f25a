import { expect } from 'chai';
import { eventsOf } from '../../support/events.js';
import { openingOf, outcomeOf } from '../../support/outcomes.js';
import { issuedBy, revokingBench } from '../../support/sessions.js';

describe('SessionStorage.commit: forceInvalidate', () => {
  it('CurrentSessionId gives a new id and lineage, and the old credential dies at once', async () => {
    const { storage } = revokingBench();
    const sid = storage.create({ a: 1 }).setUser('u1').forClient();
    const session = storage.get(sid);
    const { lineage } = session;
    const renewed = await issuedBy(storage.commit(session.forceInvalidate('CurrentSessionId')));
    expect(openingOf(storage, sid)).to.equal('superseded');
    expect(storage.get(renewed).lineage).to.equal(session.lineage).and.not.to.equal(lineage);
    expect([storage.get(renewed).uid, storage.get(renewed).sessionData]).to.deep.equal(['u1', { a: 1 }]);
  });

  it('AllSessionIdsOfLoggedUser ends all other sessions of the user, and no one else’s', async () => {
    const { storage } = revokingBench();
    const [mine, also, yours] = ['u1', 'u1', 'u2'].map((uid) => storage.create().setUser(uid).forClient());
    const events = eventsOf(storage);
    const session = storage.get(mine).forceInvalidate('AllSessionIdsOfLoggedUser');
    const renewed = await issuedBy(storage.commit(session));
    expect([mine, also, yours, renewed].map((sid) => openingOf(storage, sid))).to.deep.equal([
      'revoked',
      'revoked',
      'opened',
      'opened',
    ]);
    expect(events.map(([name]) => name))
      .to.include('ended')
      .and.include('rotated');
  });

  it('is carried out for whoever is the user at commit', async () => {
    const { storage } = revokingBench();
    const [ofU1, ofU2] = ['u1', 'u2'].map((uid) => storage.create().setUser(uid).forClient());
    const session = storage.get(storage.create().setUser('u1').forClient());
    await storage.commit(session.forceInvalidate('AllSessionIdsOfLoggedUser').setUser('u2'));
    expect([openingOf(storage, ofU1), openingOf(storage, ofU2)]).to.deep.equal(['opened', 'revoked']);
  });

  it('renews the current one alone when nobody is signed in', async () => {
    const { storage } = revokingBench();
    const [sid, other] = [storage.create().forClient(), storage.create().forClient()];
    const session = storage.get(sid).forceInvalidate('AllSessionIdsOfLoggedUser');
    expect(await outcomeOf(storage.commit(session))).to.equal('issued');
    expect([openingOf(storage, sid), openingOf(storage, other)]).to.deep.equal(['superseded', 'opened']);
  });

  it('is carried out once', async () => {
    const { storage } = revokingBench();
    const session = storage.create().setUser('u1').forceInvalidate('CurrentSessionId');
    await storage.commit(session);
    const { id } = session;
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
    expect(session.id).to.equal(id);
  });

  it('DoNotForceInvalidate takes a wish back', async () => {
    const { storage } = revokingBench();
    const sid = storage.create().forClient();
    const session = storage.get(sid).forceInvalidate('CurrentSessionId').forceInvalidate('DoNotForceInvalidate');
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
  });

  it('lets the survivor survive being forced again, in the same millisecond or later', async () => {
    const { clock, storage } = revokingBench();
    let sid = storage.create().setUser('u1').forClient();
    for (const which of ['AllSessionIdsOfLoggedUser', 'AllSessionIdsOfLoggedUser', 'CurrentSessionId'] as const) {
      sid = await issuedBy(storage.commit(storage.get(sid).forceInvalidate(which)));
      expect(openingOf(storage, sid)).to.equal('opened');
      clock.advance(2);
    }
  });

  it('lets the one survive that another revocation of the user left out', async () => {
    const { storage } = revokingBench();
    const session = storage.get(storage.create().setUser('u1').forClient());
    await storage.revoke({ uid: 'u1', except: session });
    const sid = await issuedBy(storage.commit(session.forceInvalidate('CurrentSessionId')));
    expect(openingOf(storage, sid)).to.equal('opened');
  });

  it('ends all sessions of the user, survivors none, by a credential that was rotated out meanwhile', async () => {
    const { storage } = revokingBench();
    const sid = storage.create().setUser('u1').forClient();
    const other = storage.create().setUser('u1').forClient();
    const late = storage.get(sid).forceInvalidate('AllSessionIdsOfLoggedUser');
    const rotated = await issuedBy(storage.commit(storage.get(sid).rotate()));
    const events = eventsOf(storage);
    expect(await outcomeOf(storage.commit(late))).to.equal('ended');
    expect([sid, rotated, other].map((one) => openingOf(storage, one))).to.deep.equal([
      'revoked',
      'revoked',
      'revoked',
    ]);
    expect(events[0]).to.deep.equal(['ended', { uid: 'u1', reason: 'invalidated' }]);
  });

  it('ends nothing by a credential whose session was ended meanwhile, and tells so', async () => {
    const { storage } = revokingBench();
    const sid = storage.create().setUser('u1').forClient();
    const other = storage.create().setUser('u1').forClient();
    const late = storage.get(sid).forceInvalidate('AllSessionIdsOfLoggedUser');
    await storage.revoke({ sid });
    const events = eventsOf(storage);
    expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
    expect(events.map(([name]) => name)).to.deep.equal(['refused-late-save']);
    expect(openingOf(storage, other)).to.equal('opened');
  });
});
