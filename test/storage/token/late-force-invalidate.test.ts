import { expect } from 'chai';
import { eventsBesidesLoaded } from '../../support/events.js';
import { openingOf, outcomeOf } from '../../support/outcomes.js';
import { revokingBench } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

describe("A late request's forceInvalidate('AllSessionIdsOfLoggedUser')", () => {
  it('ends no session of a user who signed in by that request: its credential was another user’s', async () => {
    const { storage } = revokingBench();
    const sid = storage.create().setUser('u1').forClient();
    const others = ['u1', 'u2'].map((uid) => storage.create().setUser(uid).forClient());
    const late = storage.get(sid).setUser('u2').forceInvalidate('AllSessionIdsOfLoggedUser');
    await storage.commit(storage.get(sid).rotate());
    const events = eventsBesidesLoaded(storage);
    expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
    expect(others.map((other) => openingOf(storage, other))).to.deep.equal(['opened', 'opened']);
    expect(events.map(([name]) => name)).to.deep.equal(['refused-late-save']);
  });

  it('ends no session of a user who signed in by that request, whose credential was nobody’s', async () => {
    const { storage } = revokingBench();
    const sid = storage.create({ a: 1 }).forClient();
    const other = storage.create().setUser('u2').forClient();
    const late = storage.get(sid).setUser('u2').forceInvalidate('AllSessionIdsOfLoggedUser');
    await storage.commit(storage.get(sid).rotate());
    expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
    expect(openingOf(storage, other)).to.equal('opened');
  });

  it('ends nothing once the credential it came with has expired, to the millisecond', async () => {
    for (const [age, result] of [
      [59_999, 'issued'],
      [60_000, 'withheld'],
    ] as const) {
      const { clock, storage } = revokingBench({ timeToLive: 0, absoluteTimeout: 60_000 });
      const sid = storage.create().setUser('u1').forClient();
      const late = storage.get(sid).forceInvalidate('AllSessionIdsOfLoggedUser');
      clock.advance(30_000);
      const other = storage.create().setUser('u1').forClient();
      clock.set(NOW + age);
      expect(await outcomeOf(storage.commit(late)), `after ${age} ms`).to.equal(result);
      expect(openingOf(storage, other), `after ${age} ms`).to.equal(result === 'issued' ? 'revoked' : 'opened');
    }
  });

  it('ends nothing when the credential was rotated out and has expired since', async () => {
    const { clock, storage } = revokingBench({ timeToLive: 0, absoluteTimeout: 60_000 });
    const sid = storage.create().setUser('u1').forClient();
    const late = storage.get(sid).forceInvalidate('AllSessionIdsOfLoggedUser');
    await storage.commit(storage.get(sid).rotate());
    clock.advance(30_000);
    const other = storage.create().setUser('u1').forClient();
    clock.advance(30_000);
    expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
    expect(openingOf(storage, other)).to.equal('opened');
  });
});
