import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RevocationLog, RevocationReaders } from '../../ports/revocation-log.js';
import { HOUR, type RevocationLogBench } from './bench.js';
import type { RevocationLogCase, RevocationLogCases } from './case.js';

/** Two processes' views of the readers, and names of readers that are forgotten after the case. */
interface Readers {
  readonly first: RevocationReaders;
  readonly second: RevocationReaders;
  readonly name: (start?: string) => string;
}

type Run = (readers: Readers, bench: RevocationLogBench) => Promise<void>;

/** A case that only logs with `readers` have: others need not know who reads them. */
function readersCase(title: string, run: Run): RevocationLogCase {
  return {
    title,
    async run(bench) {
      const [first, second] = [bench.first.readers, bench.second.readers];
      if (first === undefined && second === undefined) return;
      assert.ok(first !== undefined && second !== undefined, 'one log has `readers`, the other one does not');
      const names: string[] = [];
      const name = (start = 'reader'): string => {
        names.push(bench.name(start));
        return names.at(-1) ?? '';
      };
      try {
        await run({ first, second, name }, bench);
      } finally {
        await Promise.all(names.map((one) => first.left(one)));
      }
    },
  };
}

/** Resolves when a reader that was heard of for 1 ms before is forgotten: when only `others` are behind. */
async function outlived({ second, first, name }: Readers, log: RevocationLog, bench: RevocationLogBench) {
  const position = await bench.mark(log);
  const before = await second.behind(position);
  await first.seen(name(), null, 1);
  while ((await second.behind(position)) > before) await nextTurn();
}

export const readersCases: RevocationLogCases = {
  title: 'readers',
  cases: [
    readersCase('behind counts the readers of every process that have not seen a position', async (readers, bench) => {
      const { first, second, name } = readers;
      const positions = (await bench.append(bench.entries(12))).map(({ seq }) => seq);
      for (const position of positions) assert.equal(await second.behind(position), 0);
      for (const [at, position] of positions.entries()) await (at % 2 ? first : second).seen(name(), position, HOUR);
      for (const [at, position] of positions.entries()) {
        assert.equal(await first.behind(position), at);
        assert.equal(await second.behind(position), at);
      }
      assert.equal(await first.behind(await bench.mark(bench.second)), 12);
    }),
    readersCase('a reader that has seen null is behind every position', async ({ first, second, name }, bench) => {
      const position = await bench.mark();
      await first.seen(name(), null, HOUR);
      await second.seen(name(), null, HOUR);
      assert.equal(await first.behind(position), 2);
      assert.equal(await second.behind(position), 2);
    }),
    readersCase('a reader is counted once, with the position it has seen last', async (readers, bench) => {
      const { first, second, name } = readers;
      const [early = '', late = ''] = (await bench.append(bench.entries(2))).map(({ seq }) => seq);
      const [reader, other] = [name(), name('READER')];
      await first.seen(reader, null, HOUR);
      await first.seen(reader, early, HOUR);
      await second.seen(other, early, HOUR);
      assert.deepEqual([await second.behind(early), await second.behind(late)], [0, 2]);
      await second.seen(reader, late, HOUR);
      assert.deepEqual([await first.behind(early), await first.behind(late)], [0, 1]);
      await first.seen(other, late, HOUR);
      assert.equal(await first.behind(late), 0);
    }),
    readersCase('a reader that left is forgotten at once, and an unknown one may leave', async (readers, bench) => {
      const { first, second, name } = readers;
      const position = await bench.mark();
      const [one, other] = [name(), name()];
      await first.seen(one, null, HOUR);
      await first.seen(other, null, HOUR);
      assert.equal(await second.left(one), undefined);
      assert.equal(await first.behind(position), 1);
      await first.left(one);
      await first.left(bench.name());
      assert.equal(await second.behind(position), 1);
    }),
    readersCase('a reader is forgotten after the life that it was heard of with last', async (readers, bench) => {
      const { first, second, name } = readers;
      const [lasting, renewed, brief] = [name(), name(), name()];
      await first.seen(lasting, null, HOUR);
      await first.seen(renewed, null, 1);
      await second.seen(renewed, null, HOUR);
      await outlived(readers, bench.first, bench);
      const position = await bench.mark();
      assert.equal(await second.behind(position), 2);
      await first.seen(brief, null, HOUR);
      await second.seen(brief, null, 1);
      while ((await first.behind(position)) > 2) await nextTurn();
      await second.seen(brief, position, HOUR);
      assert.equal(await first.behind(position), 2);
    }),
    readersCase('after close, all of them reject', async ({ name }, bench) => {
      const position = await bench.mark();
      const log = await bench.open();
      await log.close();
      for (const operate of [
        () => log.readers?.seen(name(), position, HOUR),
        () => log.readers?.left(name()),
        () => log.readers?.behind(position),
      ]) {
        await assert.rejects(async () => operate(), Error);
      }
    }),
  ],
};
