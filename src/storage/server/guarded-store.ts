import { SessionError, StoreUnavailable } from '../../errors.js';
import { missed, within } from '../../lib/deadline.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../../ports/store.js';

/** Sweeping and ending everyone's sessions handle all sessions, so they take longer than the steps of a request. */
const JOB_DEADLINE = 60_000;
/** How long an expired session is reported as expired and not as unknown, in ms. */
const AFTERLIFE = 60_000;

/**
 * Wraps a store: every operation settles within the deadline, and rejects only with a typed error.
 *
 * All operations share the deadline. Only the time counts during which at least one of them runs. An entry with another
 * id than requested is treated as missing (CVE-2022-39263).
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

  /** Returns the same store with a new deadline, for one request or one call of the application. */
  afresh(): GuardedStore {
    return new GuardedStore(this.#store, this.#deadline);
  }

  get reach(): 'process' | 'instances' {
    return this.#store.reach ?? 'instances';
  }

  /** Whether the store can remove all sessions. */
  get canDeleteAll(): boolean {
    return this.#store.deleteAll !== undefined;
  }

  create(record: SessionRecord, replaces?: string): Promise<void> {
    return this.#guard(() => this.#store.create(record, replaces));
  }

  /** Loads the entry of an id. It may be a record that expired up to a minute ago; the caller must check. */
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
    // If a store returns records of other users by mistake, they must not be listed or ended.
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

  /** Rounded up, because a timer rounds down. */
  #left(): number {
    return Math.ceil(this.#deadline - this.#spent - (performance.now() - this.#since));
  }
}

/** @throws StoreUnavailable after `left` ms, which is the rest of `deadline` */
async function settled<Value>(left: number, deadline: number, work: () => Promise<Value>): Promise<Value> {
  if (left <= 0) throw missed('the store', deadline);
  try {
    return await within(left, 'the store', work(), deadline);
  } catch (error) {
    if (error instanceof SessionError) throw error;
    throw new StoreUnavailable('the store failed', error);
  }
}

/** @throws TypeError for any other result; the caller would otherwise retry for ever */
function outcomeOf(outcome: WriteOutcome): WriteOutcome {
  if (outcome === 'ok' || outcome === 'conflict' || outcome === 'gone') return outcome;
  throw new TypeError('the store answered neither ok, conflict nor gone');
}
