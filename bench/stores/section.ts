import { GOALS, type Outcome, outcome } from '../goals.js';
import { type Rounds, ratio } from '../harness/rounds.js';
import type { Options } from '../options.js';
import { goalRows } from '../report-parts.js';
import { table } from '../text-table.js';
import { startBackends } from './backends.js';
import { type StoreEffort, type StoreRounds, storeTable } from './table.js';

const FULL: StoreEffort = { rounds: 8, warmup: 2, operations: 4000 };
const QUICK: StoreEffort = { rounds: 4, warmup: 2, operations: 500 };

const OUR_REDIS = 'RedisStore, node-redis';

const METHOD = `1,000 signed-in sessions with about 100 bytes of data, without HTTP, 64 requests under way at a time. Redis keeps nothing on disk and PostgreSQL
runs with \`fsync\` on, both on 127.0.0.1 and this machine's own cores. Ours is \`get\`, reading or changing sessionData, and \`commit\`. The peers are
driven as express-session drives them with \`resave: false\`: \`get\` and \`touch\`, or \`get\` and \`set\`. They neither merge nor compare versions, and keep
ids in clear. Commands (queries to PostgreSQL) are counted apart from the timing, one request at a time. SqliteStore has no peer. It uses a file
on this machine's disk, with the default \`durability\`; in the row \`power\` each commit waits until it is on the disk.`;

/** Stores without HTTP. */
export async function storeSection({ rounds, isQuick }: Options): Promise<string> {
  const effort = isQuick ? QUICK : FULL;
  const backends = await startBackends();
  try {
    const measured = await storeTable({ ...effort, rounds: rounds ?? effort.rounds }, backends);
    return [goalRows(outcomesOf(measured)), METHOD, storeRows(measured)].join('\n\n');
  } finally {
    await backends.stop();
  }
}

function outcomesOf({ change, sent }: StoreRounds): Outcome[] {
  const redis = sent.get(OUR_REDIS);
  const speedOf = (own: string, peer: string): number => change.paired(peer, own, ratio).median;
  return [
    outcome(GOALS.memoryStore, speedOf('MemoryStore', "express-session's MemoryStore")),
    outcome(GOALS.redisStore, speedOf(OUR_REDIS, 'connect-redis, node-redis')),
    outcome(GOALS.postgresStore, speedOf('PostgresStore', 'connect-pg-simple')),
    // Ten times a second a store asks for the epoch as well, in the same round trip.
    outcome(GOALS.redisLoad, Math.round(redis?.look ?? Number.NaN)),
    outcome(GOALS.redisChange, Math.round(redis?.change ?? Number.NaN)),
  ];
}

function storeRows({ look, change, sent }: StoreRounds): string {
  const rows = look.names.map((name) => {
    const counted = sent.get(name);
    const perRequest = counted === undefined ? ['', ''] : [counted.look.toFixed(2), counted.change.toFixed(2)];
    const rate = (rounds: Rounds): string => (1e6 / rounds.of(name).median).toFixed(0);
    return [name, rate(look), rate(change), ...perRequest];
  });
  return table(['', 'unchanged, a second', 'changed, a second', 'commands unchanged', 'commands changed'], rows);
}
