import { SessionAlreadyExists, StoreUnavailable } from '../../errors.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';
import { hasExpired } from '../shared/expiry.js';
import { isId, isUid } from '../shared/names.js';
import { Commands } from './commands.js';
import { Epochs } from './epochs.js';
import type { Keyspace } from './keyspace.js';
import { Leftovers } from './leftovers.js';
import { newNonce } from './nonce.js';
import { type RedisStoreOptions, readRedisStoreOptions } from './options.js';
import { CREATE, DELETE, RETIRE, TOUCH, UPDATE } from './record-scripts.js';
import { endOfSession, readStored, sessionText, timeOfWrite, timeText, tombstoneArgs, uidText } from './record-text.js';
import { coverage } from './session-index.js';
import { endSessionsOfUser, sessionsOfLineage, sessionsOfUser } from './user-sessions.js';
import { type Wire, wireOf } from './wire.js';

/**
 * Sessions in Redis 6.2 or later, seen by every instance of a service.
 *
 * A load is one round trip, and so is a write, except that one which the index of a user's sessions must know of takes
 * two or three. Redis drops what has expired by itself, ten minutes later or more. No request ever searches the keyspace; the
 * first `sweep` after `deleteAll` does, in small steps. In a cluster, sessions are spread over all nodes.
 *
 * Redis must not drop sessions on its own: `maxmemory-policy noeviction`. When its memory is full, sessions can still be
 * read and ended. What it acknowledged and then lost, in a crash or a failover, is lost here too: `appendonly yes` with
 * `appendfsync always` guards against the first.
 *
 * A client that stays connected to a node that was demoted is noticed within about a second: operations then reject with
 * StoreUnavailable until a node accepts writes again. Which node that is, the client decides.
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
    const { id, lineage, lastAccess, expiresAt } = record;
    if (!isId(id)) throw new TypeError('RedisStore.create: malformed id');
    const nonce = newNonce();
    const uid = uidText(record.uid);
    const until = uid === '' ? '' : coverage(lastAccess, expiresAt);
    const args = [nonce, timeOfWrite(lastAccess), timeText(expiresAt), sessionText(record, nonce, uid, until)];
    const outcome = await this.#within(async (space) => {
      await space.enter(id, uid, lineage, until, lastAccess);
      const [reply] = await space.run(CREATE, id, args);
      return reply;
    }, never);
    if (outcome !== 'ok') throw new SessionAlreadyExists();
  }

  async load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    const text = isId(id) ? await this.#within((space) => space.get(id), isNull) : this.#nothing(null);
    const stored = readStored(id, text);
    return stored === undefined || hasExpired(stored, now) ? undefined : stored;
  }

  async update(record: SessionRecord): Promise<WriteOutcome> {
    const { id, version, lastAccess, expiresAt } = record;
    if (!isId(id)) return this.#nothing('gone');
    const versions = [String(version), String(version + 1)];
    const before = [newNonce(), ...versions, String(lastAccess), timeText(expiresAt), uidText(record.uid)];
    const after = [record.lineage, endOfSession(record), timeOfWrite(lastAccess)];
    const reply = await this.#within(
      (space) => space.write(UPDATE, id, lastAccess, (_uid, _lineage, until) => [...before, until, ...after]),
      isGone,
    );
    return outcomeOf(reply);
  }

  async touch(id: string, _uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean> {
    if (!isId(id)) return this.#nothing(false);
    const times = [String(lastAccess), timeText(expiresAt), timeOfWrite(lastAccess)];
    const reply = await this.#within(
      (space) => space.write(TOUCH, id, lastAccess, (...known) => [...times, ...known]),
      isGone,
    );
    return reply === 'ok';
  }

  async retire(id: string, expectedVersion: number | null, tombstone: Retired): Promise<WriteOutcome> {
    if (!isId(id)) return this.#nothing('gone');
    const version = expectedVersion === null ? '' : String(expectedVersion);
    const args = [newNonce(), version, ...tombstoneArgs(tombstone)];
    const reply = await this.#within(async (space) => {
      const [outcome = '', uid = '', lineage = ''] = await space.run(RETIRE, id, args);
      // Until then `deleteOfUser` may have to meet the tombstone.
      await space.leave(id, uid, lineage);
      return outcome;
    }, isGone);
    return outcomeOf(reply);
  }

  async delete(id: string): Promise<boolean> {
    if (!isId(id)) return this.#nothing(false);
    const args = [newNonce()];
    const reply = await this.#within(
      async (space) => {
        const [was, uid = '', lineage = ''] = await space.run(DELETE, id, args);
        await space.leave(id, uid, lineage);
        return was;
      },
      (was) => was === 'nothing',
    );
    return reply === 'session';
  }

  async ofUser(uid: string, now: number, lineage?: string): Promise<readonly SessionRecord[]> {
    if (!isUid(uid)) return this.#nothing([]);
    if (lineage === undefined) return this.#within((space) => sessionsOfUser(space, uid, now), always);
    if (!isId(lineage)) return this.#nothing([]);
    return this.#within((space) => sessionsOfLineage(space, uid, now, lineage), always);
  }

  async deleteOfUser(uid: string, except?: string, options: EndOfUser = {}): Promise<readonly string[]> {
    if (!isUid(uid)) return this.#nothing([]);
    const spared = except !== undefined && isId(except) ? except : undefined;
    return this.#within((space) => endSessionsOfUser(space, uid, spared, options), always);
  }

  /**
   * Resolves with none: Redis drops what has expired. Removes what `deleteAll` has left behind, in small steps, and for a few
   * seconds at most: the next call goes on.
   */
  async sweep(_now: number, _limit: number): Promise<readonly Swept[]> {
    await this.#leftovers.remove();
    return [];
  }

  /**
   * As in the port; how many there were is not known. Resolves when every instance has left all sessions behind, which
   * takes a tenth of a second; until then some have and others have not. `sweep` removes them from Redis.
   */
  async deleteAll(): Promise<undefined> {
    await this.#epochs.next(this.#begin());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  /** One operation; see {@link Epochs.within}. */
  async #within<Reply>(
    work: (space: Keyspace) => Promise<Reply>,
    provesNothing: (reply: Reply) => boolean,
  ): Promise<Reply> {
    return this.#epochs.within(this.#begin(), work, provesNothing);
  }

  /** What an operation gives for a name that nothing can have. */
  #nothing<Reply>(reply: Reply): Reply {
    this.#begin();
    return reply;
  }

  #begin(): Commands {
    if (this.#isClosed) throw new StoreUnavailable('the RedisStore was closed');
    return new Commands(this.#wire, this.#deadline, () => this.#epochs.doubt());
  }
}

function outcomeOf(reply: string): WriteOutcome {
  return reply === 'ok' || reply === 'conflict' ? reply : 'gone';
}

function isGone(reply: string): boolean {
  return reply === 'gone';
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
