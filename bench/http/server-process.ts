import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server of one variant in a process of its own. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(variant: string, more: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const env = { ...process.env, ...more, NODE_ENV: 'test' };
    const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [variant], { env });
    return new ServerProcess(child, await nextNumber(child));
  }

  /** µs of CPU used so far, of the user and of the system for it. */
  async cpu(): Promise<number> {
    const answer = nextNumber(this.#child);
    this.#child.send('cpu');
    return await answer;
  }

  stop(): void {
    this.#child.disconnect();
  }
}

async function nextNumber(child: ChildProcess): Promise<number> {
  const gone = new AbortController();
  try {
    const exit = once(child, 'exit', { signal: gone.signal }).then(() => ['its process ended']);
    const [message] = await Promise.race([once(child, 'message', { signal: gone.signal }), exit]);
    if (typeof message !== 'number') throw new Error(`server: ${message}`);
    return message;
  } finally {
    gone.abort();
  }
}
