import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryStore } from '../../../src/drivers/memory/store.js';
import type { Retired, SessionRecord } from '../../../src/ports/store.js';
import { NOW, record, tombstone } from './support.js';

type Entries = Map<string, SessionRecord | Retired>;
type Step = (store: MemoryStore, entries: Entries) => Promise<void>;

function sessionOf(entries: Entries, id: string): SessionRecord | undefined {
  const entry = entries.get(id);
  return entry === undefined || 'retired' in entry ? undefined : entry;
}

function sessionsOf(entries: Entries, owner: string): SessionRecord[] {
  return [...entries.values()].filter((entry) => 'uid' in entry).filter((entry) => entry.uid === owner);
}

function isLive({ expiresAt }: { readonly expiresAt: number | null }, now: number): boolean {
  return expiresAt === null || expiresAt > now;
}

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '__proto__');
const uid = fc.constantFrom(null, 'u1', 'u2', '__proto__');
const user = fc.constantFrom('u1', 'u2', '__proto__');
const moment = fc.integer({ min: NOW - 3, max: NOW + 3 });
const expiry = fc.option(moment, { nil: null });
const version = fc.integer({ min: 0, max: 3 });
const lineage = fc.constantFrom('l1', 'l2', 'a');
const limit = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
const end = fc.option(moment, { nil: null });
const anyRecord = fc
  .record({ id, lineage, version, uid, lastAccess: moment, expiresAt: expiry })
  .map((changes) => record(changes.id, changes));

/** Every operation as it would be done on a plain Map of records. */
const step: fc.Arbitrary<Step> = fc.oneof(
  anyRecord.map(
    (one): Step =>
      async (store, entries) => {
        const isCreated = await store.create(one).then(
          () => true,
          () => false,
        );
        expect(isCreated).to.equal(!entries.has(one.id));
        if (isCreated) entries.set(one.id, one);
      },
  ),
  anyRecord.map(
    (one): Step =>
      async (store, entries) => {
        const there = sessionOf(entries, one.id);
        const expected = there === undefined ? 'gone' : there.version === one.version ? 'ok' : 'conflict';
        expect(await store.update(one)).to.equal(expected);
        if (there === undefined || expected !== 'ok') return;
        const ends = [there.expiresAt, one.expiresAt].map((end) => end ?? Number.POSITIVE_INFINITY);
        const later = Math.max(...ends);
        const isTouched = there.lastAccess > one.lastAccess;
        entries.set(one.id, {
          ...one,
          version: one.version + 1,
          lastAccess: isTouched ? there.lastAccess : one.lastAccess,
          expiresAt: isTouched ? (Number.isFinite(later) ? later : null) : one.expiresAt,
        });
      },
  ),
  fc.tuple(id, moment, expiry).map(
    ([one, lastAccess, expiresAt]): Step =>
      async (store, entries) => {
        const there = sessionOf(entries, one);
        expect(await store.touch(one, there?.uid ?? null, lastAccess, expiresAt)).to.equal(there !== undefined);
        if (there !== undefined && lastAccess > there.lastAccess) entries.set(one, { ...there, lastAccess, expiresAt });
      },
  ),
  fc.tuple(id, fc.option(version, { nil: null }), moment).map(
    ([one, expected, end]): Step =>
      async (store, entries) => {
        const there = sessionOf(entries, one);
        const isExpected = expected === null || there?.version === expected;
        const outcome = there === undefined ? 'gone' : isExpected ? 'ok' : 'conflict';
        expect(await store.retire(one, expected, tombstone(one, end))).to.equal(outcome);
        if (outcome === 'ok') entries.set(one, tombstone(one, end));
      },
  ),
  id.map(
    (one): Step =>
      async (store, entries) => {
        expect(await store.delete(one)).to.equal(sessionOf(entries, one) !== undefined);
        entries.delete(one);
      },
  ),
  fc.record({ owner: user, except: fc.option(fc.oneof(id, lineage), { nil: undefined }), limit, end }).map(
    ({ owner, except, limit: most, end: expiresAt }): Step =>
      async (store, entries) => {
        const { retired } = tombstone('a');
        const options = expiresAt === null ? { limit: most } : { limit: most, tombstone: { retired, expiresAt } };
        const own = sessionsOf(entries, owner);
        const spared = own.find((session) => session.id === except)?.lineage;
        const due = own.filter((session) => session.lineage !== spared && session.lineage !== except);
        const ended = await store.deleteOfUser(owner, except, options);
        expect(due.map((session) => session.id)).to.include.members([...ended]);
        expect(new Set(ended).size).to.equal(Math.min(due.length, most ?? due.length));
        for (const one of ended) {
          if (expiresAt === null) entries.delete(one);
          else entries.set(one, tombstone(one, expiresAt));
        }
      },
  ),
  fc.tuple(moment, fc.integer({ min: 1, max: 10 })).map(
    ([now, limit]): Step =>
      async (store, entries) => {
        const swept = (await store.sweep(now, limit)).map((one) => one.id);
        const expired = [...entries.values()].filter((one) => !isLive(one, now)).map((one) => one.id);
        expect(expired).to.include.members(swept);
        expect(new Set(swept).size).to.equal(Math.min(expired.length, limit));
        for (const one of swept) entries.delete(one);
      },
  ),
  fc.constant<Step>(async (store, entries) => {
    const sessions = [...entries.keys()].filter((one) => sessionOf(entries, one) !== undefined);
    expect(await store.deleteAll()).to.equal(sessions.length);
    entries.clear();
  }),
);

describe('MemoryStore', () => {
  it('does what a plain Map of records would, in any order of operations', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), moment, async (steps, now) => {
        const store = new MemoryStore();
        const entries: Entries = new Map();
        for (const run of steps) await run(store, entries);
        for (const [one, entry] of entries) {
          expect(await store.load(one, now)).to.deep.equal(isLive(entry, now) ? entry : undefined);
        }
        for (const owner of ['u1', 'u2', '__proto__']) {
          const expected = sessionsOf(entries, owner).filter((entry) => isLive(entry, now));
          expect(await store.ofUser(owner, now)).to.have.deep.members(expected);
          for (const of of ['l1', 'a']) {
            const related = expected.filter((entry) => entry.lineage === of);
            expect(await store.ofUser(owner, now, of)).to.have.deep.members(related);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
