import { Child } from '../harness/child.js';
import { shuffle } from '../harness/shuffle.js';
import { type ClientCommand, KINDS, type Kind } from './messages.js';
import { type KindRounds, Samples } from './samples.js';
import { Served, type Site } from './served.js';
import { type WarmUp, warmUp } from './warm-up.js';

/** How long to measure. */
export interface HttpEffort {
  readonly rounds: number;
  /** ms for which a server is under load before each window: while others took their turns, its caches went cold. */
  readonly leadIn: number;
  /** ms for which a server is under load in a round, for each kind of request. */
  readonly window: number;
  readonly warmup: WarmUp;
}

export interface HttpRounds extends Readonly<Record<Kind, KindRounds>> {
  /** Servers whose cost was not yet flat when the first round began. */
  readonly restless: readonly string[];
}

/**
 * Live sessions over HTTP. The servers of a group all run, and take turns in being loaded, in random order in each round.
 * @param groups the names of servers that are measured at the same time
 */
export async function httpTable(
  groups: readonly (readonly string[])[],
  effort: HttpEffort,
  site: Site,
): Promise<HttpRounds> {
  const samples = new Samples(groups.flat());
  const restless: string[] = [];
  for (const names of groups) restless.push(...(await measureGroup(names, effort, site, samples)));
  return { look: samples.rounds('look'), change: samples.rounds('change'), restless };
}

/** Returns the names of the servers that are restless. */
async function measureGroup(
  names: readonly string[],
  { rounds, leadIn, window, warmup }: HttpEffort,
  site: Site,
  samples: Samples,
): Promise<string[]> {
  const servers: Served[] = [];
  const restless: string[] = [];
  const [client] = await Child.start<ClientCommand>(new URL('client.ts', import.meta.url));
  try {
    for (const name of names) {
      servers.push(await Served.start(name, client, site));
    }
    for (const server of servers) {
      if (!(await warmUp(server, warmup))) restless.push(server.name);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const server of shuffle(servers)) {
        for (const kind of shuffle(KINDS)) {
          await server.measure(kind, leadIn);
          samples.add(server.name, kind, await server.measure(kind, window));
        }
      }
    }
  } finally {
    await Promise.all([...servers, client].map((child) => child.stop()));
  }
  return restless;
}
