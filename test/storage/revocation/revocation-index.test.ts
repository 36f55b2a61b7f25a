import { expect } from 'chai';
import fc from 'fast-check';
import type { NewRevocation, RevocationMatch } from '../../../src/index.js';
import { SUPERSEDED } from '../../../src/storage/revocation/reasons.js';
import { type Revocable, RevocationIndex } from '../../../src/storage/revocation/revocation-index.js';

const NOW = 1_700_000_000_000;
const TICK = 2000;

function entry(match: RevocationMatch, others: Partial<NewRevocation> = {}): NewRevocation {
  return { at: NOW, until: null, reason: 'revoked', match, ...others };
}

function session(others: Partial<Revocable> = {}): Revocable {
  return { id: 'id', lineage: 'lineage', uid: 'u1', since: NOW, ...others };
}

function indexOf(...entries: readonly NewRevocation[]): RevocationIndex {
  const index = new RevocationIndex();
  index.keepRecent = 5000;
  for (const one of entries) index.add(one, NOW);
  return index;
}

/** What each kind of entry says of a session, in so many words. */
function matches({ match }: NewRevocation, { id, lineage, uid, since }: Revocable): boolean {
  if ('lineage' in match) return match.lineage === lineage;
  if ('jti' in match) return match.jti === id;
  if ('uid' in match) return match.uid === uid && since <= match.before && !match.except.includes(lineage);
  return since <= match.before;
}

const smallName = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '');
const instant = fc.integer({ min: NOW - 5, max: NOW + 5 });
const anyMatch: fc.Arbitrary<RevocationMatch> = fc.oneof(
  fc.record({ lineage: smallName }),
  fc.record({ jti: smallName }),
  fc.record({ uid: smallName, before: instant, except: fc.array(smallName, { maxLength: 2 }) }),
  fc.record({ before: fc.integer({ min: NOW - 50, max: NOW - 3 }) }),
);
const life = fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 60_000 }));
const anySession: fc.Arbitrary<Revocable> = fc.record({
  id: smallName,
  lineage: smallName,
  uid: fc.oneof(smallName, fc.constant(undefined)),
  since: instant,
});

