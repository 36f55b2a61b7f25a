import { expect } from 'chai';
import type { SessionStorage } from '../../../src/index.js';
import { openingOf } from '../../support/outcomes.js';
import { issuedBy, revokingBench } from '../../support/sessions.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function signedIn(storage: SessionStorage): string {
  return storage.create().setUser('u1').forClient();
}

describe('A life of its own, and what ends with it', () => {
  it('leaves no longer-lived copy behind: shortened and then signed out, none of its tokens comes back', async () => {
    const { clock, storage } = revokingBench();
    const long = signedIn(storage);
    const short = await issuedBy(storage.commit(storage.get(long).setLifetime({ idleTimeout: HOUR })));
    clock.advance(60_000);
    await storage.commit(storage.get(short).revoke());
    for (const later of [0, HOUR, 2 * HOUR, 3 * DAY]) {
      clock.advance(later);
      expect(openingOf(storage, long), `${later} ms later`).to.be.oneOf(['superseded', 'revoked']);
    }
  });

  it('gives the token a new id, so that the one of the other life is over after the grace', async () => {
    const { clock, storage } = revokingBench();
    const long = signedIn(storage);
    await storage.commit(storage.get(long).setLifetime({ idleTimeout: HOUR }));
    clock.advance(10_000);
    expect(openingOf(storage, long)).to.equal('superseded');
  });

  it('taken back from a year to a week, lets no token of the year live on after signing out', async () => {
    const { clock, storage } = revokingBench();
    const remembered = storage
      .create()
      .setUser('u1')
      .setLifetime({ idleTimeout: 365 * DAY })
      .forClient();
    const usual = await issuedBy(storage.commit(storage.get(remembered).setLifetime({})));
    clock.advance(60_000);
    await storage.commit(storage.get(usual).setUser(null));
    clock.advance(30 * DAY);
    expect(openingOf(storage, remembered)).to.equal('superseded');
  });

  it('is not inherited by the next user, nor by nobody', () => {
    for (const next of [{ _id: 'u2' }, null]) {
      const { storage } = revokingBench();
      const session = storage
        .create()
        .setUser('u1')
        .setLifetime({ idleTimeout: 30 * DAY, persistent: true });
      session.setUser(next);
      expect(session.getTTL()).to.equal(7 * DAY);
    }
  });

  it('can be made longer by a user who signs in again, under a new lineage', async () => {
    const { clock, storage } = revokingBench();
    const before = signedIn(storage);
    clock.advance(1000);
    const session = storage
      .get(before)
      .setUser('u1')
      .setLifetime({ idleTimeout: 30 * DAY });
    expect(session.lineage).to.not.equal(storage.get(before).lineage);
    const after = await issuedBy(storage.commit(session));
    expect(storage.get(after).getTTL()).to.equal(30 * DAY);
    expect(openingOf(storage, before)).to.equal('superseded');
  });
});
