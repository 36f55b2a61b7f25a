import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { needed } from './needed.js';
import { findProgram, ServerProcess, temporaryFolder } from './program.js';

const SLOTS = 16_384;
const NODES = 3;
const PATIENCE = 30_000;

/** A Redis of the tests' own, on 127.0.0.1. */
export interface RedisServer {
  readonly port: number;
  /** To pause, kill and start it again. */
  readonly process: ServerProcess;
}

/** What differs from the Redis that all tests share. */
export interface RedisSettings {
  /** Whether all that it has acknowledged is on disk. Default: nothing ever is. */
  readonly isDurable?: boolean | undefined;
  /** Settings as on the command line. */
  readonly more?: readonly string[] | undefined;
}

/** The Redis that all tests share: each takes keys of its own. */
export const sharedRedis: (context: Mocha.Context) => Promise<RedisServer> = needed(() => startRedis());

/** A Redis, with the way to stop it; or why there is none. */
export async function startRedis(
  settings: RedisSettings = {},
): Promise<{ readonly server: RedisServer; readonly stop: () => Promise<void> } | string> {
  const program = findProgram('redis-server');
  if (program === undefined) return 'the Redis store: there is no redis-server on this machine';
  const server = await start(program, settings);
  return { server, stop: () => server.process.stop('SIGKILL') };
}

/** A Redis that nobody else uses, for the test to end: `process.stop('SIGKILL')`. */
export async function ownRedis(context: Mocha.Context, settings: RedisSettings = {}): Promise<RedisServer> {
  await sharedRedis(context);
  return start(findProgram('redis-server') ?? '', settings);
}

/** The ports of three nodes that are a cluster together, shared by all tests. */
export const sharedCluster: (context: Mocha.Context) => Promise<readonly number[]> = needed(async () => {
  const program = findProgram('redis-server');
  if (program === undefined) return 'the Redis store in a cluster: there is no redis-server on this machine';
  const buses = await Promise.all(Array.from({ length: NODES }, () => freePort()));
  const nodes = await Promise.all(
    buses.map((bus) => start(program, { more: ['--cluster-enabled', 'yes', '--cluster-port', String(bus)] })),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.process.stop('SIGKILL')));
  };
  const ports = nodes.map(({ port }) => port);
  for (const [at, port] of ports.entries()) {
    const [first, next] = [at, at + 1].map((share) => Math.ceil((share * SLOTS) / NODES));
    await ask(port, `CLUSTER ADDSLOTSRANGE ${first} ${Number(next) - 1}`);
    await ask(port, `CLUSTER SET-CONFIG-EPOCH ${at + 1}`);
    // All of them at once: otherwise they hear of one another by and by.
    for (const [other, bus] of buses.entries()) await ask(port, `CLUSTER MEET 127.0.0.1 ${ports[other]} ${bus}`);
  }
  const giveUp = Date.now() + PATIENCE;
  for (const port of ports) {
    while (!(await knowsAll(port))) {
      if (Date.now() > giveUp) return stop().then(() => 'the Redis store in a cluster: its nodes do not meet');
      await delay(20);
    }
  }
  return { server: ports, stop };
});

async function start(program: string, { isDurable, more = [] }: RedisSettings): Promise<RedisServer> {
  const port = await freePort();
  const log = isDurable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', temporaryFolder()];
  const answers = async (): Promise<void> => {
    if (!(await ask(port, 'PING')).startsWith('+PONG')) throw new Error('not ready');
  };
  const args = [...place, '--save', '', ...log, ...more];
  return { port, process: await ServerProcess.start({ file: program, args, answers }) };
}

async function knowsAll(port: number): Promise<boolean> {
  const told = await ask(port, 'CLUSTER INFO');
  return told.includes('cluster_state:ok') && told.includes(`cluster_known_nodes:${NODES}`);
}

/** The first piece of what a Redis answers to a command, before any client can be had. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`${command}\r\n`);
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(5000) });
    return String(answer);
  } finally {
    socket.destroy();
  }
}
