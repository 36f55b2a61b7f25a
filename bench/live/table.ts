import { Child } from '../harness/child.js';
import { Rounds } from '../harness/rounds.js';
import { shuffle } from '../harness/shuffle.js';
import { LIVE_SERVERS } from './live-servers.js';
import type { ClientCommand, MemoryUse, ServerCommand, StreamsCost } from './messages.js';
import { OUR_LIVE } from './ours.js';

/** How much to measure. */
export interface LiveEffort {
  /** Streams of each server. */
  readonly streams: number;
  readonly warmup: number;
  readonly rounds: number;
}

/** What was measured of each server. */
export interface LiveRounds {
  readonly streams: number;
  /** Bytes a stream, without what the server took for the first tenth of them. */
  readonly memory: ReadonlyMap<string, MemoryUse>;
  /** ms of a broadcast, see `StreamsCost`. */
  readonly costs: Readonly<Record<keyof StreamsCost, Rounds>>;
  /** What it took to end all streams, once for each server with sessions. */
  readonly ends: ReadonlyMap<string, StreamsCost>;
}

const CLIENT_PROCESSES = 5;
const COSTS = ['time', 'cpu', 'turn', 'turnCpu'] as const;

interface Running {
  readonly name: string;
  readonly port: number;
  readonly server: Child<ServerCommand>;
}

/** Open streams: first what they keep in memory, server after server, then broadcasts to them, in which all servers take turns. */
export async function liveTable({ streams, warmup, rounds }: LiveEffort): Promise<LiveRounds> {
  const clients: Child<ClientCommand>[] = [];
  const running: Running[] = [];
  const memory = new Map<string, MemoryUse>();
  const ends = new Map<string, StreamsCost>();
  const samples = Object.fromEntries(COSTS.map((cost) => [cost, samplesOf()]));
  try {
    for (let at = 0; at < CLIENT_PROCESSES; at += 1) {
      clients.push((await Child.start<ClientCommand>(new URL('clients.ts', import.meta.url)))[0]);
    }
    for (const name of Object.keys(LIVE_SERVERS)) {
      const [server, port] = await Child.start<ServerCommand>(new URL('server.ts', import.meta.url), {
        args: [name],
        execArgv: ['--expose-gc'],
      });
      running.push({ name, server, port: Number(port) });
    }
    for (const { name, server, port } of running) memory.set(name, await fill(server, port, clients, streams));
    for (let round = -warmup; round < rounds; round += 1) {
      for (const { name, server, port } of shuffle(running)) {
        const heard = Promise.all(clients.map((client) => client.ask({ port })));
        const cost = costIn(await server.ask('broadcast'));
        await heard;
        if (round >= 0) for (const kind of COSTS) samples[kind]?.get(name)?.push(cost[kind]);
      }
    }
    for (const { name, server } of running) {
      if (name in OUR_LIVE) ends.set(name, costIn(await server.ask('end')));
    }
  } finally {
    await Promise.all([...clients, ...running.map(({ server }) => server)].map((child) => child.stop()));
  }
  const [time, cpu, turn, turnCpu] = COSTS.map((cost) => new Rounds(samples[cost] ?? new Map()));
  if (!time || !cpu || !turn || !turnCpu) throw new Error('nothing was measured');
  return { streams, memory, costs: { time, cpu, turn, turnCpu }, ends };
}

/** Opens the streams of a server. Gives what one of them takes. */
async function fill(
  server: Child<ServerCommand>,
  port: number,
  clients: readonly Child<ClientCommand>[],
  streams: number,
): Promise<MemoryUse> {
  const given = await server.ask({ cookies: streams });
  const cookies = Array.from({ length: streams }, (_, at) => (Array.isArray(given) ? String(given[at] ?? '') : ''));
  const first = Math.floor(streams / 10);
  await open(clients, port, cookies.slice(0, first));
  const before = memoryIn(await server.ask('memory'));
  await open(clients, port, cookies.slice(first, -1));
  // The one that is written to last.
  await open(clients.slice(0, 1), port, cookies.slice(-1));
  const after = memoryIn(await server.ask('memory'));
  const more = streams - first;
  return { rss: (after.rss - before.rss) / more, heap: (after.heap - before.heap) / more };
}

async function open(clients: readonly Child<ClientCommand>[], port: number, cookies: readonly string[]): Promise<void> {
  const share = Math.ceil(cookies.length / clients.length);
  await Promise.all(
    clients.map((client, at) => client.ask({ port, cookies: cookies.slice(at * share, (at + 1) * share) })),
  );
}

function samplesOf(): Map<string, number[]> {
  return new Map(Object.keys(LIVE_SERVERS).map((name) => [name, []]));
}

function memoryIn(answer: unknown): MemoryUse {
  const { rss, heap } = Object(answer);
  return { rss, heap };
}

function costIn(answer: unknown): StreamsCost {
  const { time, cpu, turn, turnCpu } = Object(answer);
  return { time, cpu, turn, turnCpu };
}
