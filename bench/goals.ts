import { BARE, type ExpressRounds, MEMORY_STORE, OURS } from './express/table.js';
import { type Rounds, ratio } from './harness/rounds.js';
import { BARE_SIGN, BARE_VERIFY, FAST_JWT_CACHED } from './token/peers.js';
import { OURS_CREATE, OURS_DATA, OURS_UID } from './token/tables.js';

/** Everything that one run measures. */
export interface Measured {
  readonly warm: Rounds;
  readonly cold: Rounds;
  readonly create: Rounds;
  readonly express: ExpressRounds;
}

/** A goal, and what came of it. */
export interface Outcome {
  readonly what: string;
  readonly goal: string;
  readonly measured: number;
  readonly isMet: boolean;
  /** By how much of the goal it was missed; 0 when met. */
  readonly gap: number;
}

/** What the package wants to reach: better than these figures is met. */
export function outcomesOf({ warm, cold, create, express }: Measured): Outcome[] {
  return [
    atLeast(
      'get of a known token: times as fast as fast-jwt cached',
      4,
      warm.paired(FAST_JWT_CACHED, OURS_DATA, ratio),
    ),
    atLeast('get of a known token: times as fast as bare verify', 15, warm.paired(BARE_VERIFY, OURS_DATA, ratio)),
    atMost('get of a new token: share of the time of bare verify', 1.1, cold.paired(OURS_UID, BARE_VERIFY, ratio)),
    atMost('create().forClient(): share of the time of bare sign', 1.15, create.paired(OURS_CREATE, BARE_SIGN, ratio)),
    atMost(
      "Express: CPU added to a request, as share of what express-session's memory store adds",
      0.25,
      express.cpu.aboveBase(OURS, MEMORY_STORE, BARE),
    ),
    atLeast('Express: share of bare throughput', 0.92, express.throughput.paired(OURS, BARE, ratio)),
  ];
}

function atLeast(what: string, goal: number, { median }: { readonly median: number }): Outcome {
  const isMet = median >= goal;
  return { what, goal: `>= ${goal}`, measured: median, isMet, gap: isMet ? 0 : 1 - median / goal };
}

function atMost(what: string, goal: number, { median }: { readonly median: number }): Outcome {
  const isMet = median <= goal;
  return { what, goal: `<= ${goal}`, measured: median, isMet, gap: isMet ? 0 : median / goal - 1 };
}