describe('RevocationIndex', () => {
  it('agrees with a list of all entries, as long as what they match can live', () => {
    const step = fc.record({ match: anyMatch, life, wait: fc.integer({ min: 0, max: 9000 }) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.array(anySession, { minLength: 1, maxLength: 10 }),
        (steps, sessions) => {
          const index = new RevocationIndex();
          const model: NewRevocation[] = [];
          let now = NOW;
          for (const { match, life: ms, wait } of steps) {
            now += wait;
            const added = entry(match, { at: now, until: ms === null ? null : now + ms });
            index.add(added, now);
            model.push(added);
            for (const one of sessions) {
              const mayMatch = model.filter((revocation) => matches(revocation, one));
              const mustMatch = mayMatch.some(({ until }) => until === null || now <= until);
              const found = index.find(one, now) !== undefined;
              if (mustMatch) expect(found).to.equal(true);
              if (mayMatch.length === 0) expect(found).to.equal(false);
            }
          }
        },
      ),
    );
  });

  it('keeps a token revoked at once, whichever of a rotation and its end is read first', () => {
    const rotation = entry({ jti: 'id' }, { at: NOW + 10_000, reason: SUPERSEDED });
    const end = entry({ jti: 'id' }, { at: NOW });
    for (const entries of [
      [rotation, end],
      [end, rotation],
    ]) {
      const index = new RevocationIndex();
      index.keepRecent = 20_000;
      for (const one of entries) index.add(one, NOW);
      const verdict = index.find(session(), NOW);
      expect(verdict).to.include({ reason: 'revoked', handedOver: false });
      expect(verdict?.at).to.be.at.most(NOW);
    }
  });

  it('remembers no more than 50,000 of them, although one from a clock that is ahead came first', () => {
    const index = new RevocationIndex();
    index.keepRecent = 1000;
    index.add(entry({ jti: 'ahead' }, { at: NOW + 10 ** 9 }), NOW);
    for (let i = 0; i < 50_000; i += 1) index.add(entry({ lineage: `l${i}` }, { at: NOW + i }), NOW + i);
    index.add(entry({ lineage: 'first' }, { at: NOW }), NOW);
    const { at } = index.findNames({ lineage: 'l0' }, NOW) ?? expect.fail();
    expect(at).to.equal(Number.NEGATIVE_INFINITY);
  });

  it('lets lineages and tokens go when nothing they match can live', () => {
    const index = indexOf(
      entry({ lineage: 'lineage' }, { until: NOW + 10_000 }),
      entry({ jti: 'id' }, { until: NOW + 10_000 }),
    );
    expect(index.find(session(), NOW + 10_000)).not.to.equal(undefined);
    expect(index.find(session(), NOW + 10_000 + 2 * TICK)).to.equal(undefined);
  });

  it('lets users go when nothing they match can live, as others are added', () => {
    const index = indexOf();
    for (let i = 0; i < 100; i += 1) {
      index.add(entry({ uid: `u${i}`, before: NOW, except: [] }, { until: NOW + 1000 }), NOW);
    }
    for (let i = 0; i < 100; i += 1) {
      index.add(entry({ uid: `v${i}`, before: NOW, except: [] }), NOW + 1001);
    }
    for (let i = 0; i < 100; i += 1) {
      expect(index.newestBefore(`u${i}`)).to.equal(-Infinity);
      expect(index.newestBefore(`v${i}`)).to.equal(NOW);
    }
  });

  it('keeps a user as long as one of several revocations can matter', () => {
    const index = indexOf(
      entry({ uid: 'u1', before: NOW, except: ['a'] }, { until: NOW + 9000 }),
      entry({ uid: 'u1', before: NOW + 1, except: ['b'] }, { until: NOW + 1000 }),
    );
    for (let i = 0; i < 9; i += 1) index.add(entry({ uid: `v${i}`, before: NOW, except: [] }), NOW + 5000);
    expect(index.find(session(), NOW + 5000)).not.to.equal(undefined);
  });

  it('goes on ending what one revocation of a user ended, although a later one leaves it out', () => {
    const index = indexOf(
      entry({ uid: 'u1', before: NOW, except: ['a'] }),
      entry({ uid: 'u1', before: NOW + 1, except: ['a', 'b'] }),
    );
    const isEnded = (lineage: string, since: number): boolean =>
      index.find(session({ lineage, since }), NOW) !== undefined;
    expect([isEnded('a', NOW), isEnded('b', NOW), isEnded('c', NOW)]).to.deep.equal([false, true, true]);
    expect([isEnded('a', NOW + 1), isEnded('b', NOW + 1), isEnded('c', NOW + 1)]).to.deep.equal([false, false, true]);
  });

  it('comes to the same in whatever order the revocations of a user are learnt', () => {
    const ofUser = fc.record({
      uid: fc.constant('u1'),
      before: instant,
      except: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(ofUser, { minLength: 1, maxLength: 5 }), (ofUsers) => {
        const all = ofUsers.map((match) => entry(match));
        const [forwards, backwards] = [indexOf(...all), indexOf(...[...all].reverse())];
        for (const lineage of ['a', 'b', 'c']) {
          for (let since = NOW - 6; since <= NOW + 6; since += 1) {
            const one = session({ lineage, since });
            const isEnded = all.some((revocation) => matches(revocation, one));
            expect([forwards, backwards].map((index) => index.find(one, NOW) !== undefined)).to.deep.equal([
              isEnded,
              isEnded,
            ]);
          }
        }
      }),
    );
  });

  it('knows the newest instant that a user, and everyone, was revoked until', () => {
    const index = indexOf(
      entry({ uid: 'u1', before: 50, except: ['x'] }),
      entry({ uid: 'u1', before: 70, except: ['y'] }),
      entry({ uid: 'u2', before: 90, except: [] }),
    );
    expect(index.newestBefore('u1')).to.equal(70);
    expect(index.newestBefore('u3')).to.equal(-Infinity);
    expect(index.newestBefore(undefined)).to.equal(-Infinity);
    index.add(entry({ before: 80 }), NOW);
    expect([index.newestBefore('u1'), index.newestBefore('u2'), index.newestBefore(undefined)]).to.deep.equal([
      80, 90, 80,
    ]);
  });

  it('never takes an earlier revocation of everyone for the newest', () => {
    const index = indexOf(entry({ before: 80 }), entry({ before: 60 }));
    expect(index.newestBefore(undefined)).to.equal(80);
  });

  it('matches a since at or before the instant, and none after it', () => {
    const index = indexOf(entry({ uid: 'u1', before: NOW, except: [] }));
    expect(index.find(session({ since: NOW }), NOW)).not.to.equal(undefined);
    expect(index.find(session({ since: NOW + 1 }), NOW)).to.equal(undefined);
    expect(index.find(session({ uid: undefined }), NOW)).to.equal(undefined);
  });

  it('tells superseded from revoked', () => {
    const index = indexOf(entry({ lineage: 'a' }, { reason: 'superseded' }), entry({ lineage: 'b' }));
    expect(index.find(session({ lineage: 'a' }), NOW)?.reason).to.equal('superseded');
    expect(index.find(session({ lineage: 'b' }), NOW)?.reason).to.equal('revoked');
  });

  it('remembers from when a lineage or token is revoked as long as it is told to', () => {
    const rotated = entry({ jti: 'other' }, { at: NOW + 5000, reason: 'superseded' });
    const index = indexOf(entry({ lineage: 'lineage' }), rotated);
    expect(index.find(session(), NOW)).to.include({ at: NOW, handedOver: true });
    expect(index.find(session({ id: 'other', lineage: 'x' }), NOW)).to.include({ at: NOW + 5000 });
    index.add(entry({ lineage: 'later' }, { at: NOW + 5000 }), NOW + 5000);
    expect(index.find(session(), NOW + 5000)).to.include({ at: -Infinity, handedOver: false });
  });

  it('takes a lineage, and a token that was revoked, as ended at once, whatever the clock that says so', () => {
    const index = indexOf(entry({ lineage: 'lineage' }, { at: NOW + 5000 }), entry({ jti: 'b' }, { at: NOW + 5000 }));
    expect(index.find(session(), NOW)?.at).to.be.at.most(NOW);
    expect(index.find(session({ id: 'b', lineage: 'x' }), NOW)?.at).to.be.at.most(NOW);
  });

  it('takes an entry of long ago as in force at once', () => {
    const index = indexOf(entry({ lineage: 'lineage' }, { at: NOW - 60_000 }));
    expect(index.find(session(), NOW)).to.include({ at: -Infinity, handedOver: false });
  });

  it('says the same of an entry that is added twice', () => {
    const one = entry({ jti: 'id' }, { at: NOW + 3000, reason: 'superseded' });
    expect(indexOf(one, one).find(session(), NOW)).to.deep.equal(indexOf(one).find(session(), NOW));
  });
});
