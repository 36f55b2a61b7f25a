import { expect } from 'chai';
import { SessionEnded, type SessionStorage } from '../../../src/index.js';
import { outcomeOf } from '../../support/outcomes.js';
import { bench, revokingBench } from '../../support/sessions.js';

function signedIn(storage: SessionStorage): string {
  return storage.create().setUser('u1').forClient();
}

describe('Session.forClient, outside a commit', () => {
  it('gives no new token to a session that was rotated out or ended meanwhile', async () => {
    const { clock, storage } = revokingBench();
    const sid = signedIn(storage);
    const ended = storage.get(sid);
    await storage.commit(storage.get(sid).rotate());
    clock.advance(5000);
    expect(() => storage.get(sid).rotate().forClient()).to.throw(SessionEnded, 'superseded');
    await storage.revoke({ uid: 'u1' });
    expect(() => ended.rotate().forClient()).to.throw(SessionEnded);
  });
});

describe('Session.forClient, with a timeoutResolution of 0', () => {
  it('gives the token verbatim when the session was only looked at, and a commit leaves it alone', async () => {
    const { clock, storage } = bench({ timeoutResolution: 0 });
    const sid = storage.create({ a: 1 }).forClient();
    clock.advance(3_600_000);
    expect(storage.get(sid, { touch: false }).forClient()).to.equal(sid);
    expect(await outcomeOf(storage.commit(storage.get(sid, { touch: false })))).to.equal('unchanged');
    expect(storage.get(sid).forClient()).not.to.equal(sid);
  });
});
