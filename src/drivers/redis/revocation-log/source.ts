import { newId } from '../../../lib/id.js';
import type { LogPage, LogSource } from '../../shared/follow-log.js';
import type { LogPosition } from '../../shared/log-position.js';
import { Commands } from '../commands.js';
import type { LogConnection } from './connection.js';
import type { RevocationKeys } from './keys.js';
import { PAGE, READ } from './scripts.js';

/** ms for which a read waits for a new entry before it asks whether the log is still the same. */
const WAIT = 2_000;

/** Reads the log on one connection. Waiting is only a hint that there is something to read; the script decides. */
export class RedisLogSource implements LogSource {
  readonly #connection: LogConnection;
  readonly #keys: RevocationKeys;
  readonly #deadline: number;

  /** The last entry of the bell at the time of the last page. */
  #ring = '';

  constructor(connection: LogConnection, keys: RevocationKeys, deadline: number) {
    this.#connection = connection;
    this.#keys = keys;
    this.#deadline = deadline;
  }

  async connect(): Promise<void> {
    await this.#commands(this.#deadline).do(() => this.#connection.connect());
  }

  async page(after: LogPosition | undefined, expected: readonly string[]): Promise<LogPage | undefined> {
    const args = [newLogName(), after?.log ?? '', after?.entry ?? '', ...expected];
    const { state, entries, bell } = this.#keys;
    const reply = await this.#commands(this.#deadline).reply(READ, [state, entries, bell], args);
    const [log, newest, ring, texts] = Array.isArray(reply) ? reply : [];
    if (log === undefined) return undefined;
    this.#ring = String(ring);
    const lines = Array.isArray(texts) ? texts.flatMap((text) => String(text).split('\n')) : [];
    return { log: String(log), newest: String(newest), lines, isFull: lines.length === PAGE };
  }

  async changed(): Promise<void> {
    await this.#commands(WAIT + this.#deadline).do(() => this.#connection.wait(this.#keys.bell, this.#ring, WAIT));
  }

  #commands(deadline: number): Commands {
    return new Commands(this.#connection.wire, deadline, () => {});
  }
}

/** 96 random bits. */
export function newLogName(): string {
  return newId().slice(0, 16);
}
