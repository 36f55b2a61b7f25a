import { SessionError, StoreUnavailable } from '../../errors.js';
import { missed, within } from '../../lib/deadline.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';

/** Sweeping and ending everyone's sessions are jobs over all sessions, not steps of a request. */
const JOB_DEADLINE = 60_000;
/** ms for which a session that has expired is still told from one that never was. */
const AFTERLIFE = 60_000;

/**
 * A store that settles within the deadline and fails with a typed error only. The deadline covers all operations together, by the time during
 * which at least one is under way. An id that comes back other than it was asked for is none (CVE-2022-39263).
 */
export class GuardedStore implements Store {
  readonly #store: Store;
  readonly #deadline: number;
  #spent = 0;
  #running = 0;
  #since = 0;

  constructor(store: Store, deadline: number) {
    this.#store = store;
    this.#deadline = deadline;
  }

  /** The same store with the whole deadline ahead: for one request, or one call of the application's. */
  afresh(): GuardedStore {
    return new GuardedStore(this.#store, this.#deadline);
  }

  get reach(): 'process' | 'instances' {
    return this.#store.reach ?? 'instances';
  }

  /** Whether it can remove everyone's sessions. */
  get canDeleteAll(): boolean {
    return this.#store.deleteAll !== undefined;
  }

  create(record: SessionRecord, replaces?: string): Promise<void> {
    return this.#guard(() => this.#store.create(record, replaces));
  }

  /** The entry of an id; also a record that expired up to a minute ago, for its reader to judge. */
  async load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    const found = await this.#guard(() => this.#store.load(id, now - AFTERLIFE));
    if (found?.id !== id) return undefined;
    return 'retired' in found && found.expiresAt <= now ? undefined : found;
  }

  update(record: SessionRecord): Promise<WriteOutcome> {
    return this.#guard(async () => outcomeOf(await this.#store.update(record)));
  }

  touch(id: string, uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean> {
    return this.#guard(() => this.#store.touch(id, uid, lastAccess, expiresAt));
  }

  retire(id: string, expectedVersion: number | null, tombstone: Retired): Promise<WriteOutcome> {
    return this.#guard(async () => outcomeOf(await this.#store.retire(id, expectedVersion, tombstone)));
  }

  delete(id: string): Promise<boolean> {
    return this.#guard(() => this.#store.delete(id));
  }

  ofUser(uid: string, now: number, lineage?: string): Promise<readonly SessionRecord[]> {
    // Records of others that it returns by mistake are not shown to this user, nor ended for them.
    const isMeant = (record: SessionRecord): boolean =>
      record.uid === uid && (lineage === undefined || record.lineage === lineage);
    return this.#guard(async () => (await this.#store.ofUser(uid, now, lineage)).filter(isMeant));
  }

  deleteOfUser(uid: string, except?: string, options?: EndOfUser): Promise<readonly string[]> {
    return this.#guard(() => this.#store.deleteOfUser(uid, except, options));
  }

  sweep(now: number, limit: number): Promise<readonly Swept[]> {
    return settled(JOB_DEADLINE, JOB_DEADLINE, () => this.#store.sweep(now, limit));
  }

  deleteAll(): Promise<number | undefined> {
    return settled(JOB_DEADLINE, JOB_DEADLINE, async () => await this.#store.deleteAll?.());
  }

  close(): Promise<void> {
    return this.#guard(() => this.#store.close());
  }

  async #guard<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running === 0) this.#since = performance.now();
    this.#running += 1;
    try {
      return await settled(this.#left(), this.#deadline, work);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#spent += performance.now() - this.#since;
    }
  }

  /** Whole ms, because a timer rounds down. */
  #left(): number {
    return Math.ceil(this.#deadline - this.#spent - (performance.now() - this.#since));
  }
}

/** @throws StoreUnavailable when that takes longer than `left` ms, which is what is left of `deadline` */
async function settled<Value>(left: number, deadline: number, work: () => Promise<Value>): Promise<Value> {
  if (left <= 0) throw missed('the store', deadline);
  try {
    return await within(left, 'the store', work(), deadline);
  } catch (error) {
    if (error instanceof SessionError) throw error;
    throw new StoreUnavailable('the store failed', error);
  }
}

/** @throws TypeError for an answer that is none, which would be asked for again and again */
function outcomeOf(outcome: WriteOutcome): WriteOutcome {
  if (outcome === 'ok' || outcome === 'conflict' || outcome === 'gone') return outcome;
  throw new TypeError('the store answered neither ok, conflict nor gone');
}
