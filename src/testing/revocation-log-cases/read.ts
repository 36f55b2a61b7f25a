import assert from 'node:assert/strict';
import type { Revocation } from '../../ports/revocation-log.js';
import type { RevocationLogCases } from './case.js';
import type { Reading } from './reading.js';

/** What was read before the first empty batch, which marks the end of the stored entries. */
function backlogOf({ batches }: Reading): Revocation[] {
  return batches
    .slice(
      0,
      batches.findIndex((batch) => batch.length === 0),
    )
    .flat();
}

export const readCases: RevocationLogCases = {
  title: 'read',
  cases: [
    {
      title: 'with null, yields all stored entries in log order, and then an empty batch',
      async run(bench) {
        const start = await bench.mark();
        const appended = [
          ...(await bench.append(bench.entries(20))),
          ...(await bench.append(bench.entries(20), bench.second)),
          ...(await bench.append(bench.entries(20))),
        ];
        for (const log of [bench.first, bench.second]) {
          const reading = bench.read(log);
          await reading.caughtUp();
          const backlog = backlogOf(reading);
          const from = backlog.findIndex(({ seq }) => seq === start);
          assert.notEqual(from, -1);
          assert.deepEqual(backlog.slice(from + 1), appended);
        }
      },
    },
    {
      title: 'with a position, yields all entries after it and no others, and then an empty batch',
      async run(bench) {
        const start = await bench.mark();
        const appended = [
          ...(await bench.append(bench.entries(6))),
          ...(await bench.append(bench.entries(6), bench.second)),
        ];
        for (const [at, after] of [start, ...appended.map(({ seq }) => seq)].entries()) {
          const reading = bench.read(at % 2 ? bench.first : bench.second, after);
          await reading.caughtUp();
          assert.deepEqual(backlogOf(reading), appended.slice(at));
        }
      },
    },
    {
      title: 'then yields the entries of every process as they arrive, each once',
      async run(bench) {
        const start = await bench.mark();
        const readings = [bench.read(bench.first, start), bench.read(bench.second, start)];
        await Promise.all(readings.map((reading) => reading.caughtUp()));
        const appended: Revocation[] = [];
        for (const log of [bench.first, bench.second, bench.second, bench.first]) {
          const [entry] = await bench.append([bench.entry()], log);
          assert.ok(entry !== undefined);
          appended.push(entry);
          await Promise.all(readings.map((reading) => reading.heard(entry.seq)));
        }
        for (const reading of readings) assert.deepEqual(reading.entries, appended);
      },
    },
    {
      title: 'yields an empty batch at least every few seconds while nothing is appended',
      async run(bench) {
        const reading = bench.read(bench.first, await bench.mark());
        await reading.caughtUp();
        await reading.beats(2);
        assert.deepEqual(reading.entries, []);
      },
    },
    {
      title: 'may be open several times at once: none waits for another one that is slow',
      async run(bench) {
        const start = await bench.mark();
        const appended = await bench.append(bench.entries(3));
        const stopping = new AbortController();
        const slow: Revocation[] = [];
        let positions = '';
        for await (const batch of bench.first.read(start, stopping.signal)) {
          slow.push(...batch);
          if (positions === '') {
            // While this read is not asked for its next batch, others go on.
            const reading = bench.read(bench.first, start);
            await reading.caughtUp();
            appended.push(...(await bench.append(bench.entries(3))));
            positions = await bench.mark();
            await reading.heard(positions);
            assert.deepEqual(reading.entries.slice(0, -1), appended);
          }
          if (slow.at(-1)?.seq === positions) break;
        }
        stopping.abort();
        assert.deepEqual(slow.slice(0, -1), appended);
      },
    },
    {
      title: 'throws LogPositionLost for a position that it cannot find',
      async run(bench) {
        const position = await bench.mark();
        const foreign = position.replace(/[A-Za-z0-9]/, (first) => (first === 'x' ? 'y' : 'x'));
        for (const after of ['', ' ', 'x', '-1', `${position} `, 'x'.repeat(10_000), '\u0000', foreign]) {
          await assert.rejects(bench.stored(bench.second, after), { code: 'ERR_SESSION_LOG_POSITION_LOST' });
        }
        await bench.stored(bench.second, position);
      },
    },
  ],
};
