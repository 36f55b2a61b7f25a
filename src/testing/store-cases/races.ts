import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SessionAlreadyExists } from '../../errors.js';
import type { StoreCases } from './case.js';
import { Chance } from './chance.js';

const ROUNDS = 30;

export const raceCases: StoreCases = {
  title: 'two operations on one id at the same time',
  cases: [
    {
      title: 'one of two creates succeeds, and the other rejects with SessionAlreadyExists',
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS; round += 1) {
          const id = bench.id();
          const uids = [bench.uid(), bench.uid()] as const;
          const rivals = uids.map((uid) => bench.record({ id, uid }));
          const clients = [bench.first, bench.second];
          const results = await Promise.allSettled(
            rivals.map((rival, index) => chance.soon(async () => clients[index]?.create(rival))),
          );
          const winners = rivals.filter((_, index) => results[index]?.status === 'fulfilled');
          assert.equal(winners.length, 1);
          for (const result of results) {
            if (result.status === 'rejected') assert.ok(result.reason instanceof SessionAlreadyExists);
          }
          assert.deepEqual(await bench.first.load(id, bench.now), winners[0]);
          const found = await Promise.all(uids.map((uid) => bench.first.ofUser(uid, bench.now)));
          assert.deepEqual(found.flat(), winners);
        }
      },
    },
    {
      title: "one of two updates with the same version returns 'ok', and the other 'conflict'",
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS; round += 1) {
          const record = await bench.stored({ uid: bench.uid() });
          const [one, other] = [bench.uid(), bench.uid()].map((uid) => ({ ...record, uid, body: JSON.stringify(uid) }));
          assert.ok(one && other);
          const outcomes = await Promise.all([
            chance.soon(() => bench.first.update(one)),
            chance.soon(() => bench.second.update(other)),
          ]);
          assert.deepEqual([...outcomes].sort(), ['conflict', 'ok']);
          const winner = { ...(outcomes[0] === 'ok' ? one : other), version: 1 };
          assert.deepEqual(await bench.first.load(record.id, bench.now), winner);
          const found = await Promise.all([one, other].map(({ uid }) => bench.first.ofUser(uid, bench.now)));
          assert.deepEqual(found.flat(), [winner]);
        }
      },
    },
    {
      title: 'no increment is lost when 50 clients retry updates of one counter',
      async run(bench) {
        const { id } = await bench.stored({ body: '0' });
        const countUp = async (index: number): Promise<void> => {
          const store = index % 2 === 0 ? bench.first : bench.second;
          for (;;) {
            const record = await store.load(id, bench.now);
            assert.ok(record !== undefined && 'body' in record);
            const outcome = await store.update({ ...record, body: String(Number(record.body) + 1) });
            if (outcome === 'ok') return;
            assert.equal(outcome, 'conflict');
            await nextTurn();
          }
        };
        await Promise.all(Array.from({ length: 50 }, (_, index) => countUp(index)));
        const record = await bench.first.load(id, bench.now);
        assert.ok(record !== undefined && 'body' in record);
        assert.deepEqual([record.body, record.version], ['50', 50]);
      },
    },
    {
      title: 'load sees an update completely or not at all',
      async run(bench) {
        const uids = [bench.uid(), bench.uid()] as const;
        const written = await bench.stored({ uid: uids[0], body: '0', lastUpdate: 0 });
        const { id } = written;
        let isOver = false;
        const write = async (): Promise<void> => {
          for (let version = 0; version < 100; version += 1) {
            const next = version + 1;
            const uid = uids[next % 2] ?? null;
            await bench.first.update({ ...written, version, uid, body: String(next), lastUpdate: next });
          }
          isOver = true;
        };
        const read = async (): Promise<void> => {
          let seen = 0;
          while (!isOver) {
            const record = await bench.second.load(id, bench.now);
            assert.ok(record !== undefined && 'body' in record);
            const { version } = record;
            assert.deepEqual(record, {
              ...written,
              version,
              uid: uids[version % 2],
              body: String(version),
              lastUpdate: version,
            });
            assert.ok(version >= seen);
            seen = version;
            await nextTurn();
          }
        };
        await Promise.all([write(), read(), read()]);
      },
    },
    {
      title: 'update and touch do not bring back what delete removed',
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS; round += 1) {
          const uid = bench.uid();
          const record = await bench.stored({ uid });
          const [outcome, isThere, isDeleted] = await Promise.all([
            chance.soon(() => bench.first.update({ ...record, body: '{"x":1}' })),
            chance.soon(() => bench.first.touch(record.id, uid, bench.now, null)),
            chance.soon(() => bench.second.delete(record.id)),
          ]);
          assert.ok(outcome === 'ok' || outcome === 'gone');
          assert.equal(typeof isThere, 'boolean');
          assert.equal(isDeleted, true);
          assert.equal(await bench.first.load(record.id, bench.now), undefined);
          assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
        }
      },
    },
    {
      title: 'touch and update do not lose what the other wrote',
      async run(bench) {
        const chance = new Chance();
        const expiresAt = bench.now + 100_000_000;
        for (let round = 0; round < ROUNDS; round += 1) {
          const record = await bench.stored({ uid: bench.uid() });
          const changed = { ...record, body: '{"x":1}', lastUpdate: bench.now };
          const [isThere, outcome] = await Promise.all([
            chance.soon(() => bench.first.touch(record.id, record.uid, bench.now + 1, expiresAt)),
            chance.soon(() => bench.second.update(changed)),
          ]);
          assert.deepEqual([isThere, outcome], [true, 'ok']);
          const both = { ...changed, version: 1, lastAccess: bench.now + 1, expiresAt };
          assert.deepEqual(await bench.first.load(record.id, bench.now), both);
        }
      },
    },
    {
      title: 'of many touches, the latest lastAccess stays',
      async run(bench) {
        const record = await bench.stored();
        const steps = [3, 9, 1, 7, 10, 2, 8, 4, 6, 5];
        await Promise.all(
          steps.map((step, index) => {
            const store = index % 2 === 0 ? bench.first : bench.second;
            return store.touch(record.id, null, bench.now + step, bench.now + 1_000_000 * step);
          }),
        );
        const latest = { ...record, lastAccess: bench.now + 10, expiresAt: bench.now + 10_000_000 };
        assert.deepEqual(await bench.first.load(record.id, bench.now), latest);
      },
    },
    {
      title: 'either update or retire succeeds, never both',
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS; round += 1) {
          const record = await bench.stored({ uid: bench.uid() });
          const tombstone = bench.tombstone(record.id);
          const changed = { ...record, uid: bench.uid() };
          const [updated, retired] = await Promise.all([
            chance.soon(() => bench.first.update(changed)),
            chance.soon(() => bench.second.retire(record.id, 0, tombstone)),
          ]);
          const isUpdated = updated === 'ok';
          assert.deepEqual([updated, retired], isUpdated ? ['ok', 'conflict'] : ['gone', 'ok']);
          const left = isUpdated ? { ...changed, version: 1 } : tombstone;
          assert.deepEqual(await bench.first.load(record.id, bench.now), left);
          assert.deepEqual(await bench.first.ofUser(changed.uid, bench.now), isUpdated ? [left] : []);
        }
      },
    },
    {
      title: "one of two calls of retire returns 'ok' and stores its tombstone, and the other 'gone'",
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS; round += 1) {
          const { id } = await bench.stored({ uid: bench.uid() });
          const [one, other] = [bench.tombstone(id, { reason: 'one' }), bench.tombstone(id, { reason: 'other' })];
          const outcomes = await Promise.all([
            chance.soon(() => bench.first.retire(id, 0, one)),
            chance.soon(() => bench.second.retire(id, 0, other)),
          ]);
          assert.deepEqual([...outcomes].sort(), ['gone', 'ok']);
          assert.deepEqual(await bench.first.load(id, bench.now), outcomes[0] === 'ok' ? one : other);
        }
      },
    },
    {
      title: 'touch does not turn a tombstone into a session',
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS; round += 1) {
          const { id, uid } = await bench.stored({ uid: bench.uid() });
          const tombstone = bench.tombstone(id);
          const [, retired] = await Promise.all([
            chance.soon(() => bench.first.touch(id, uid, bench.now, null)),
            chance.soon(() => bench.second.retire(id, 0, tombstone)),
          ]);
          assert.equal(retired, 'ok');
          assert.deepEqual(await bench.first.load(id, bench.now), tombstone);
          assert.deepEqual(await bench.first.ofUser(uid ?? '', bench.now), []);
        }
      },
    },
  ],
};
