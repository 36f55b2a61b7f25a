import { randomInt } from 'node:crypto';
import type { NewRevocation, RevocationLog, RevocationReaders } from '../../ports/revocation-log.js';
import { followLog } from '../shared/follow-log.js';
import { positionIn } from '../shared/log-position.js';
import { type Batches, LogReads } from '../shared/log-reads.js';
import { NewestEntry } from '../shared/newest-entry.js';
import { lineOf } from '../shared/revocation-text.js';
import { unlessAborted } from '../shared/unless-aborted.js';
import type { RedisBusClient } from './bus/subscriber.js';
import { Commands } from './commands.js';
import { logConnection } from './revocation-log/connection.js';
import { RevocationKeys } from './revocation-log/keys.js';
import { type RedisRevocationLogOptions, readRedisRevocationLogOptions } from './revocation-log/options.js';
import { RedisRevocationReaders } from './revocation-log/readers.js';
import { APPEND } from './revocation-log/scripts.js';
import { newLogName, RedisLogSource } from './revocation-log/source.js';
import type { Script } from './script.js';
import { type Wire, wireOf } from './wire.js';

/** The range of the random part of an entry's name. */
const RANDOM = 2 ** 32;

/**
 * A log of revocations in Redis 6.2 or newer, for any number of processes. An append takes one round trip. Each read opens one more connection, and
 * waits there for new entries; so they arrive at once.
 *
 * Set `maxmemory-policy noeviction`, so that Redis does not evict the log. What Redis acknowledges and then loses is lost: with `appendonly yes` and
 * `appendfsync everysec`, up to a second of appends when the machine crashes, with `always` none; in a failover, what the replica had not received.
 * The next read or append of a process that knew a lost entry notices, and reads throw LogPositionLost. A RevocationList then appends the entry again.
 *
 * All keys are in one slot, so in a cluster one node does the work of the log. A read fails when the node that answers was demoted to a replica, and
 * when its connection does not answer within `deadline`. An entry takes about 270 bytes. Appends and reads remove entries whose `until` has passed, in small
 * steps, and at the earliest an hour after a later entry was appended. A reader that was away for longer may have to start again.
 */
export class RedisRevocationLog implements RevocationLog {
  readonly guarantee = 'log';
  readonly readers: RevocationReaders;
  readonly #client: RedisBusClient;
  readonly #wire: Wire;
  readonly #deadline: number;
  readonly #keys: RevocationKeys;
  readonly #newest = new NewestEntry();
  readonly #reads = new LogReads('RedisRevocationLog');

  /** @throws TypeError naming the option that is wrong */
  constructor(options: RedisRevocationLogOptions) {
    const { client, prefix, deadline } = readRedisRevocationLogOptions(options);
    this.#client = client;
    this.#wire = wireOf(client);
    this.#deadline = deadline;
    this.#keys = new RevocationKeys(prefix);
    this.readers = new RedisRevocationReaders(this.#keys, (script, keys, args) => this.#run(script, keys, args));
  }

  /** See the port. */
  async append(entry: NewRevocation): Promise<string> {
    const { state, entries, bell } = this.#keys;
    const { log = '', entry: known = '' } = this.#newest.sure ?? {};
    const { due, text } = lineOf(entry);
    const args = [newLogName(), String(randomInt(RANDOM)), `${due ?? '-'} ${text}`, known, log];
    const seq = String(await this.#run(APPEND, [state, entries, bell], args));
    const position = positionIn(seq);
    if (position !== undefined) this.#newest.note(position);
    return seq;
  }

  /** See the port. */
  read(after: string | null, signal: AbortSignal): Batches {
    return this.#reads.until(signal, (ending) => this.#batches(after, ending));
  }

  /** See the port. The client stays open. */
  async close(): Promise<void> {
    this.#reads.close();
  }

  async *#batches(after: string | null, signal: AbortSignal): Batches {
    const connection = logConnection(this.#client);
    const end = (): void => connection.close();
    signal.addEventListener('abort', end);
    try {
      const source = new RedisLogSource(connection, this.#keys, this.#deadline);
      // A client that was closed while it connects may take its time to say so, or may connect even so.
      const connecting = source.connect().finally(() => signal.aborted && end());
      await unlessAborted(connecting, signal);
      yield* followLog(source, after, this.#newest, signal);
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  async #run(script: Script, keys: string[], args: string[]): Promise<unknown> {
    this.#reads.assertOpen();
    return new Commands(this.#wire, this.#deadline, () => {}).reply(script, keys, args);
  }
}
