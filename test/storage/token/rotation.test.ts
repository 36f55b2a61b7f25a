import { expect } from 'chai';
import { RevocationList, SessionNotFound, type SessionStorage } from '../../../src/index.js';
import { eventsBesidesLoaded } from '../../support/events.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { bench, issuedBy, revokingBench } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;
const GRACE = 4000;

async function rotated(storage: SessionStorage, sid: string): Promise<string> {
  return issuedBy(storage.commit(storage.get(sid).rotate()));
}

describe('Rotation: the alias', () => {
  it('opens the same session by both credentials within the grace', async () => {
    const { clock, storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().setUser('u1').forClient();
    const after = await rotated(storage, before);
    clock.advance(GRACE - 1);
    expect(storage.get(before).lineage).to.equal(storage.get(after).lineage);
    expect(storage.get(before).id).not.to.equal(storage.get(after).id);
  });

  it('dies at the very millisecond the grace is over, and the successor lives on', async () => {
    const { clock, storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    const after = await rotated(storage, before);
    clock.advance(GRACE);
    expect([openingOf(storage, before), openingOf(storage, after)]).to.deep.equal(['superseded', 'opened']);
  });

  it('dies at once with a grace of 0', async () => {
    const { storage } = bench({ revocations: new RevocationList(), rotationGrace: 0 });
    const before = storage.create().forClient();
    await rotated(storage, before);
    expect(openingOf(storage, before)).to.equal('superseded');
  });

  it('dies on time also when it is remembered from before the rotation', async () => {
    const { clock, storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    for (let i = 0; i < 3; i += 1) storage.get(before);
    await rotated(storage, before);
    expect(openingOf(storage, before)).to.equal('opened');
    clock.advance(GRACE);
    expect(openingOf(storage, before)).to.equal('superseded');
  });

  it('never receives a credential, neither for a change nor for age (row 12)', async () => {
    const { clock, storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    clock.advance(HOUR);
    await rotated(storage, before);
    expect(await outcomeOf(storage.commit(storage.get(before)))).to.equal('withheld');
    const changed = storage.get(before);
    changed.sessionData['a'] = 1;
    const events = eventsBesidesLoaded(storage);
    expect(await outcomeOf(storage.commit(changed))).to.equal('withheld');
    expect(events.map(([name]) => name)).to.deep.equal(['refused-late-save']);
  });

  it('gives one successor to ten requests that rotate at once, and signs none of them out', async () => {
    const { clock, storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    const requests = Array.from({ length: 10 }, () => storage.get(before).rotate());
    const outcomes: string[] = [];
    for (const request of requests) outcomes.push(await outcomeOf(storage.commit(request)));
    expect(outcomes).to.deep.equal(['issued', ...new Array(9).fill('withheld')]);
    expect(openingOf(storage, before)).to.equal('opened');
    clock.advance(GRACE);
    expect(openingOf(storage, before)).to.equal('superseded');
  });

  it('cannot be kept alive by rotating the old credential again and again', async () => {
    const { clock, storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    await rotated(storage, before);
    for (let i = 0; i < 3; i += 1) {
      clock.advance(GRACE / 4);
      await storage.commit(storage.get(before).rotate());
    }
    clock.set(NOW + GRACE);
    expect(openingOf(storage, before)).to.equal('superseded');
  });

  it('signs the session out all the same, successor included', async () => {
    const { storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().setUser('u1').forClient();
    const after = await rotated(storage, before);
    const events = eventsBesidesLoaded(storage);
    await storage.commit(storage.get(before).revoke());
    expect([openingOf(storage, before), openingOf(storage, after)]).to.deep.equal(['revoked', 'revoked']);
    expect(events.map(([name]) => name)).to.deep.equal(['ended', 'refused', 'refused']);
  });

  it('is reported as reused after the grace: a stolen copy perhaps', async () => {
    const { clock, storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().setUser('u1').forClient();
    const { id, lineage } = storage.get(before);
    await rotated(storage, before);
    const events = eventsBesidesLoaded(storage);
    clock.advance(GRACE - 1);
    storage.get(before);
    expect(events).to.deep.equal([]);
    clock.advance(1);
    expect(errorOf(() => storage.get(before), SessionNotFound).withinGrace).to.equal(false);
    expect(events).to.deep.equal([
      ['reused', { id, lineage, uid: 'u1' }],
      ['refused', { reason: 'superseded' }],
    ]);
  });

  it('stays dead as long as it could have lived', async () => {
    const { clock, storage } = bench({ revocations: new RevocationList(), timeToLive: HOUR, rotationGrace: GRACE });
    const before = storage.create().forClient();
    await rotated(storage, before);
    clock.advance(HOUR - 1);
    expect(openingOf(storage, before)).to.equal('superseded');
  });

  it('has no grace left to end without revocations: both credentials live', async () => {
    const { clock, storage } = bench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    const after = await rotated(storage, before);
    clock.advance(GRACE);
    expect([openingOf(storage, before), openingOf(storage, after)]).to.deep.equal(['opened', 'opened']);
  });
});

describe('A change of user', () => {
  for (const [what, from, to] of [
    ['sign-in', null, 'u1'],
    ['sign-out by setUser', 'u1', null],
    ['another user', 'u1', 'u2'],
  ] as const) {
    it(`supersedes the old lineage at once: ${what} (row 5)`, async () => {
      const { storage } = revokingBench({ rotationGrace: GRACE });
      const before = storage
        .create()
        .setUser(from === null ? null : { _id: from })
        .forClient();
      const after = await issuedBy(storage.commit(storage.get(before).setUser(to === null ? null : { _id: to })));
      expect(openingOf(storage, before)).to.equal('superseded');
      expect(storage.get(after).uid).to.equal(to ?? undefined);
    });
  }

  it('says withinGrace to a request that comes with the old credential just then, and not later', async () => {
    const { clock, storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    await storage.commit(storage.get(before).setUser('u1'));
    const events = eventsBesidesLoaded(storage);
    clock.advance(GRACE - 1);
    expect(errorOf(() => storage.get(before), SessionNotFound).withinGrace).to.equal(true);
    expect(events.map(([name]) => name)).to.deep.equal(['refused']);
    clock.advance(1);
    expect(errorOf(() => storage.get(before), SessionNotFound).withinGrace).to.equal(false);
    expect(events.map(([name]) => name)).to.deep.equal(['refused', 'reused', 'refused']);
  });

  it('supersedes all tokens of the lineage, rotated-out ones too', async () => {
    const { storage } = revokingBench({ rotationGrace: GRACE });
    const first = storage.create().forClient();
    const second = await rotated(storage, first);
    await storage.commit(storage.get(second).setUser('u1'));
    expect([openingOf(storage, first), openingOf(storage, second)]).to.deep.equal(['superseded', 'superseded']);
  });

  it('wins over a late save and over a late rotation of the old session', async () => {
    const { storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    const late = storage.get(before);
    late.sessionData['a'] = 1;
    const rotating = storage.get(before).rotate();
    await storage.commit(storage.get(before).setUser('u1'));
    expect([await outcomeOf(storage.commit(late)), await outcomeOf(storage.commit(rotating))]).to.deep.equal([
      'withheld',
      'withheld',
    ]);
  });

  it('lets a late sign-out of the old session neither clear nor end the new one', async () => {
    const { storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    const late = storage.get(before).revoke();
    const after = await issuedBy(storage.commit(storage.get(before).setUser('u1')));
    expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
    expect(openingOf(storage, after)).to.equal('opened');
  });
});

describe('Re-authentication of the same user', () => {
  it('rotates: the old credential is an alias within the grace, then dead', async () => {
    const { clock, storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().setUser('u1').forClient();
    const after = await issuedBy(storage.commit(storage.get(before).setUser('u1')));
    expect([openingOf(storage, before), openingOf(storage, after)]).to.deep.equal(['opened', 'opened']);
    clock.advance(GRACE);
    expect([openingOf(storage, before), openingOf(storage, after)]).to.deep.equal(['superseded', 'opened']);
  });
});
