/**
 * What the tests run as another process: `child.ts <work> <path> [...]`.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { StoreUnavailable } from '../../../src/index.js';
import { Lane, type Report, reportLine } from './lane.js';
import { openLog, reading, revocation } from './log-support.js';
import { openStore, record } from './support.js';

const [work, path = '', name = '', amount = '0'] = process.argv.slice(2);

const WORKS: Readonly<Record<string, () => Promise<void>>> = {
  /** Adds 1 to the body of the session `name`, `amount` times, as 4 at a time. */
  async count() {
    const { store, database } = await openStore(path);
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
    database.close();
  },

  /** Creates the table, as many other processes do at the same time, and a session. */
  async migrate() {
    const { store, database } = await openStore(path);
    await store.create(record(name));
    database.close();
  },

  /** Opens the file, looks, sweeps a little and closes it, again and again until it is killed. */
  async churn() {
    process.stdout.write('begun\n');
    for (;;) {
      const { store, database } = await openStore(path);
      await store.load('nothing', 1);
      await store.ofUser('nobody', 1);
      await store.sweep(0, 10);
      await store.close();
      database.close();
    }
  },

  /** Keeps the database locked for as long as its standard input is open. */
  async lock() {
    const { database } = await openStore(path);
    database.exec('BEGIN IMMEDIATE');
    process.stdout.write('locked\n');
    for await (const _ of process.stdin);
    database.exec('COMMIT');
    database.close();
  },

  /** Fills the disk, or what it may use of it, and says how that went. */
  async fill() {
    const unhandled: unknown[] = [];
    process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
    const { store, database } = await openStore(path);
    const big = record('', { body: `"${'x'.repeat(20_000)}"` });
    const outcomes: PromiseSettledResult<void>[] = [];
    for (let round = 0; round < 5; round += 1) {
      const some = Array.from({ length: 8 }, (_, n) => store.create({ ...big, id: `big-${round}-${n}` }));
      outcomes.push(...(await Promise.allSettled(some)));
    }
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
    const report = {
      written: outcomes.length - failures.length,
      refused: failures.length,
      unavailable: failures.filter(({ reason }) => reason instanceof StoreUnavailable).length,
      causes: [...new Set(failures.map(({ reason }) => String(reason.message)))],
      found: (await store.ofUser('ann', 0)).length,
      unhandled,
    };
    await store.close();
    database.close();
    process.stdout.write(JSON.stringify(report));
  },

  /** Appends `amount` revocations of lineages that begin with `name`, 4 at a time. */
  async revoke() {
    const { log, database } = await openLog(path);
    const share = async (lane: number): Promise<void> => {
      for (let n = 0; n < Number(amount) / 4; n += 1) await log.append(revocation(`${name}-${lane}-${n}`));
    };
    await Promise.all([share(0), share(1), share(2), share(3)]);
    database.close();
  },

  /** Appends revocations until it is killed, and reports through file descriptor 3 the position of each that is acknowledged. */
  async revokeEndlessly() {
    const { log } = await openLog(path);
    await Promise.all(
      [0, 1, 2, 3].map(async (lane) => {
        for (let n = 0; ; n += 1) writeSync(3, `${await log.append(revocation(`${name}-${lane}-${n}`))}\n`);
      }),
    );
  },

  /** Reads a log without end, and does nothing else. */
  async readOn() {
    const { log } = await openLog(path);
    const read = reading(log);
    for (let isEnd = false; !isEnd; ) isEnd = (await read.next()).value.length === 0;
    process.stdout.write('read');
    // Not awaited: Node.js would end with an exit code for that.
    void (async () => {
      for (;;) await read.next();
    })();
  },

  /** Writes until it is killed, and reports through file descriptor 3 what it is about to do and what is acknowledged. */
  async endlessly() {
    const { store } = await openStore(path);
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
