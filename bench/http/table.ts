import { Rounds } from '../harness/rounds.js';
import { shuffle } from '../harness/shuffle.js';
import { SERVERS } from './frameworks.js';
import { Load } from './load.js';
import { ServerProcess } from './server-process.js';

/** How long to measure. */
export interface HttpEffort {
  readonly rounds: number;
  readonly warmup: number;
  readonly requests: number;
}

/** What was measured of each server. */
export interface HttpRounds {
  /** Requests a second. */
  readonly throughput: Rounds;
  /** µs of server CPU a request. */
  readonly cpu: Rounds;
}

export const BARE = 'bare';
export const BARE_AGAIN = 'bare, again (noise)';
export const OURS = 'sessions-jwt';
export const MEMORY_STORE = 'express-session';

interface Running {
  readonly name: string;
  readonly server: ServerProcess;
  readonly load: Load;
}

/** Live sessions over HTTP: the servers all run, and take turns in being loaded. `env` says where the stores' servers are. */
export async function httpTable(
  { rounds, warmup, requests }: HttpEffort,
  env: Readonly<Record<string, string>>,
): Promise<HttpRounds> {
  const names = [BARE_AGAIN, ...Object.keys(SERVERS)];
  const throughput = new Map(names.map((name): [string, number[]] => [name, []]));
  const cpu = new Map(names.map((name): [string, number[]] => [name, []]));
  const running: Running[] = [];
  try {
    for (const name of names) {
      const server = await ServerProcess.start(name === BARE_AGAIN ? BARE : name, env);
      running.push({ name, server, load: await Load.signIn(server.port) });
    }
    for (let round = -warmup; round < rounds; round += 1) {
      for (const { name, server, load } of shuffle(running)) {
        const before = await server.cpu();
        const ms = await load.run(requests);
        const used = (await server.cpu()) - before;
        if (round < 0) continue;
        throughput.get(name)?.push((requests / ms) * 1000);
        cpu.get(name)?.push(used / requests);
      }
    }
  } finally {
    for (const { server, load } of running) {
      load.close();
      server.stop();
    }
  }
  return { throughput: new Rounds(throughput), cpu: new Rounds(cpu) };
}
