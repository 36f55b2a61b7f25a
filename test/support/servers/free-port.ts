import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to connections, so that none of those takes one while its server is being started or is away. */
const LOWEST = 15_000;
/** The ports of a process that runs tests. */
const SHARE = 4_000;
const SHARES = 4;

const first = LOWEST + SHARE * (Number(process.env['MOCHA_WORKER_ID'] ?? 0) % SHARES);
let next = randomInt(SHARE);

/** A port on 127.0.0.1 that is free, and that this process has not had before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + next;
    next = (next + 1) % SHARE;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
