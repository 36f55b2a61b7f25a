import { Redis } from 'ioredis';
import { RedisRevocationLog, type RedisRevocationLogOptions } from '../../../src/drivers/redis/index.js';
import { type ClientMake, newName, type OpenClient } from './support.js';

/** The logs of one test, on keys of their own, and how to look at these. */
export class Logs {
  readonly prefix: string = `${newName()}:`;
  readonly #clients: OpenClient[] = [];
  readonly #logs: RedisRevocationLog[] = [];
  readonly #admins: Redis[] = [];

  /** A log with a client of its own. */
  async open(
    make: ClientMake,
    port: number,
    options: Partial<RedisRevocationLogOptions> = {},
  ): Promise<RedisRevocationLog> {
    const opened = await make.open(port);
    this.#clients.push(opened);
    const log = new RedisRevocationLog({ client: opened.client, prefix: this.prefix, ...options });
    this.#logs.push(log);
    return log;
  }

  /** A client to look at a server, and to change it. */
  admin(port: number): Redis {
    const admin = new Redis({ port, host: '127.0.0.1' });
    admin.on('error', () => {});
    this.#admins.push(admin);
    return admin;
  }

  key(name: string): string {
    return `${this.prefix}{revocations}:${name}`;
  }

  async close(): Promise<void> {
    for (const log of this.#logs.splice(0)) await log.close();
    for (const { close } of this.#clients.splice(0)) close();
    for (const admin of this.#admins.splice(0)) admin.disconnect();
  }
}

/** The name of an entry in its position. */
export function nameIn(seq: string): string {
  return seq.slice(seq.indexOf(':') + 1);
}

export function logIn(seq: string): string {
  return seq.slice(0, seq.indexOf(':'));
}
