import { z } from 'zod';
import { SessionAlreadyExists, StoreUnavailable } from '../../errors.js';
import type { Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';
import { hasMethods, strictOptions } from '../../session/strict-options.js';
import { type RedisClient, type Wire, wireOf } from './client.js';
import { Commands } from './commands.js';
import { Epochs } from './epochs.js';
import { isId, isUid } from './keys.js';
import { newNonce } from './nonce.js';
import { CREATE, DELETE, RETIRE, TOUCH, UPDATE } from './record-scripts.js';
import { endOfSession, endOfTombstone, readStored, sessionText, timeText, uidText } from './record-text.js';
import { coverage, enter, indexedFirst, remove } from './user-index.js';
import { endSessionsOfUser, sessionsOfUser } from './user-sessions.js';

/** How a {@link RedisStore} reaches Redis. */
export interface RedisStoreOptions {
  /**
   * A connected client of `redis` or `ioredis`, for a single server, a cluster or a failover group. It stays yours to
   * watch and to close. Reads must come from where writes go: no `scaleReads` (ioredis), `useReplicas` or
   * `clientSideCache` (redis).
   */
  readonly client: RedisClient;
  /** What all keys begin with. Default 'sessions:'. Stores with the same prefix are the same store. */
  readonly prefix?: string | undefined;
  /**
   * ms within which every operation settles, whatever becomes of Redis; a write that was given up may have happened.
   * Default 2,000. `deleteAll` takes a tenth of a second longer.
   */
  readonly deadline?: number | undefined;
}

const OPTIONS = z.strictObject({
  client: z.custom<RedisClient>(
    (client) => hasMethods(client, 'call') || hasMethods(client, 'get', 'eval', 'evalSha'),
    'expected a client of redis or ioredis',
  ),
  prefix: z.string().default('sessions:'),
  deadline: z
    .number()
    .int()
    .positive()
    .max(2 ** 31 - 1)
    .default(2_000),
});

/**
 * Sessions in Redis 6.2 or later, seen by every instance of a service.
 *
 * A load is one round trip, and so is a write, except that one which the index of a user's sessions must know of takes
 * two or three. Redis drops what has expired by itself, a minute later: `sweep` has nothing to do. Nothing ever searches
 * the keyspace. In a cluster, sessions are spread over all nodes.
 *
 * Redis must not drop sessions on its own: `maxmemory-policy noeviction`. When its memory is full, sessions can still be
 * read and ended. What it acknowledged and then lost, in a crash or a failover, is lost here too: `appendonly yes` with
 * `appendfsync always` guards against the first.
 */
export class RedisStore implements Store {
  readonly reach = 'instances';
  readonly #wire: Wire;
  readonly #deadline: number;
  readonly #epochs: Epochs;
  #isClosed = false;

  /** @throws TypeError naming the option that is wrong */
  constructor(options: RedisStoreOptions) {
    const { client, prefix, deadline } = strictOptions('RedisStore', OPTIONS, options);
    this.#wire = wireOf(client);
    this.#deadline = deadline;
    this.#epochs = new Epochs(prefix);
  }

  async create(record: SessionRecord): Promise<void> {
    const { id, lastAccess, expiresAt } = record;
    if (!isId(id)) throw new TypeError('RedisStore.create: malformed id');
    const nonce = newNonce();
    const uid = uidText(record.uid);
    const until = uid === '' ? '' : coverage(lastAccess, expiresAt);
    const args = [nonce, timeText(expiresAt), sessionText(record, nonce, uid, until)];
    const commands = this.#begin();
    const outcome = await this.#epochs.within(
      commands,
      async (keys) => {
        if (uid !== '') await enter(commands, keys.user(uid), id, until);
        return commands.run(CREATE, keys.session(id), args);
      },
      () => false,
    );
    if (outcome !== 'ok') throw new SessionAlreadyExists();
  }

  async load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    const commands = this.#begin();
    if (!isId(id)) return undefined;
    const text = await this.#epochs.within(commands, (keys) => commands.get(keys.session(id)), isNull);
    const stored = readStored(id, text);
    return stored === undefined || (stored.expiresAt !== null && stored.expiresAt <= now) ? undefined : stored;
  }

  async update(record: SessionRecord): Promise<WriteOutcome> {
    const { id, version, lastAccess, expiresAt } = record;
    const commands = this.#begin();
    if (!isId(id)) return 'gone';
    const uid = uidText(record.uid);
    const before = [newNonce(), String(version), String(version + 1), String(lastAccess), timeText(expiresAt), uid];
    const after = [record.lineage, endOfSession(record)];
    const reply = await this.#epochs.within(
      commands,
      (keys) =>
        indexedFirst(commands, keys, id, lastAccess, (_uid, until) =>
          commands.run(UPDATE, keys.session(id), [...before, until, ...after]),
        ),
      isGone,
    );
    return outcomeOf(reply);
  }

  async touch(id: string, _uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean> {
    const commands = this.#begin();
    if (!isId(id)) return false;
    const times = [String(lastAccess), timeText(expiresAt)];
    const reply = await this.#epochs.within(
      commands,
      (keys) =>
        indexedFirst(commands, keys, id, lastAccess, (uid, until) =>
          commands.run(TOUCH, keys.session(id), [...times, uid, until]),
        ),
      isGone,
    );
    return reply === 'ok';
  }

  async retire(id: string, expectedVersion: number, tombstone: Retired): Promise<WriteOutcome> {
    const commands = this.#begin();
    if (!isId(id)) return 'gone';
    const { expiresAt } = tombstone;
    const args = [newNonce(), String(expectedVersion), String(expiresAt), endOfTombstone(tombstone)];
    const reply = await this.#epochs.within(
      commands,
      async (keys) => {
        const [outcome = '', uid = ''] = (await commands.run(RETIRE, keys.session(id), args)).split('|');
        // Until then `deleteOfUser` may have to meet the tombstone.
        if (uid !== '') await remove(commands, keys.user(uid), [id]);
        return outcome;
      },
      isGone,
    );
    return outcomeOf(reply);
  }

  async delete(id: string): Promise<boolean> {
    const commands = this.#begin();
    if (!isId(id)) return false;
    const args = [newNonce()];
    const reply = await this.#epochs.within(
      commands,
      async (keys) => {
        const [was, uid = ''] = (await commands.run(DELETE, keys.session(id), args)).split('|');
        if (uid !== '') await remove(commands, keys.user(uid), [id]);
        return was;
      },
      (was) => was === 'nothing',
    );
    return reply === 'session';
  }

  async ofUser(uid: string, now: number): Promise<readonly SessionRecord[]> {
    const commands = this.#begin();
    if (!isUid(uid)) return [];
    return this.#epochs.within(commands, (keys) => sessionsOfUser(commands, keys, uid, now), always);
  }

  async deleteOfUser(uid: string, exceptId?: string): Promise<readonly string[]> {
    const commands = this.#begin();
    if (!isUid(uid)) return [];
    const spared = exceptId !== undefined && isId(exceptId) ? exceptId : undefined;
    return this.#epochs.within(commands, (keys) => endSessionsOfUser(commands, keys, uid, spared), always);
  }

  /** Answers with none at once: Redis drops what has expired. */
  async sweep(_now: number, _limit: number): Promise<readonly Swept[]> {
    this.#begin();
    return [];
  }

  /**
   * As in the port; how many there were is not known. Resolves when every instance has left all sessions behind, which
   * takes a tenth of a second; until then some have and others have not. Their memory comes back when they would have
   * expired, which those without an expiry never do.
   */
  async deleteAll(): Promise<undefined> {
    await this.#epochs.next(this.#begin());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #begin(): Commands {
    if (this.#isClosed) throw new StoreUnavailable('the RedisStore was closed');
    return new Commands(this.#wire, this.#deadline);
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
