import assert from 'node:assert/strict';
import type { SessionRecord } from '../../ports/store.js';
import type { StoreCases } from './case.js';
import { Chance } from './chance.js';
import { rotate } from './rotate.js';

const ROUNDS = 100;

export const userRaceCases: StoreCases = {
  title: 'while the sessions of a user are removed',
  cases: [
    {
      title:
        "a session that is being rotated ends too: its new record is removed, or retire of the old one returns 'gone'",
      timeout: 60_000,
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS; round += 1) {
          const uid = bench.uid();
          const rotating: SessionRecord[] = [];
          for (let count = chance.roll(3); count >= 0; count -= 1) rotating.push(await bench.stored({ uid }));
          for (let count = chance.roll(4); count > 0; count -= 1) await bench.stored({ uid });
          const [successors] = await Promise.all([
            Promise.all(rotating.map((record) => chance.soon(() => rotate(bench, bench.second, record, chance)))),
            chance.soon(() => bench.first.deleteOfUser(uid)),
          ]);
          assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
          for (const id of successors) assert.equal(await bench.first.load(id, bench.now), undefined);
        }
      },
    },
    {
      title: 'a session that is being rotated ends too when calls with a limit have left no session',
      timeout: 60_000,
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS / 2; round += 1) {
          const uid = bench.uid();
          const rotating = [await bench.stored({ uid }), await bench.stored({ uid })];
          for (let count = chance.roll(3); count > 0; count -= 1) await bench.stored({ uid });
          const { id: _, ...tombstone } = bench.tombstone(uid, { reason: 'ended' });
          const limit = 1 + chance.roll(2);
          const options = chance.roll(2) === 0 ? { limit } : { limit, tombstone };
          const endAll = async (): Promise<void> => {
            for (;;) {
              const ended = await bench.first.deleteOfUser(uid, undefined, options);
              assert.ok(ended.length <= limit);
              if (ended.length < limit) return;
            }
          };
          const [successors] = await Promise.all([
            Promise.all(rotating.map((record) => chance.soon(() => rotate(bench, bench.second, record, chance)))),
            chance.soon(endAll),
          ]);
          assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
          for (const id of successors) {
            const left = await bench.first.load(id, bench.now);
            assert.ok(left === undefined || 'retired' in left);
          }
        }
      },
    },
    {
      title: 'a session that except names can be rotated normally',
      timeout: 60_000,
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS / 2; round += 1) {
          const uid = bench.uid();
          const [spared, rotating] = [await bench.stored({ uid }), await bench.stored({ uid })];
          const moving = { ...rotating, id: bench.id(), lineage: spared.lineage };
          await bench.first.create(moving);
          const [successor] = await Promise.all([
            chance.soon(() => rotate(bench, bench.second, moving, chance)),
            chance.soon(() => bench.first.deleteOfUser(uid, round % 2 === 0 ? spared.id : spared.lineage)),
          ]);
          const left = (await bench.first.ofUser(uid, bench.now)).map(({ id }) => id);
          assert.deepEqual([...left].sort(), [spared.id, successor].sort());
        }
      },
    },
    {
      title: 'update does not bring back a session that was removed',
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS / 2; round += 1) {
          const uid = bench.uid();
          const record = await bench.stored({ uid });
          const [outcome, ended] = await Promise.all([
            chance.soon(() => bench.second.update({ ...record, body: '{"x":1}', expiresAt: null })),
            chance.soon(() => bench.first.deleteOfUser(uid)),
          ]);
          assert.ok(outcome === 'ok' || outcome === 'gone');
          assert.deepEqual(ended, [record.id]);
          assert.equal(await bench.first.load(record.id, bench.now), undefined);
          assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
        }
      },
    },
    {
      title: 'two calls at the same time return each session at least once, and leave none',
      async run(bench) {
        const chance = new Chance();
        for (let round = 0; round < ROUNDS / 10; round += 1) {
          const uid = bench.uid();
          const ids = [(await bench.stored({ uid })).id, (await bench.stored({ uid })).id];
          const ended = await Promise.all([
            chance.soon(() => bench.first.deleteOfUser(uid)),
            chance.soon(() => bench.second.deleteOfUser(uid)),
          ]);
          assert.deepEqual([...new Set(ended.flat())].sort(), ids.sort());
          assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
        }
      },
    },
  ],
};
