import { Rounds } from '../harness/rounds.js';
import { shuffle } from '../harness/shuffle.js';
import type { Backends } from './backends.js';
import type { StoreContender } from './contender.js';
import { openContenders } from './contenders.js';

/** How long to measure. */
export interface StoreEffort {
  readonly rounds: number;
  readonly warmup: number;
  /** Operations of each contender in a round. */
  readonly operations: number;
}

/** What was measured: µs an operation, and what each sends to its server. */
export interface StoreRounds {
  readonly look: Rounds;
  readonly change: Rounds;
  readonly sent: ReadonlyMap<string, { readonly look: number; readonly change: number }>;
}

const SESSIONS = 1000;
const IN_FLIGHT = 64;
const COUNTED = 200;

/** Sessions in stores without HTTP: 64 requests under way at a time, each of another of 1,000 sessions. */
export async function storeTable(
  { rounds, warmup, operations }: StoreEffort,
  backends: Backends,
): Promise<StoreRounds> {
  const contenders = await openContenders(backends, SESSIONS);
  const samples = { look: new Map<string, number[]>(), change: new Map<string, number[]>() };
  const sent = new Map<string, { look: number; change: number }>();
  try {
    for (let round = -warmup; round < rounds; round += 1) {
      for (const contender of shuffle(contenders)) {
        for (const kind of shuffle(['look', 'change'] as const)) {
          const us = await time(contender, kind, operations);
          const list = samples[kind].get(contender.name) ?? [];
          samples[kind].set(contender.name, list);
          if (round >= 0) list.push(us);
        }
      }
    }
    for (const contender of contenders) {
      const { name, count } = contender;
      if (count === undefined) continue;
      const look = await count(() => run(contender, 'look', COUNTED, 1));
      const change = await count(() => run(contender, 'change', COUNTED, 1));
      sent.set(name, { look: look / COUNTED, change: change / COUNTED });
    }
  } finally {
    for (const contender of contenders) await contender.close();
  }
  return { look: new Rounds(samples.look), change: new Rounds(samples.change), sent };
}

async function time(contender: StoreContender, kind: 'look' | 'change', operations: number): Promise<number> {
  const start = performance.now();
  await run(contender, kind, operations, IN_FLIGHT);
  return ((performance.now() - start) * 1000) / operations;
}

async function run(
  contender: StoreContender,
  kind: 'look' | 'change',
  operations: number,
  inFlight: number,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < operations) {
      const index = next % SESSIONS;
      next += 1;
      await contender[kind](index);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}
