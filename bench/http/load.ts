import { Connection, cookiesOf, requestBytes } from './connection.js';

const CONNECTIONS = 32;
const SESSIONS = 200;
const LONGEST_RUN = 30_000;

/** Signed-in clients of one server: 200 sessions over 32 keep-alive connections. */
export class Load {
  readonly #connections: readonly Connection[];
  readonly #requests: readonly Buffer[];

  private constructor(connections: readonly Connection[], requests: readonly Buffer[]) {
    this.#connections = connections;
    this.#requests = requests;
  }

  static async signIn(port: number): Promise<Load> {
    const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(port)));
    const [first] = connections;
    const requests: Buffer[] = [];
    while (first !== undefined && requests.length < SESSIONS) {
      const cookie = cookiesOf(await first.request(requestBytes('POST', '/sign-in')));
      requests.push(requestBytes('GET', '/', cookie === '' ? undefined : cookie));
    }
    return new Load(connections, requests);
  }

  /** Sends so many requests as fast as they are answered. Gives ms. @throws Error for any status but 200, or after 30 s */
  async run(count: number): Promise<number> {
    let sent = 0;
    const start = performance.now();
    const work = async (connection: Connection): Promise<void> => {
      while (sent < count) {
        const request = this.#requests[sent % this.#requests.length] ?? Buffer.of();
        sent += 1;
        const { status } = await connection.request(request);
        if (status !== '200') throw new Error(`the server answered ${status}`);
        if (performance.now() - start > LONGEST_RUN) throw new Error(`no end after ${LONGEST_RUN} ms`);
      }
    };
    await Promise.all(this.#connections.map(work));
    return performance.now() - start;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
