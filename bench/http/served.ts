import { Child } from '../harness/child.js';
import type { ClientCommand, CpuTime, Kind, LoadResult, ServerCommand } from './messages.js';

/** Where the servers run, and what they need to know. */
export interface Site {
  readonly env: Readonly<Record<string, string>>;
  /** The Node that runs them. */
  readonly node: string;
}

/** What one window of load measured. */
export interface Sample {
  readonly requests: number;
  /** Requests a second. */
  readonly rate: number;
  /** µs of the server's user CPU a request. */
  readonly user: number;
  /** µs of the server's CPU a request, of the user and of the system for it. */
  readonly cpu: number;
}

/** A server in a process of its own, with clients that are signed in. */
export class Served {
  readonly name: string;
  readonly #server: Child<ServerCommand>;
  readonly #client: Child<ClientCommand>;
  readonly #port: number;

  private constructor(name: string, server: Child<ServerCommand>, client: Child<ClientCommand>, port: number) {
    this.name = name;
    this.#server = server;
    this.#client = client;
    this.#port = port;
  }

  /** Starts the server with this name in `SERVERS`, on the Node at `node`. */
  static async start(name: string, client: Child<ClientCommand>, { env, node }: Site): Promise<Served> {
    const file = new URL('server.ts', import.meta.url);
    const [server, port] = await Child.start<ServerCommand>(file, {
      args: [name],
      env,
      execArgv: ['--expose-gc'],
      node,
    });
    await client.ask({ signIn: Number(port) });
    return new Served(name, server, client, Number(port));
  }

  /** Loads the server for so many ms. */
  async measure(kind: Kind, ms: number): Promise<Sample> {
    const before = cpuIn(await this.#server.ask('cpu'));
    const { requests, ms: took } = resultIn(await this.#client.ask({ load: this.#port, kind, ms }));
    const after = cpuIn(await this.#server.ask('cpu'));
    const user = (after.user - before.user) / requests;
    return { requests, rate: (requests / took) * 1000, user, cpu: user + (after.system - before.system) / requests };
  }

  /** Bytes in use, see `bytesInUse`. */
  async bytes(): Promise<number> {
    return Number(await this.#server.ask('bytes'));
  }

  /** Resolves when its process has ended. */
  async stop(): Promise<void> {
    await this.#server.stop();
  }
}

function cpuIn(answer: unknown): CpuTime {
  const { user, system } = Object(answer);
  return { user, system };
}

function resultIn(answer: unknown): LoadResult {
  const { requests, ms } = Object(answer);
  return { requests, ms };
}
