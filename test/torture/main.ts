/**
 * `npm run torture -- [--store sqlite|redis|postgres|all] [--seconds N] [--seed S] [--short]`: processes write, open, read and sweep a store while they
 * are killed, stopped and started again at random, and so is the server. At the end everything that was acknowledged must be there, and
 * nothing that ended.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Backend } from './backend.js';
import { type Outcome, torture } from './conductor.js';
import { startPostgresBackend } from './postgres-backend.js';
import { Random } from './random.js';
import { startRedisBackend } from './redis-backend.js';
import { startSqlite } from './sqlite-backend.js';

const BACKENDS: Readonly<Record<string, () => Promise<Backend | string>>> = {
  sqlite: startSqlite,
  redis: startRedisBackend,
  postgres: startPostgresBackend,
};
/** Of torture, for all stores together. */
const SECONDS = 300;
const SHORT = 54;
const MOST_SHOWN = 50;

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'all' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: randomBytes(4).toString('hex') },
    short: { type: 'boolean', default: false },
  },
});
const { store, seed } = values;
const names = store === 'all' ? Object.keys(BACKENDS) : [store];
const seconds = Number(values.seconds ?? (values.short ? SHORT : SECONDS));
if (names.some((name) => !Object.hasOwn(BACKENDS, name)))
  throw new TypeError('--store: sqlite, redis, postgres or all');
if (!(seconds > 0 && seconds <= 86_400)) throw new TypeError('--seconds: a number above 0, at most a day');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

console.log(`seed ${seed}, ${seconds} seconds, Node ${process.version}`);
const accounts: string[] = [];
for (const name of names) {
  const backend = await BACKENDS[name]?.();
  if (typeof backend !== 'object') {
    accounts.push(`not tortured: ${backend}`);
    continue;
  }
  const start = performance.now();
  try {
    const outcome = await torture(backend, (seconds * 1000) / names.length, new Random(`${seed} ${name}`));
    accounts.push(...outcome.accounts.map((account) => `${backend.name}: ${account}`));
    console.log(`\n${backend.name}, ${Math.round((performance.now() - start) / 1000)} s`);
    console.log(table(outcome));
  } finally {
    await backend.stop();
  }
}

for (const account of accounts.slice(0, MOST_SHOWN)) console.error(`\nVIOLATION ${account}`);
if (accounts.length === 0) console.log(`\nno violation (seed ${seed})`);
else console.error(`\n${accounts.length} violations (seed ${seed})`);
process.exit(accounts.length === 0 ? 0 : 1);

function table({ verdict, accounts, ...processes }: Outcome): string {
  const { counts, sessions, tombstones, absent, inspection } = verdict;
  const { acknowledged, unknown, opened, read, unavailable, swept } = counts;
  const rows = Object.entries({
    'writes acknowledged': acknowledged,
    'writes with an unknown outcome': unknown,
    violations: accounts.length,
    'processes started': processes.processes,
    'processes killed': processes.kills,
    'processes stopped and continued': processes.pauses,
    'faults of the server': processes.faults,
    'stores opened': opened,
    reads: read,
    'entries swept': swept,
    'times unavailable to a reader or opener': unavailable,
    'sessions at the end': sessions,
    'tombstones at the end': tombstones,
    'ids that lead nowhere': absent,
    ...inspection.figures,
  });
  return rows.map(([name, value]) => `${name.padEnd(42)}${value.toLocaleString('en').padStart(12)}`).join('\n');
}
