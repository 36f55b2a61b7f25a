import assert from 'node:assert/strict';
import { SessionAlreadyExists } from '../../errors.js';
import type { SessionRecord, Store, Swept } from '../../ports/store.js';
import type { CaseBench } from './bench.js';
import type { StoreCases } from './case.js';
import { Chance } from './chance.js';

/** A ms timestamp long ago, so that a sweep up to then removes no entries of others. */
const LONG_AGO = 86_400_000;
const ATTEMPTS = 20;

export const sweepCases: StoreCases = {
  title: 'sweep',
  cases: [
    {
      title: 'removes and returns expired entries, or leaves them to a backend that removes them by itself',
      async run(bench) {
        // Another process may sweep these entries first, but not every time.
        for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) if (await isSweptAndTold(bench)) return;
        assert.fail('what had expired was removed, but sweep did not say so');
      },
    },
    {
      title: 'keeps entries that have not expired',
      async run(bench) {
        const uid = bench.uid();
        const live = [await bench.stored({ uid }), await bench.stored({ expiresAt: null }), await bench.retired()];
        const swept = await sweepEverything(bench.first);
        for (const entry of live) {
          assert.ok(!swept.some(({ id }) => id === entry.id));
          assert.deepEqual(await bench.first.load(entry.id, bench.now), entry);
        }
      },
    },
    {
      title: 'removes at most limit entries, and fewer only when no other is left',
      async run(bench) {
        const expired: SessionRecord[] = [];
        for (let count = 0; count < 5; count += 1) expired.push(await bench.stored({ expiresAt: LONG_AGO - count }));
        const ids = (await sweepEverything(bench.first, 2)).map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length);
        for (const record of expired) await bench.first.create(record);
      },
    },
    {
      title: 'removes swept sessions from those of their user, and frees their ids',
      async run(bench) {
        const uid = bench.uid();
        const expired = await bench.stored({ uid, expiresAt: 1 });
        await sweepEverything(bench.first);
        assert.deepEqual(await bench.first.ofUser(uid, 0), []);
        const next = await bench.stored({ id: expired.id, uid });
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), [next]);
        assert.deepEqual(await bench.first.deleteOfUser(uid), [next.id]);
      },
    },
    {
      title: 'removes and returns each entry once when two clients sweep at the same time',
      async run(bench) {
        const ids = new Set<string>();
        for (let count = 0; count < 60; count += 1) ids.add((await bench.stored({ expiresAt: 1 })).id);
        const clients = [bench.first, bench.second, bench.first, bench.second];
        const swept = await Promise.all(clients.map((client) => sweepEverything(client, 7)));
        const own = swept.flat().filter(({ id }) => ids.has(id));
        assert.equal(new Set(own.map(({ id }) => id)).size, own.length);
      },
    },
    {
      title: 'keeps a session whose expiry a touch or an update moves meanwhile',
      async run(bench) {
        const chance = new Chance();
        const expiresAt = bench.now + 50_000_000;
        for (let round = 0; round < 30; round += 1) {
          const record = await bench.stored({ expiresAt: 1 });
          const [, isThere] = await Promise.all([
            chance.soon(() => sweepEverything(bench.first)),
            chance.soon(async () =>
              round % 2 === 0
                ? bench.second.touch(record.id, null, bench.now, expiresAt)
                : (await bench.second.update({ ...record, expiresAt })) === 'ok',
            ),
          ]);
          const left = await bench.first.load(record.id, bench.now);
          assert.equal(left?.expiresAt, isThere ? expiresAt : undefined);
        }
      },
    },
  ],
};

/** Returns false when an entry was removed but not returned. */
async function isSweptAndTold(bench: CaseBench): Promise<boolean> {
  const signedIn = await bench.stored({ uid: bench.uid(), expiresAt: LONG_AGO });
  const anonymous = await bench.stored({ expiresAt: 0 });
  const tombstone = await bench.retired(signedIn.uid, LONG_AGO - 1);
  const ids = [signedIn.id, anonymous.id, tombstone.id];
  const isKept = await Promise.all(ids.map((id) => isTaken(bench, id)));
  const swept = (await sweepEverything(bench.first)).filter(({ id }) => ids.includes(id));
  if (isKept.includes(false)) return true;

  for (const { id, uid, retired } of swept) {
    assert.equal(retired, id === tombstone.id ? true : undefined);
    if (id !== tombstone.id) assert.equal(uid, id === signedIn.id ? signedIn.uid : null);
  }
  for (const id of ids) assert.ok(!(await isTaken(bench, id)), 'what had expired was left');
  return swept.length === ids.length;
}

async function isTaken(bench: CaseBench, id: string): Promise<boolean> {
  try {
    await bench.first.create(bench.record({ id, expiresAt: 1 }));
    return false;
  } catch (error) {
    assert.ok(error instanceof SessionAlreadyExists);
    return true;
  }
}

async function sweepEverything(store: Store, limit = 1000): Promise<readonly Swept[]> {
  const all: Swept[] = [];
  for (;;) {
    const swept = await store.sweep(LONG_AGO, limit);
    assert.ok(swept.length <= limit);
    all.push(...swept);
    if (swept.length < limit) return all;
  }
}
