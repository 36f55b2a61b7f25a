import { type Outcome, outcome } from '../goals.js';
import { ratio } from '../harness/rounds.js';
import { quantile } from '../harness/statistics.js';
import type { Closings } from './closings.js';
import type { LiveRounds } from './table.js';

const KIB = 1024;

const STREAM =
  'A stream keeps its session and the cookie header of its request. It also keeps its place among the streams of its session and user, and what their end needs.';
const BROADCAST =
  'A call of write(2) for each stream is most of both: the row "node:http, socket loop" has nothing else, and is the least that can be reached. What is above it finds the streams, asks each whether the event is for it and whether it keeps up, and lets the event loop turn between slices.';
const TURN =
  'A slice of 200 streams takes about 2 ms of CPU. What is above that is a collection of garbage, or time in which other processes had the CPU: compare the last column of the table.';

const END =
  'A turn decides about 200 streams and ends 25 responses: about 1 ms. What is above that is code that runs for the first time, a collection of garbage, or time in which other processes had the CPU.';

const CLOSING =
  'The announcement goes to the bus and to the other instance, each of which another process may keep waiting.';

/** Ours, the bare server of the same framework, and the peer on it. */
const SIDE_BY_SIDE = [
  { own: 'Express, sessions-jwt', bare: 'Express, write loop', peer: 'Express, better-sse' },
  { own: 'Fastify, sessions-jwt', bare: 'Fastify, write loop', peer: 'Fastify, @fastify/sse' },
] as const;

/** What streams are to reach. */
export function liveOutcomes({ memory, costs: { time, turn }, ends }: LiveRounds, closings: Closings): Outcome[] {
  const rss = (name: string): number => memory.get(name)?.rss ?? Number.NaN;
  const besideOthers = SIDE_BY_SIDE.flatMap(({ own, bare, peer }) => [
    atMost(`${own}: KiB (RSS) a stream above ${bare}`, 6, (rss(own) - rss(bare)) / KIB, STREAM),
    atMost(`${own}: time of a broadcast, as share of ${bare}`, 1.25, time.paired(own, bare, ratio).median, BROADCAST),
    atMost(`${own}: time of a broadcast, as share of ${peer}`, 0.5, time.paired(own, peer, ratio).median, BROADCAST),
    atMost(`${own}: longest turn of the event loop in a broadcast, ms`, 10, turn.of(own).median, TURN),
  ]);
  const ending = Array.from(ends, ([own, cost]) =>
    atMost(`${own}: longest turn of the event loop while all streams end, ms`, 10, cost.turn, END),
  );
  const elsewhere = Array.from(closings, ([bus, times]) =>
    atMost(`${bus}: ms until a stream of another instance ends, 99 of 100`, 100, quantile(times, 0.99), CLOSING),
  );
  return [...besideOthers, ...ending, ...elsewhere];
}

function atMost(what: string, bound: number, measured: number, obstacle: string): Outcome {
  return outcome({ what, atMost: bound, obstacle }, measured);
}
