import { SessionAlreadyExists, StoreUnavailable } from '../../errors.js';
import { inTurns } from '../../lib/in-turns.js';
import type { Clock } from '../../ports/clock.js';
import type { Retired, SessionRecord, Store } from '../../ports/store.js';
import { type Bounds, endOf, LONGEST_LIFE } from '../../session/expiry.js';
import type { SessionRef } from '../../session/session.js';
import { factsOf, type SessionEventEmitter, type SessionFacts } from '../events.js';
import { GuardedStore } from '../guarded-store.js';
import type { RevocationEntries } from '../revocation/entries.js';
import type { RevocationList } from '../revocation/revocation-list.js';
import { infoOf, type SessionInfo } from '../session-info.js';
import { SessionLimit, TOO_MANY } from '../session-limit.js';
import { Sweeper } from '../sweeper.js';
import { registrationOf } from './registration.js';
import { type Registered, registeredIn, registryIdOf, registryRecordOf } from './registry-record.js';

/** How often one write is tried. Each failed attempt means that another request of the session was first. */
const MOST_ATTEMPTS = 20;
/** How many records are retired at the same time. */
const BATCH = 100;
/** In ms, ± 20%. */
const SWEEP_INTERVAL = 300_000;
/** A time, in ms, at which no record has expired: records that were not swept yet are found, too. */
const ANY_TIME = 60_000;

/** What a registry needs of the storage that it serves. */
export interface RegistryHost {
  readonly bounds: Bounds;
  readonly maxSessionsPerUser: number | null;
  readonly clock: Clock;
  readonly revocations: RevocationList;
  readonly entries: RevocationEntries;
  readonly events: SessionEventEmitter;
}

/**
 * The sessions of users that have tokens of one storage, in a store: one record for each lineage. The registry only
 * lists. What opens is decided by the token and the revocation list, and what the list has ended is not listed.
 *
 * A session that ends leaves a tombstone until its newest token expires. So a request in a process that does not know of
 * the end yet registers, and issues, nothing.
 */
export class TokenRegistry {
  /** See `registrationOf`. Here, bundles of programs that have no registry leave it out. */
  readonly registrationOf: typeof registrationOf = registrationOf;
  readonly #host: RegistryHost;
  readonly #store: GuardedStore;
  readonly #limit: SessionLimit<Registered> | undefined;
  readonly #sweeper: Sweeper;
  /** What is known of the entries that `list` returned, to judge them without the store. */
  readonly #listed = new WeakMap<object, Registered>();

  constructor(store: Store, host: RegistryHost) {
    const { revocations, maxSessionsPerUser, clock, events } = host;
    this.#host = host;
    this.#store = new GuardedStore(store, revocations.deadline);
    this.#limit = maxSessionsPerUser === null ? undefined : new SessionLimit(maxSessionsPerUser);
    this.#sweeper = new Sweeper({ sweepInterval: SWEEP_INTERVAL, clock }, this.#store, events, false);
  }

