import { expect } from 'chai';
import { type Session, SessionDataInvalid, SessionTooLarge } from '../../../src/index.js';
import { eventsBesidesLoaded } from '../../support/events.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { bench, issuedBy, revokingBench } from '../../support/sessions.js';

describe('SessionStorage.commit: assertFits', () => {
  const refuse = (): never => {
    throw new SessionTooLarge('cookie', 5000, 4096);
  };

  it('is asked with the sid that would be issued', async () => {
    const { storage } = bench();
    const asked: string[] = [];
    const result = storage.commit(storage.create(), { assertFits: (sid) => asked.push(sid) });
    expect(asked).to.deep.equal([await issuedBy(result)]);
  });

  it('is not asked when nothing is issued', async () => {
    const { storage } = revokingBench();
    const sid = storage.create().forClient();
    await storage.commit(storage.get(sid), { assertFits: refuse });
    await storage.commit(storage.get(sid).revoke(), { assertFits: refuse });
  });

  for (const [what, change] of [
    ['a rotation', (session: Session) => session.rotate()],
    ['a change of user', (session: Session) => session.setUser('u2')],
    ['a forced invalidation', (session: Session) => session.forceInvalidate('CurrentSessionId')],
    ['one of all sessions', (session: Session) => session.forceInvalidate('AllSessionIdsOfLoggedUser')],
  ] as const) {
    it(`leaves nothing ended, saved or told when it throws, at ${what}`, async () => {
      const { clock, storage } = revokingBench();
      const sid = storage.create().setUser('u1').forClient();
      const other = storage.create().setUser('u1').forClient();
      const events = eventsBesidesLoaded(storage);
      expect(errorOf(() => storage.commit(change(storage.get(sid)), { assertFits: refuse }))).to.be.instanceOf(
        SessionTooLarge,
      );
      expect(events).to.deep.equal([]);
      clock.advance(20_000);
      expect([openingOf(storage, sid), openingOf(storage, other)]).to.deep.equal(['opened', 'opened']);
    });
  }

  it('lets a forced invalidation take effect at the next commit', async () => {
    const { storage } = revokingBench();
    const other = storage.create().setUser('u1').forClient();
    const session = storage.get(storage.create().setUser('u1').forClient());
    session.forceInvalidate('AllSessionIdsOfLoggedUser');
    errorOf(() => storage.commit(session, { assertFits: refuse }));
    const sid = await issuedBy(storage.commit(session));
    expect([openingOf(storage, sid), openingOf(storage, other)]).to.deep.equal(['opened', 'revoked']);
  });

  it('is the same for data that cannot be written', () => {
    const { storage } = revokingBench();
    const sid = storage.create().setUser('u1').forClient();
    const session = storage.get(sid).forceInvalidate('AllSessionIdsOfLoggedUser');
    session.sessionData['at'] = new Date();
    const events = eventsBesidesLoaded(storage);
    expect(() => storage.commit(session)).to.throw(SessionDataInvalid);
    expect(events).to.deep.equal([]);
    expect(openingOf(storage, sid)).to.equal('opened');
  });
});
