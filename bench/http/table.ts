import { Child } from '../harness/child.js';
import { shuffle } from '../harness/shuffle.js';
import { type ClientCommand, KINDS, type Kind } from './messages.js';
import { type KindRounds, Samples } from './samples.js';
import { Served, type Site } from './served.js';
import { type WarmUp, warmUp } from './warm-up.js';

/** How long to measure. */
export interface HttpEffort {
  readonly rounds: number;
  /** ms for which a server is under load in a round, for each kind of request. */
  readonly window: number;
  readonly warmup: WarmUp;
}

export interface HttpRounds extends Readonly<Record<Kind, KindRounds>> {
  /** Servers whose cost was not yet flat when the first round began. */
  readonly restless: readonly string[];
}

/** Live sessions over HTTP: the servers all run, and take turns in being loaded, in random order in each round. */
export async function httpTable(names: readonly string[], effort: HttpEffort, site: Site): Promise<HttpRounds> {
  const samples = new Samples(names);
  const servers: Served[] = [];
  const restless: string[] = [];
  const [client] = await Child.start<ClientCommand>(new URL('client.ts', import.meta.url));
  try {
    for (const name of names) {
      servers.push(await Served.start(name, client, site));
    }
    for (const server of servers) {
      if (!(await warmUp(server, effort.warmup))) restless.push(server.name);
    }
    for (let round = 0; round < effort.rounds; round += 1) {
      for (const server of shuffle(servers)) {
        for (const kind of shuffle(KINDS)) samples.add(server.name, kind, await server.measure(kind, effort.window));
      }
    }
  } finally {
    for (const server of servers) server.stop();
    client.stop();
  }
  return { look: samples.rounds('look'), change: samples.rounds('change'), restless };
}
