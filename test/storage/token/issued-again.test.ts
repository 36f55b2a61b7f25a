import { expect } from 'chai';
import { openingOf, outcomeOf } from '../../support/outcomes.js';
import { claimsOf, issuedBy, revokingBench } from '../../support/sessions.js';

describe('A session made for a request, once it was issued', () => {
  it('is issued anew when it is empty again, for the client holds the data', async () => {
    const { storage } = revokingBench();
    const session = storage.blank();
    session.sessionData['count'] = 1;
    const before = await issuedBy(storage.commit(session));
    delete session.sessionData['count'];
    const after = await issuedBy(storage.commit(session));
    expect([before, after].map((sid) => storage.get(sid).sessionData)).to.deep.equal([{ count: 1 }, {}]);
  });

  it('is issued anew when it is rotated, though nothing was put in it since', async () => {
    const { clock, storage } = revokingBench();
    const session = storage.blank();
    session.sessionData['count'] = 1;
    const before = await issuedBy(storage.commit(session));
    const after = await issuedBy(storage.commit(session.rotate()));
    expect(storage.get(after).id).to.equal(session.id).and.not.to.equal(claimsOf(before)['jti']);
    clock.advance(10_000);
    expect([before, after].map((sid) => openingOf(storage, sid))).to.deep.equal(['superseded', 'opened']);
  });

  it('is left alone when nothing at all happened to it since', async () => {
    const { storage } = revokingBench();
    const session = storage.blank();
    session.sessionData['count'] = 1;
    await storage.commit(session);
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
  });
});
