import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What a client sends: the name and the arguments. */
export type Command = readonly string[];

/**
 * Stands between a client and a Redis: keeps what was sent, and when it is told to, cuts the connection with a reply on
 * its way: then a command was carried out, and its client cannot know.
 */
export class WireTap {
  readonly commands: Command[] = [];
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut: { readonly when: (command: Command) => boolean; readonly meanwhile: () => Promise<void> } | undefined;
  #open: Promise<void> = Promise.resolve();
  #cuts = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async before(redisPort: number): Promise<WireTap> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    const tap = new WireTap(server, address.port);
    server.on('connection', (client) => tap.#join(client, redisPort));
    return tap;
  }

  /** How often it has cut. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Cuts off the reply to the next such command; the client may connect again when `meanwhile` is through. */
  cutNext(when: (command: Command) => boolean, meanwhile: () => Promise<void> = async () => {}): void {
    this.#cut = { when, meanwhile };
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket, redisPort: number): void {
    const redis = connect(redisPort, '127.0.0.1');
    const requests = new Requests();
    let isToBeCut = false;
    for (const socket of [client, redis]) {
      this.#sockets.add(socket);
      // The other end may be gone already, which is what this is for.
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        redis.destroy();
      });
    }
    client.on('data', async (chunk: Buffer) => {
      await this.#open;
      for (const command of requests.take(chunk)) {
        this.commands.push(command);
        isToBeCut ||= this.#cut?.when(command) ?? false;
      }
      redis.write(chunk);
    });
    redis.on('data', (chunk: Buffer) => {
      const cut = this.#cut;
      if (!isToBeCut || cut === undefined) return void client.write(chunk);
      this.#cut = undefined;
      this.#cuts += 1;
      this.#open = cut.meanwhile();
      client.destroy();
    });
  }
}

/** Commands out of a stream of bytes: `*<count>` and then, for each part, `$<bytes>` and the part. */
class Requests {
  #bytes = Buffer.alloc(0);

  take(chunk: Buffer): Command[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const commands: Command[] = [];
    for (;;) {
      const command = this.#first();
      if (command === undefined) return commands;
      commands.push(command);
    }
  }

  #first(): Command | undefined {
    let at = 0;
    const header = (): number | undefined => {
      const end = this.#bytes.indexOf('\r\n', at);
      if (end === -1) return undefined;
      const value = Number(this.#bytes.toString('latin1', at + 1, end));
      at = end + 2;
      return value;
    };
    const count = header();
    if (count === undefined) return undefined;
    const parts: string[] = [];
    while (parts.length < count) {
      const length = header();
      if (length === undefined || this.#bytes.length < at + length + 2) return undefined;
      parts.push(this.#bytes.toString('utf8', at, at + length));
      at += length + 2;
    }
    this.#bytes = this.#bytes.subarray(at);
    return parts;
  }
}
