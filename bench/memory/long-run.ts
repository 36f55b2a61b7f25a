import { Child } from '../harness/child.js';
import type { ClientCommand } from '../http/messages.js';
import { Served } from '../http/served.js';

/** Bytes in use of a server, after so many requests. */
export interface HeapAt {
  readonly requests: number;
  readonly bytes: number;
}

const WINDOW = 500;
/** One window in so many has requests that change the session. */
const CHANGES = 5;

/** Loads a server, and takes its bytes in use when it has answered each of these numbers of requests. */
export async function longRun(name: string, numbers: readonly number[]): Promise<HeapAt[]> {
  const [client] = await Child.start<ClientCommand>(new URL('../http/client.ts', import.meta.url));
  const server = await Served.start(name, client, { env: {}, node: process.execPath });
  try {
    const heaps: HeapAt[] = [];
    let requests = 0;
    for (const number of numbers) {
      for (let window = 1; requests < number; window += 1) {
        requests += (await server.measure(window % CHANGES === 0 ? 'change' : 'look', WINDOW)).requests;
      }
      heaps.push({ requests, bytes: await server.bytes() });
    }
    return heaps;
  } finally {
    await Promise.all([server.stop(), client.stop()]);
  }
}
