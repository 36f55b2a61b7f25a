/**
 * What the tests run as another process: `child.ts <work> <path> [...]`.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LmdbStore } from '../../../src/drivers/lmdb/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { Lane, type Report, reportLine } from './lane.js';
import { record } from './support.js';

const [work, path = '', name = '', amount = '0'] = process.argv.slice(2);

const WORKS: Readonly<Record<string, () => Promise<void>>> = {
  /** Adds 1 to the body of the session `name`, `amount` times, as 4 at a time. */
  async count() {
    const store = new LmdbStore({ path });
    const countUp = async (): Promise<void> => {
      for (;;) {
        const found = await store.load(name, 0);
        if (found === undefined || 'retired' in found) throw new Error('no session');
        const outcome = await store.update({ ...found, body: String(Number(found.body) + 1) });
        if (outcome === 'ok') return;
      }
    };
    const share = async (): Promise<void> => {
      for (let n = 0; n < Number(amount) / 4; n += 1) await countUp();
    };
    await Promise.all([share(), share(), share(), share()]);
    await store.close();
  },

  /** Changes the session `name` once. */
  async update() {
    const store = new LmdbStore({ path });
    await store.update(record(name, { body: '"from the other process"' }));
    await store.close();
  },

  /** Opens the store again and again while its other handle writes all the time. */
  async reopen() {
    const store = new LmdbStore({ path });
    let isOver = false;
    const write = async (): Promise<void> => {
      for (let n = 0; !isOver; n += 1) await store.create(record(`written-${n}`));
    };
    const writing = write();
    for (let n = 0; n < Number(amount); n += 1) {
      await nextTurn();
      const other = new LmdbStore({ path });
      await other.create(record(`other-${n}`));
      await other.close();
    }
    isOver = true;
    await writing;
    await store.close();
  },

  /** Fills the disk, or what it may use of it, and says how that went. */
  async fill() {
    const unhandled: unknown[] = [];
    process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
    const store = new LmdbStore({ path });
    const big = record('', { body: `"${'x'.repeat(20_000)}"` });
    const outcomes: PromiseSettledResult<void>[] = [];
    for (let round = 0; round < 5; round += 1) {
      const some = Array.from({ length: 8 }, (_, n) => store.create({ ...big, id: `big-${round}-${n}` }));
      outcomes.push(...(await Promise.allSettled(some)));
    }
    const isWritten = (id: string): Promise<boolean> => store.load(id, 0).then((found) => found !== undefined);
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
    const report = {
      written: outcomes.length - failures.length,
      refused: failures.length,
      unavailable: failures.filter(({ reason }) => reason instanceof StoreUnavailable).length,
      causes: [...new Set(failures.map(({ reason }) => String(reason.cause)))],
      found: (await store.ofUser('ann', 0)).length,
      isFreedAfterwards: await store.delete('big-0-0'),
      isWrittenAfterwards: await store.create(record('small')).then(() => isWritten('small')),
      unhandled,
    };
    await store.close();
    await nextTurn();
    process.stdout.write(JSON.stringify(report));
  },

  /** Writes until it is killed, and reports through file descriptor 3 what it is about to do and what is acknowledged. */
  async endlessly() {
    const store = new LmdbStore({ path });
    const tell = (report: Report): void => {
      writeSync(3, `${reportLine(report)}\n`);
    };
    const lanes = Array.from({ length: 8 }, (_, n) => new Lane(`${name}-${n}`));
    await Promise.all(
      lanes.map(async (lane) => {
        for (;;) {
          const { run, changes } = lane.next();
          tell({ lane: lane.uid, changes });
          await run(store);
          tell({ lane: lane.uid });
        }
      }),
    );
  },
};

await WORKS[work ?? '']?.();
