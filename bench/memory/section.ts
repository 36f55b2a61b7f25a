import { GOALS, type Outcome, outcome } from '../goals.js';
import { Child } from '../harness/child.js';
import type { Options } from '../options.js';
import { goalRows } from '../report-parts.js';
import { table } from '../text-table.js';
import { count } from '../token/tables.js';
import { type HeapAt, longRun } from './long-run.js';
import type { RequestMemory } from './requests.js';
import type { RevocationMemory } from './revocations.js';
import type { SessionMemory } from './sessions.js';

interface Effort {
  readonly sessions: number;
  readonly tokens: number;
  readonly revocations: number;
  readonly requests: number;
  /** How many requests a server has answered when its heap is measured. */
  readonly answered: readonly number[];
}

const FULL: Effort = {
  sessions: 1_000_000,
  tokens: 100_000,
  revocations: 1_000_000,
  requests: 2000,
  answered: [100_000, 250_000, 500_000, 750_000, 1_000_000],
};
const QUICK: Effort = { sessions: 20_000, tokens: 5000, revocations: 20_000, requests: 200, answered: [200, 400] };

const SERVERS = ['Express, sessions-jwt', 'Express, sessions-jwt, MemoryStore'];

const MIB = 1024 * 1024;

/** Bytes, and whether they stay the same. */
export async function memorySection({ isQuick }: Options): Promise<string> {
  const effort = isQuick ? QUICK : FULL;
  const sessions = sessionsIn(await measured('sessions', effort.sessions));
  const token = Number(await measured('tokens', effort.tokens));
  const revocations = revocationsIn(await measured('revocations', effort.revocations));
  const requests = requestsIn(await measured('requests', effort.requests));
  // Side by side: no CPU time is measured.
  const heaps = await Promise.all(SERVERS.map(async (name) => ({ name, heaps: await longRun(name, effort.answered) })));
  return [
    goalRows(outcomesOf(sessions, revocations)),
    `Bytes are those in use after a collection of garbage: of the V8 heap, and outside it. Each session is of another user, who signed in with the request that made it. Each measurement has a process of its own. A request under way is one of ${count(effort.requests)} on
Express whose handler has read its session and waits; what the bare request takes is subtracted. The servers of the last table answer requests of 200 sessions, of which every fifth half second
changes them. The sweep is measured by the turns of the event loop while all sessions are removed; a turn that another process interrupts is longer by that.`,
    table(
      ['', 'bytes'],
      [
        [`a session in a MemoryStore, of ${count(effort.sessions)}`, sessions.session.toFixed(0)],
        ['of these its data as JSON', sessions.data.toFixed(0)],
        ['what a rotation leaves for an hour', sessions.tombstone.toFixed(0)],
        [`a token in the cache, of ${count(effort.tokens)}`, token.toFixed(0)],
        [`a revocation, of ${count(effort.revocations)}`, (revocations.bytes / effort.revocations).toFixed(1)],
        ['a request under way, in JWT form: above bare', (requests.session - requests.bare).toFixed(0)],
        ['a bare request under way', requests.bare.toFixed(0)],
      ],
    ),
    `Sweep of ${count(effort.sessions)} sessions: ${sessions.sweep.toFixed(2)} ms a turn at most in 99 of 100, the longest ${sessions.longestSweep.toFixed(2)} ms. Start-up from a log with ${count(effort.revocations)} entries: ${revocations.start.toFixed(2)} s.`,
    heapTable(effort.answered, heaps),
  ].join('\n\n');
}

function outcomesOf(sessions: SessionMemory, revocations: RevocationMemory): Outcome[] {
  return [
    outcome(GOALS.memorySession, sessions.session - sessions.data),
    outcome(GOALS.memorySweep, sessions.sweep),
    outcome(GOALS.revocationsMemory, revocations.bytes / MIB),
    outcome(GOALS.revocationsStart, revocations.start),
  ];
}

function heapTable(
  answered: readonly number[],
  servers: readonly { readonly name: string; readonly heaps: readonly HeapAt[] }[],
): string {
  const rows = servers.map(({ name, heaps }) => [name, ...heaps.map(({ bytes }) => (bytes / MIB).toFixed(2))]);
  return table(['MiB in use after so many requests', ...answered.map(count)], rows);
}

async function measured(name: string, number: number): Promise<unknown> {
  const file = new URL('measured.ts', import.meta.url);
  const [child, first] = await Child.start(file, { args: [name, String(number)], execArgv: ['--expose-gc'] });
  await child.stop();
  return first;
}

function sessionsIn(answer: unknown): SessionMemory {
  const { session, data, tombstone, sweep, longestSweep } = Object(answer);
  return { session, data, tombstone, sweep, longestSweep };
}

function revocationsIn(answer: unknown): RevocationMemory {
  const { bytes, start } = Object(answer);
  return { bytes, start };
}

function requestsIn(answer: unknown): RequestMemory {
  const { bare, session } = Object(answer);
  return { bare, session };
}
