import { SessionAlreadyExists, StoreUnavailable } from '../../errors.js';
import { isUid } from '../../lib/uid.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';
import { hasExpired } from '../shared/expiry.js';
import { isId } from '../shared/names.js';
import { Commands } from './commands.js';
import { Epochs } from './epochs.js';
import type { Keyspace } from './keyspace.js';
import { Leftovers } from './leftovers.js';
import { type RedisStoreOptions, readRedisStoreOptions } from './options.js';
import { readStored } from './record-text.js';
import { createRecord, deleteEntry, retireRecord, touchRecord, updateRecord } from './records.js';
import { endSessionsOfUser, sessionsOfLineage, sessionsOfUser } from './user-sessions.js';
import { type Wire, wireOf } from './wire.js';

/**
 * Stores sessions in Redis 6.2 or newer. All instances of a service share them.
 *
 * Loading a session takes one round trip, and so does writing one. A write takes two or three when the index of the user's sessions must
 * change too. Redis removes expired sessions by itself, at least ten minutes after they expired. Requests never search the keyspace. The first
 * `sweep` of a new prefix does, and the first after `deleteAll`, in small steps. In a cluster, sessions are spread over all nodes.
 *
 * Set `maxmemory-policy noeviction`, so that Redis does not evict sessions. When its memory is full, sessions can still be read and ended.
 * What Redis acknowledges and then loses, in a crash or a failover, is lost; `appendonly yes` with `appendfsync always` prevents loss in a
 * crash.
 *
 * When a client stays connected to a node that was demoted to a replica, the store notices within about one second. Its operations then
 * reject with StoreUnavailable until a node accepts writes again. The client chooses that node.
 */
export class RedisStore implements Store {
  readonly reach = 'instances';
  readonly #wire: Wire;
  readonly #deadline: number;
  readonly #epochs: Epochs;
  readonly #leftovers: Leftovers;
  #isClosed = false;

  /** @throws TypeError naming the option that is wrong */
  constructor(options: RedisStoreOptions) {
    const { client, prefix, deadline } = readRedisStoreOptions(options);
    this.#wire = wireOf(client);
    this.#deadline = deadline;
    this.#epochs = new Epochs(prefix);
    this.#leftovers = new Leftovers(prefix, this.#epochs, () => this.#begin());
  }

  async create(record: SessionRecord, _replaces?: string): Promise<void> {
    if (!isId(record.id)) throw new TypeError('RedisStore.create: malformed id');
    const isCreated = await this.#inEpoch((space) => createRecord(space, record), never);
    if (!isCreated) throw new SessionAlreadyExists();
  }

  async load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    const text = isId(id) ? await this.#inEpoch((space) => space.get(id), isNull) : this.#nothing(null);
    const stored = readStored(id, text);
    return stored === undefined || hasExpired(stored, now) ? undefined : stored;
  }

  async update(record: SessionRecord): Promise<WriteOutcome> {
    if (!isId(record.id)) return this.#nothing('gone');
    return this.#inEpoch((space) => updateRecord(space, record), isGone);
  }

  async touch(id: string, _uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean> {
    if (!isId(id)) return this.#nothing(false);
    return this.#inEpoch((space) => touchRecord(space, id, lastAccess, expiresAt), isFalse);
  }

  async retire(id: string, expectedVersion: number | null, tombstone: Retired): Promise<WriteOutcome> {
    if (!isId(id)) return this.#nothing('gone');
    return this.#inEpoch((space) => retireRecord(space, id, expectedVersion, tombstone), isGone);
  }

  async delete(id: string): Promise<boolean> {
    if (!isId(id)) return this.#nothing(false);
    return (await this.#inEpoch((space) => deleteEntry(space, id), isNothing)) === 'session';
  }

  async ofUser(uid: string, now: number, lineage?: string): Promise<readonly SessionRecord[]> {
    if (!isUid(uid)) return this.#nothing([]);
    if (lineage === undefined) return this.#inEpoch((space) => sessionsOfUser(space, uid, now), always);
    if (!isId(lineage)) return this.#nothing([]);
    return this.#inEpoch((space) => sessionsOfLineage(space, uid, now, lineage), always);
  }

  async deleteOfUser(uid: string, except?: string, options: EndOfUser = {}): Promise<readonly string[]> {
    if (!isUid(uid)) return this.#nothing([]);
    const spared = except !== undefined && isId(except) ? except : undefined;
    return this.#inEpoch((space) => endSessionsOfUser(space, uid, spared, options), always);
  }

  /**
   * Returns an empty list, because Redis removes expired entries by itself. Removes keys that `deleteAll` left behind, in small steps and for at
   * most a few seconds; the next call continues.
   */
  async sweep(_now: number, _limit: number): Promise<readonly Swept[]> {
    await this.#leftovers.remove();
    return [];
  }

  /**
   * See the port. Returns undefined: the number of sessions is not known. Resolves after about 100 ms, when no instance sees the sessions any
   * more; until then some instances may. `sweep` frees their memory.
   */
  async deleteAll(): Promise<undefined> {
    await this.#epochs.next(this.#begin());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  /** Runs one operation with the keys of the current epoch; see {@link Epochs.within}. */
  #inEpoch<Reply>(
    work: (space: Keyspace) => Promise<Reply>,
    isInconclusive: (reply: Reply) => boolean,
  ): Promise<Reply> {
    return this.#epochs.within(this.#begin(), work, isInconclusive);
  }

  /** The reply for a name that nothing can have, which Redis is not asked for. */
  #nothing<Reply>(reply: Reply): Reply {
    this.#begin();
    return reply;
  }

  #begin(): Commands {
    if (this.#isClosed) throw new StoreUnavailable('the RedisStore was closed');
    return new Commands(this.#wire, this.#deadline, () => this.#epochs.doubt());
  }
}

// Which replies of an operation a newer epoch could change.

function isGone(reply: WriteOutcome): boolean {
  return reply === 'gone';
}

function isNothing(reply: string): boolean {
  return reply === 'nothing';
}

function isFalse(reply: boolean): boolean {
  return !reply;
}

function isNull(reply: string | null): boolean {
  return reply === null;
}

function always(): boolean {
  return true;
}

function never(): boolean {
  return false;
}
