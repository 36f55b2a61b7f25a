import { expect } from 'chai';
import { RevocationList } from '../../../src/index.js';
import { openingOf } from '../../support/outcomes.js';
import { bench, issuedBy } from '../../support/sessions.js';

describe('A token that a second sign-in of its user replaced', () => {
  it('stays refused when the clock is set back', async () => {
    const { storage, clock } = bench({ revocations: new RevocationList() });
    const old = storage.create().setUser('u1').forClient();
    clock.advance(60_000);
    const session = storage.get(old);
    await issuedBy(storage.commit(session.setUser('u1')));
    expect(openingOf(storage, old)).to.equal('superseded');
    const then = clock.now();
    for (const back of [1, 499, 5_000]) {
      clock.set(then - back);
      expect(openingOf(storage, old), `${back}`).to.equal('superseded');
    }
  });
});
