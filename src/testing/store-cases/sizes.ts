import assert from 'node:assert/strict';
import { uniqueName } from './bench.js';
import type { CaseSizes, StoreCases } from './case.js';
import { inParallel } from './in-parallel.js';
import { countingTurns } from './turns.js';

const SPOTS = 50;
/** At least one turn of the event loop per this many sessions. */
const SESSIONS_A_TURN = 1_000;

export function sizeCases({ records, sessions, body, timeout }: CaseSizes): StoreCases {
  return {
    title: 'size',
    cases: [
      {
        title: `a user may have ${records} sessions: ofUser returns each, and deleteOfUser ends all in one call`,
        timeout,
        async run(bench) {
          const uid = bench.uid();
          const prefix = uniqueName();
          const every = Array.from({ length: records }, (_, index) => `${prefix}-${index}`);
          const recordOf = (id: string): ReturnType<typeof bench.record> =>
            bench.record({ id, uid, body: JSON.stringify({ id }) });
          await inParallel(every, (id) => bench.first.create(recordOf(id)));
          const spots = every.filter((_, index) => index % Math.ceil(records / SPOTS) === 0);
          for (const id of spots) assert.deepEqual(await bench.second.load(id, bench.now), recordOf(id));

          const ended = await bench.first.deleteOfUser(uid);
          assert.equal(ended.length, records);
          assert.equal(new Set(ended).size, records);
          const known = new Set(every);
          assert.ok(ended.every((id) => known.has(id)));
          for (const id of spots) assert.equal(await bench.second.load(id, bench.now), undefined);
        },
      },
      {
        title: `the event loop keeps running while ${sessions} sessions of a user are listed, ended except one, and swept`,
        timeout,
        async run(bench) {
          const uid = bench.uid();
          const prefix = uniqueName();
          const every = Array.from({ length: sessions }, (_, index) => `${prefix}-${index}`);
          await inParallel(every, (id) => bench.first.create(bench.record({ id, uid })));
          const turnsDue = sessions / SESSIONS_A_TURN;

          const [listed, listing] = await countingTurns(() => bench.first.ofUser(uid, bench.now));
          assert.equal(new Set(listed.map(({ id }) => id)).size, sessions);
          assert.ok(listing >= turnsDue, `${listing} turns while they are listed`);

          const [spared] = every;
          assert.ok(spared !== undefined);
          const { id: _, ...tombstone } = bench.tombstone(uid, { reason: 'ended' }, 1);
          const [ended, ending] = await countingTurns(() => bench.first.deleteOfUser(uid, spared, { tombstone }));
          assert.deepEqual(new Set(ended), new Set(every.slice(1)));
          assert.ok(ending >= turnsDue, `${ending} turns while they end`);
          const left = await bench.second.ofUser(uid, bench.now);
          assert.deepEqual(
            left.map(({ id }) => id),
            [spared],
          );

          // Others may sweep here too, and a backend that drops expired entries by itself leaves none.
          const [swept, sweeping] = await countingTurns(() => bench.first.sweep(1, sessions));
          assert.ok(sweeping >= swept.length / SESSIONS_A_TURN, `${sweeping} turns while they are swept`);
        },
      },
      {
        title: `a body may have ${body} bytes`,
        timeout,
        async run(bench) {
          const uid = bench.uid();
          const long = JSON.stringify({ long: 'x\u20ac'.repeat(Math.ceil(body / 4)) });
          const record = await bench.stored({ uid, body: long });
          const [loaded] = await bench.second.ofUser(uid, bench.now);
          assert.ok(loaded?.body === long);
          const longer = `${long} `;
          assert.equal(await bench.first.update({ ...record, body: longer }), 'ok');
          const updated = await bench.second.load(record.id, bench.now);
          assert.ok(updated !== undefined && 'body' in updated && updated.body === longer);
        },
      },
    ],
  };
}
