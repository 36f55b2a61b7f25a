import assert from 'node:assert/strict';
import type { RevocationLogCases } from './case.js';
import { within } from './within.js';

export const stoppingCases: RevocationLogCases = {
  title: 'abort and close',
  cases: [
    {
      title: 'a read ends at once when its signal is aborted while it waits, and others go on',
      async run(bench) {
        const start = await bench.mark();
        const [one, other] = [bench.read(bench.first, start), bench.read(bench.first, start)];
        await Promise.all([one.caughtUp(), other.caughtUp()]);
        one.abort();
        await one.ends();
        await other.heard(await bench.mark());
        assert.deepEqual(one.entries, []);
      },
    },
    {
      title: 'a read ends at once when its signal is aborted while it reads, and when it was aborted before',
      async run(bench) {
        await bench.appendTogether(bench.entries(100));
        const reading = bench.read(bench.second);
        reading.abort();
        await reading.ends();
        for await (const batch of bench.first.read(null, AbortSignal.abort())) assert.deepEqual(batch, []);
      },
    },
    {
      title: 'a reader may leave the loop, and read again from there',
      async run(bench) {
        const start = await bench.mark();
        const appended = await bench.append(bench.entries(3));
        for (let round = 0; round < 5; round += 1) {
          for await (const _ of bench.first.read(start, new AbortController().signal)) break;
        }
        assert.deepEqual(await bench.stored(bench.first, start), appended);
      },
    },
    {
      title: 'close ends the reads of the log, and may be called twice',
      async run(bench) {
        const log = await bench.open();
        const start = await bench.mark();
        const [waiting, reading] = [bench.read(log, start), bench.read(log)];
        await waiting.caughtUp();
        await within(10_000, 'close', Promise.all([log.close(), log.close()]));
        await Promise.all([waiting.ends(), reading.ends()]);
        assert.equal(await log.close(), undefined);
      },
    },
    {
      title: 'after close, append and read reject',
      async run(bench) {
        const log = await bench.open();
        const start = await bench.mark();
        await log.close();
        await assert.rejects(async () => log.append(bench.entry()), Error);
        for (const after of [null, start]) await assert.rejects(bench.stored(log, after), isOwnError);
      },
    },
    {
      title: 'close settles appends that are under way, and those that resolve are stored',
      async run(bench) {
        const log = await bench.open();
        const start = await bench.mark();
        const entries = bench.entries(20);
        const appending = Promise.allSettled(entries.map(async (entry) => log.append(entry)));
        await log.close();
        const outcomes = await within(10_000, 'appends', appending);
        const stored = new Set((await bench.stored(bench.first, start)).map(({ seq }) => seq));
        for (const outcome of outcomes) assert.ok(outcome.status === 'rejected' || stored.has(outcome.value));
      },
    },
    {
      title: 'close leaves the logs of other processes open',
      async run(bench) {
        const reading = bench.read(bench.second, await bench.mark());
        await reading.caughtUp();
        await (await bench.open()).close();
        await reading.heard(await bench.mark());
      },
    },
  ],
};

/** Not the one of {@link RevocationLogBench.stored}, for a read that ends. */
function isOwnError(error: unknown): boolean {
  return error instanceof Error && error.message !== 'the read ended without an empty batch';
}
