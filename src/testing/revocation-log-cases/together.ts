import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Revocation, RevocationLog } from '../../ports/revocation-log.js';
import type { RevocationLogBench } from './bench.js';
import type { RevocationLogCases } from './case.js';

/** Entries that each of two processes appends. */
const EACH = 300;

/** Two processes append at the same time; resolves with what they appended, each lane in its order. */
async function appendFromBoth(bench: RevocationLogBench): Promise<Revocation[]> {
  const both = [bench.first, bench.second].map((log) => bench.appendTogether(bench.entries(EACH), log, 10));
  return (await Promise.all(both)).flat();
}

/** The same promise, whose rejection is no unhandled one when the case fails for another reason before it is awaited. */
function underWay<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => undefined);
  return work;
}

/** Checks that the entries are all of those that were appended, each once. */
function assertSame(found: readonly Revocation[], appended: readonly Revocation[]): void {
  assert.deepEqual([...found].sort(byPosition), [...appended].sort(byPosition));
}

function byPosition(a: Revocation, b: Revocation): number {
  return a.seq < b.seq ? -1 : 1;
}

/** Reads up to the end of the stored entries, from each last position anew, until all was over before a read. */
async function readAgainAndAgain(
  bench: RevocationLogBench,
  log: RevocationLog,
  start: string,
  isOver: () => boolean,
): Promise<Revocation[]> {
  const found: Revocation[] = [];
  for (let isLast = false; !isLast; ) {
    // A log in memory may answer without leaving the turn.
    await nextTurn();
    isLast = isOver();
    found.push(...(await bench.stored(log, found.at(-1)?.seq ?? start)));
  }
  return found;
}

export const togetherCases: RevocationLogCases = {
  title: 'while several processes append',
  cases: [
    {
      title: 'every reader reads every entry once, and all in the same order',
      async run(bench) {
        const start = await bench.mark();
        const readings = [bench.read(bench.first, start), bench.read(bench.second, start), bench.read(bench.second)];
        const appending = underWay(appendFromBoth(bench));
        await readings[0]?.beats(2);
        // These begin in the midst of it.
        readings.push(bench.read(bench.first, start), bench.read(bench.second));
        const appended = await appending;
        const last = await bench.mark();
        const order = (await bench.stored(bench.first, start)).slice(0, -1);
        assertSame(order, appended);
        for (const reading of readings) {
          await reading.heard(last);
          const { entries } = reading;
          const from = entries.findIndex(({ seq }) => seq === start) + 1;
          const to = entries.findIndex(({ seq }) => seq === last);
          assert.deepEqual(entries.slice(from, to), order);
        }
      },
    },
    {
      title: 'an entry comes after those that were acknowledged before it was appended',
      async run(bench) {
        const start = await bench.mark();
        const lanes = await Promise.all(
          Array.from({ length: 10 }, async () => {
            const lane: Revocation[] = [];
            for (let round = 0; round < 20; round += 1) {
              lane.push(...(await bench.append([bench.entry()], round % 2 ? bench.first : bench.second)));
            }
            return lane;
          }),
        );
        const order = (await bench.stored(bench.second, start)).map(({ seq }) => seq);
        for (const lane of lanes) {
          const places = lane.map(({ seq }) => order.indexOf(seq));
          assert.ok(!places.includes(-1));
          assert.deepEqual(
            places,
            [...places].sort((a, b) => a - b),
          );
        }
      },
    },
    {
      title: 'a reader that starts again at its last position, again and again, misses nothing',
      async run(bench) {
        const start = await bench.mark();
        let isOver = false;
        const appending = underWay(
          appendFromBoth(bench).finally(() => {
            isOver = true;
          }),
        );
        const found = await Promise.all(
          [bench.first, bench.second].map((log) => readAgainAndAgain(bench, log, start, () => isOver)),
        );
        const appended = await appending;
        for (const entries of found) assertSame(entries, appended);
        assert.deepEqual(found[0], found[1]);
      },
    },
    {
      title: 'an entry that was acknowledged is read before the empty batch',
      async run(bench) {
        const start = await bench.mark();
        const others = underWay(bench.appendTogether(bench.entries(EACH), bench.second, 10));
        for (let round = 0; round < 20; round += 1) {
          const own = await bench.mark();
          const stored = await bench.stored(round % 2 ? bench.first : bench.second, start);
          assert.ok(stored.some(({ seq }) => seq === own));
        }
        await others;
      },
    },
  ],
};
