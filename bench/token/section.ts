import { GOALS, type Outcome, outcome } from '../goals.js';
import { type Rounds, ratio } from '../harness/rounds.js';
import type { Spread } from '../harness/statistics.js';
import type { Options } from '../options.js';
import { goalRows, spread } from '../report-parts.js';
import { table } from '../text-table.js';
import { BARE_SIGN, BARE_VERIFY, FAST_JWT_CACHED } from './peers.js';
import {
  coldTable,
  count,
  createTable,
  type Effort,
  NOTHING_REVOKED,
  OURS_CREATE,
  OURS_DATA,
  OURS_UID,
  warmTable,
} from './tables.js';

const FULL: Effort = { rounds: 40, warmup: 12, revocations: 1_000_000 };
const QUICK: Effort = { rounds: 10, warmup: 6, revocations: 100_000 };

const METHOD = `In each round every contender does the same work once, in random order. A ratio is taken between two figures of the same
round. The tables show medians over the rounds, with the middle half in parentheses. The rows marked noise are the baseline measured once
more: what separates them from 1 is what this machine cannot tell apart.

Tokens are HS512, about 500 characters, each handed in as a new string decoded from bytes, as a server gets it. Keys are prepared KeyObjects, or
what the peer prepares of the bytes. "Seen before" are 2,000 tokens in turn; fast-jwt's cache has room for 10,000, as ours has. "Never seen" are
2,000 new ones a round. The bare calls return claims as they are: they know nothing of sessions, expiry by activity, or revocation. jose is
asynchronous and is awaited one at a time, its worst case.`;

/** Tokens without HTTP. */
export async function tokenSection({ rounds, isQuick }: Options): Promise<string> {
  const plan = isQuick ? QUICK : FULL;
  const effort = { ...plan, rounds: rounds ?? plan.rounds };
  const warm = await warmTable(effort);
  const cold = await coldTable(effort);
  const create = await createTable(effort);
  return [
    goalRows(outcomesOf(warm, cold, create, effort)),
    METHOD,
    `### A token seen before (${warm.count} rounds)`,
    tokenTable(warm, BARE_VERIFY, FAST_JWT_CACHED),
    `### A token never seen before (${cold.count} rounds)`,
    tokenTable(cold, BARE_VERIFY),
    `### A token for a new session (${create.count} rounds)`,
    tokenTable(create, BARE_SIGN),
  ].join('\n\n');
}

function outcomesOf(warm: Rounds, cold: Rounds, create: Rounds, { revocations }: Effort): Outcome[] {
  const shareOf = (rounds: Rounds, a: string, b: string): number => rounds.paired(a, b, ratio).median;
  return [
    outcome(GOALS.knownTokenBesideCache, shareOf(warm, FAST_JWT_CACHED, OURS_DATA)),
    outcome(GOALS.knownTokenBesideVerify, shareOf(warm, BARE_VERIFY, OURS_DATA)),
    outcome(GOALS.newToken, shareOf(cold, NOTHING_REVOKED, BARE_VERIFY)),
    outcome(GOALS.create, shareOf(create, OURS_CREATE, BARE_SIGN)),
    outcome(GOALS.revocationsSpeed, shareOf(warm, `${OURS_UID}, ${count(revocations)} revoked`, OURS_UID)),
  ];
}

function tokenTable(rounds: Rounds, base: string, other?: string): string {
  const rows = rounds.names.map((name) => [
    name,
    rounds.of(name).median.toFixed(0),
    spread(rounds.paired(name, base, ratio), 3),
    times(rounds.paired(base, name, ratio)),
    ...(other === undefined ? [] : [times(rounds.paired(other, name, ratio))]),
  ]);
  const last = other === undefined ? [] : [`times as fast as ${other}`];
  return table(['', 'ns', `time / ${base} (middle half)`, `times as fast as ${base}`, ...last], rows);
}

function times({ median }: Spread): string {
  return `${median.toFixed(1)}x`;
}
