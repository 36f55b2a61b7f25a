import { Connection } from './connection.js';
import type { Kind, LoadResult } from './messages.js';
import { Visitor } from './visitor.js';

const CONNECTIONS = 32;
const VISITORS = 200;

/** Signed-in clients of one server: 200 sessions over 32 keep-alive connections. */
export class Load {
  readonly #connections: readonly Connection[];
  readonly #visitors: readonly Visitor[];
  #sent = 0;

  private constructor(connections: readonly Connection[], visitors: readonly Visitor[]) {
    this.#connections = connections;
    this.#visitors = visitors;
  }

  static async signIn(port: number): Promise<Load> {
    const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(port)));
    const [first] = connections;
    const visitors: Visitor[] = [];
    while (first !== undefined && visitors.length < VISITORS) visitors.push(await Visitor.signIn(first));
    return new Load(connections, visitors);
  }

  /** Sends requests for so many ms, on each connection as fast as they are answered. @throws Error if one fails */
  async run(kind: Kind, ms: number): Promise<LoadResult> {
    const first = this.#sent;
    const start = performance.now();
    const work = async (connection: Connection): Promise<void> => {
      while (performance.now() - start < ms) {
        const visitor = this.#visitors[this.#sent % this.#visitors.length];
        this.#sent += 1;
        await visitor?.send(kind, connection);
      }
    };
    stayAwake(() => performance.now() - start < ms);
    await Promise.all(this.#connections.map(work));
    return { requests: this.#sent - first, ms: performance.now() - start };
  }
}

/** Waking a process that sleeps is the work of who writes to it: it would count as the server's, the more the faster its clients are. */
function stayAwake(isUnderWay: () => boolean): void {
  if (isUnderWay()) setImmediate(() => stayAwake(isUnderWay));
}