  /**
   * Registers a session whose user has just signed in, and applies `maxSessionsPerUser`. Returns false if the session
   * has ended meanwhile, or is one of those that the limit ends.
   * @throws StoreUnavailable if the store, or the log of the list, does not answer in time
   */
  async signIn(session: Registered): Promise<boolean> {
    const store = this.#store.afresh();
    if (!(await this.#put(store, session, true))) return false;
    if (this.#limit === undefined) return true;
    const sessions = await this.#ofUser(store, session.uid);
    // Another sign-in may have ended this one already.
    if (!sessions.some(({ lineage }) => lineage === session.lineage)) return false;
    return await this.#limit.hold(
      session,
      sessions.map((one) => [one]),
      (batch) => this.#endExcess(batch),
    );
  }

  /**
   * Brings the record of a session up to its newest token. `isTouch`: whether only `lastAccess` and the expiry differ. A
   * record that is missing is created: the session was signed in without one. Returns false if the session has ended.
   * @throws StoreUnavailable
   */
  async renew(session: Registered, isTouch: boolean): Promise<boolean> {
    const store = this.#store.afresh();
    const { uid, lastAccess, expiresAt, id } = registryRecordOf(session);
    if (isTouch && (await store.touch(id, uid, lastAccess, expiresAt))) return true;
    return await this.#put(store, session, false);
  }

  /** Removes the records of sessions that the list has ended. Never rejects: what is left is not listed. */
  async forget(reason: string, ...lineages: readonly string[]): Promise<void> {
    const store = this.#store.afresh();
    const each = async (lineage: string): Promise<void> => {
      const found = await store.load(registryIdOf(lineage), ANY_TIME);
      if (found !== undefined && !('retired' in found)) await this.#retire(store, found, reason);
    };
    await Promise.all(lineages.map((lineage) => each(lineage).catch(() => undefined)));
  }

  /** The same for all sessions of a user. Those that the list has not ended stay. */
  async forgetEnded(uid: string): Promise<void> {
    await this.#ofUser(this.#store.afresh(), uid, true).catch(() => undefined);
  }

  /** A user's sessions, the last used first. @throws StoreUnavailable @throws RevocationsStale */
  async list(uid: string, current: SessionRef | undefined): Promise<readonly SessionInfo[]> {
    this.#host.revocations.checkFresh(this.#host.clock.now());
    const sessions = await this.#ofUser(this.#store.afresh(), uid);
    return sessions
      .sort((a, b) => b.lastAccess - a.lastAccess)
      .map((session) => {
        const info = infoOf(session, session.expires, session.info, current);
        this.#listed.set(info, session);
        return info;
      });
  }

  /** What is known of an entry of `list`; `undefined` for any other object. */
  known(ref: object): Registered | undefined {
    return this.#listed.get(ref);
  }

  /** Stops sweeping. The store stays open. */
  close(): void {
    this.#sweeper.stop();
  }

  /** The sessions of a user that live. Records of others are removed in the background, or before this resolves. */
  async #ofUser(store: GuardedStore, uid: string, waits = false): Promise<Registered[]> {
    const { revocations, bounds, clock } = this.#host;
    const now = clock.now();
    const living: Registered[] = [];
    const ended: SessionRecord[] = [];
    for await (const record of inTurns(await store.ofUser(uid, now))) {
      const session = registeredIn(record);
      if (session === undefined) continue;
      const expires = Math.min(session.expires, endOf(bounds, session));
      const { lineage, since } = session;
      // Without its id: a rotation that is not finished replaces the token, and not the session.
      if (revocations.hasEnded({ lineage, uid, since }, now)) ended.push(record);
      else if (expires > now) living.push({ ...session, expires });
    }
    const removing = this.#retireAll(ended).catch(() => undefined);
    if (waits) await removing;
    return living;
  }

  async #retireAll(records: readonly SessionRecord[]): Promise<void> {
    for (let from = 0; from < records.length; from += BATCH) {
      const store = this.#store.afresh();
      await Promise.all(records.slice(from, from + BATCH).map((record) => this.#retire(store, record, 'revoked')));
    }
  }

  async #retire(store: GuardedStore, { id, expiresAt }: SessionRecord, reason: string): Promise<void> {
    const at = this.#host.clock.now();
    const tombstone: Retired = {
      id,
      retired: { successor: null, at, reason },
      expiresAt: expiresAt ?? at + LONGEST_LIFE,
    };
    // For stores that ignore `null` as a version.
    if ((await store.retire(id, null, tombstone)) === 'conflict') await store.delete(id);
  }

  /** Returns false if there is a tombstone. `isNew`: whether the session cannot have a record yet. */
  async #put(store: GuardedStore, session: Registered, isNew: boolean): Promise<boolean> {
    const record = registryRecordOf(session);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const found = isNew && attempt === 0 ? undefined : await store.load(record.id, ANY_TIME);
      if (found === undefined) {
        if (await created(store, record)) return true;
      } else {
        if ('retired' in found) return false;
        const order = registeredIn(found)?.order ?? 0;
        const outcome = await store.update(registryRecordOf({ ...session, order }, found.version));
        if (outcome === 'ok') return true;
      }
    }
    throw new StoreUnavailable('the session was registered by others faster than by this request');
  }

  /** Ends sessions that are too many: in the list first, so that no record is missing of a session that lives. */
  async #endExcess(sessions: readonly Registered[]): Promise<void> {
    const { revocations, clock, entries, events } = this.#host;
    const now = clock.now();
    const added = revocations.add(
      sessions.map((session) => entries.ofSession(session, TOO_MANY, now)),
      now,
    );
    for (const session of sessions) events.emit('ended', { ...factsOf(session), reason: TOO_MANY });
    await Promise.all([added, this.forget(TOO_MANY, ...sessions.map(lineageOf)), events.effects.settled()]);
  }
}

/** Returns false if there is an entry with this id. */
async function created(store: GuardedStore, record: SessionRecord): Promise<boolean> {
  try {
    await store.create(record);
    return true;
  } catch (error) {
    if (error instanceof SessionAlreadyExists) return false;
    throw error;
  }
}

function lineageOf({ lineage }: SessionFacts): string {
  return lineage;
}
