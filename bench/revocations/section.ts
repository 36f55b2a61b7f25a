import { temporaryFolder } from '../../test/support/servers/program.js';
import { type Outcome, outcome } from '../goals.js';
import { Child } from '../harness/child.js';
import { quantile, type Spread, spreadOf } from '../harness/statistics.js';
import type { Options } from '../options.js';
import { goalRows } from '../report-parts.js';
import { startBackends } from '../stores/backends.js';
import { table } from '../text-table.js';
import { count } from '../token/tables.js';
import { delaysOver } from './delays.js';
import { LOGS, type LogName, OPEN } from './logs.js';
import type { Start } from './start.js';

interface Effort {
  readonly revocations: number;
  /** Entries in the log when a process starts. */
  readonly entries: number;
}

/** The default of SqliteRevocationLog. */
const POLL_INTERVAL = 250;

/** What a log is to reach. All logs start within 2 s, in 40 MiB. */
interface LogGoal {
  /** ms of 99 of 100 revocations. */
  readonly delay: number;
  /** ms; see `delaysOver`. */
  readonly longestPause: number;
}

const GOALS: Readonly<Record<LogName, LogGoal>> = {
  SqliteRevocationLog: { delay: POLL_INTERVAL, longestPause: POLL_INTERVAL },
  RedisRevocationLog: { delay: 100, longestPause: 10 },
  PostgresRevocationLog: { delay: 100, longestPause: 10 },
};
const SECONDS = 2;
const START = `Of a start from SQLite, where nothing happens at the same time, SQLite takes a third; reading lines, adding them to the table and the collection of garbage take the rest. The others
overlap the work of the server with that. Tried and kept: decision 123, which took a fifth off SQLite and two fifths off the others.`;
const STARTS = 5;
const MEBIBYTES = 40;

const FULL: Effort = { revocations: 500, entries: 1_000_000 };
const QUICK: Effort = { revocations: 30, entries: 20_000 };

const MIB = 1024 * 1024;

interface Measured {
  readonly name: LogName;
  /** ms, sorted. */
  readonly delays: readonly number[];
  readonly starts: readonly Start[];
}

/** How soon another process refuses what was revoked, and how soon a process has read a long log. */
export async function revocationSection({ isQuick, rounds }: Options): Promise<string> {
  const effort = isQuick ? QUICK : FULL;
  const backends = await startBackends();
  const places: Readonly<Record<LogName, string>> = {
    SqliteRevocationLog: temporaryFolder(),
    RedisRevocationLog: backends.redisUrl,
    PostgresRevocationLog: backends.databaseUrl,
  };
  try {
    const measured: Measured[] = [];
    for (const name of LOGS)
      measured.push(await measuredOver(name, places[name], rounds ?? effort.revocations, effort.entries));
    return report(measured, effort);
  } finally {
    await backends.stop();
  }
}

async function measuredOver(name: LogName, place: string, revocations: number, entries: number): Promise<Measured> {
  // First the log that is full, because `fill` wants one that is empty.
  const { fill, close } = await OPEN[name](place);
  await fill(entries);
  await close();
  const starts: Start[] = [];
  while (starts.length < STARTS) starts.push(await startOver(name, place));
  const delays = await delaysOver(name, place, revocations, GOALS[name].longestPause);
  return { name, delays, starts };
}

async function startOver(name: LogName, place: string): Promise<Start> {
  const [child, first] = await Child.start(new URL('start.ts', import.meta.url), {
    args: [name, place],
    execArgv: ['--expose-gc'],
  });
  await child.stop();
  const { seconds, bytes } = Object(first);
  return { seconds, bytes };
}

function report(measured: readonly Measured[], { entries }: Effort): string {
  return [
    goalRows(measured.flatMap((one) => outcomesOf(one, entries))),
    `One process revokes sessions, one after the other, and another process refuses them. Both have a RevocationList over the same log, with the defaults, which has ${count(entries)} entries
already. The time runs from the call of \`revoke\` until the first process hears that the second one's \`get\` threw. The pollInterval of a SqliteRevocationLog is ${POLL_INTERVAL} ms; before each revocation there is a pause of random length, so
that revocations do not keep step with that.

The start of a process runs from the opening of the log until \`ready()\`, with the connection and without the imports: the median of ${STARTS}, and in parentheses the middle half. Memory is what is
in use then and was not before, after a collection of garbage: the median.`,
    table(
      ['', 'revocations', 'ms until refused elsewhere, median', '99 of 100', 'longest', 'start, s', 'memory, MiB'],
      measured.map(({ name, delays, starts }) => [
        name,
        String(delays.length),
        ...[0.5, 0.99, 1].map((share) => quantile(delays, share).toFixed(1)),
        startOf(secondsOf(starts)),
        mebibytesOf(starts).toFixed(1),
      ]),
    ),
  ].join('\n\n');
}

function outcomesOf({ name, delays, starts }: Measured, entries: number): Outcome[] {
  const atMost = (what: string, bound: number, value: number, obstacle?: string): Outcome =>
    outcome({ what: `${name}: ${what}`, atMost: bound, ...(obstacle === undefined ? {} : { obstacle }) }, value);
  return [
    atMost('ms until another process refuses a revoked session, 99 of 100', GOALS[name].delay, quantile(delays, 0.99)),
    atMost(`s until a process has read ${count(entries)} entries`, SECONDS, secondsOf(starts).median, START),
    atMost(`MiB of a process that has read ${count(entries)} entries`, MEBIBYTES, mebibytesOf(starts)),
  ];
}

function startOf({ median, low, high }: Spread): string {
  return `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function secondsOf(starts: readonly Start[]): Spread {
  return spreadOf(starts.map(({ seconds }) => seconds));
}

function mebibytesOf(starts: readonly Start[]): number {
  return spreadOf(starts.map(({ bytes }) => bytes)).median / MIB;
}
