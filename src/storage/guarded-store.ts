import { SessionError, StoreUnavailable } from '../errors.js';
import { missed, within } from '../lib/deadline.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../ports/store.js';

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
  load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    return this.#read(
      () => this.#store.load(id, now - AFTERLIFE),
      (found) => {
        if (found?.id !== id) return undefined;
        return 'retired' in found && found.expiresAt <= now ? undefined : found;
      },
    );
  }

  update(record: SessionRecord): Promise<WriteOutcome> {
    return this.#read(() => this.#store.update(record), outcomeOf);
  }

  touch(id: string, uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean> {
    return this.#guard(() => this.#store.touch(id, uid, lastAccess, expiresAt));
  }

  retire(id: string, expectedVersion: number | null, tombstone: Retired): Promise<WriteOutcome> {
    return this.#read(() => this.#store.retire(id, expectedVersion, tombstone), outcomeOf);
  }

  delete(id: string): Promise<boolean> {
    return this.#guard(() => this.#store.delete(id));
  }

  ofUser(uid: string, now: number, lineage?: string): Promise<readonly SessionRecord[]> {
    // If a store returns records of other users by mistake, they must not be listed or ended.
    const isMeant = (record: SessionRecord): boolean =>
      record.uid === uid && (lineage === undefined || record.lineage === lineage);
    return this.#read(
      () => this.#store.ofUser(uid, now, lineage),
      (records) => records.filter(isMeant),
    );
  }

  deleteOfUser(uid: string, except?: string, options?: EndOfUser): Promise<readonly string[]> {
    return this.#guard(() => this.#store.deleteOfUser(uid, except, options));
  }

  sweep(now: number, limit: number): Promise<readonly Swept[]> {
    return asJob(() => this.#store.sweep(now, limit));
  }

  deleteAll(): Promise<number | undefined> {
    return asJob(async () => await this.#store.deleteAll?.());
  }

  close(): Promise<void> {
    return this.#guard(() => this.#store.close());
  }

  #guard<Value>(work: () => Promise<Value>): Promise<Value> {
    return this.#read(work, (answer) => answer);
  }

  /** What `read` makes of the answer. An answer that is there at once, as of a store in memory, takes neither time nor a timer. */
  #read<Answer, Value>(work: () => Promise<Answer>, read: (answer: Answer) => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      const left = this.#left();
      if (left <= 0) throw missed('the store', this.#deadline);
      let isSettled = false;
      let timer: NodeJS.Timeout | undefined;
      const settle = (): void => {
        isSettled = true;
        if (timer === undefined) return;
        clearTimeout(timer);
        timer = undefined;
        this.#pause();
      };
      begun(work).then(
        (answer) => {
          settle();
          try {
            resolve(read(answer));
          } catch (error) {
            reject(typed(error));
          }
        },
        (error: unknown) => {
          settle();
          reject(typed(error));
        },
      );
      void AT_ONCE.then(() => {
        if (isSettled) return;
        this.#go();
        timer = setTimeout(() => {
          settle();
          reject(missed('the store', this.#deadline));
        }, left);
      });
    });
  }

  /** The deadline runs while an operation does. */
  #go(): void {
    if (this.#running === 0) this.#since = performance.now();
    this.#running += 1;
  }

  #pause(): void {
    this.#running -= 1;
    if (this.#running === 0) this.#spent += performance.now() - this.#since;
  }

  /** Rounded up, because a timer rounds down. */
  #left(): number {
    const running = this.#running === 0 ? 0 : performance.now() - this.#since;
    return Math.ceil(this.#deadline - this.#spent - running);
  }
}

const AT_ONCE = Promise.resolve();

/** @throws StoreUnavailable */
async function asJob<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await within(JOB_DEADLINE, 'the store', work());
  } catch (error) {
    throw typed(error);
  }
}

/** A store of the application's may throw where it should reject. */
function begun<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}

function typed(error: unknown): SessionError {
  return error instanceof SessionError ? error : new StoreUnavailable('the store failed', error);
}

/** @throws TypeError for any other result; the caller would otherwise retry for ever */
function outcomeOf(outcome: WriteOutcome): WriteOutcome {
  if (outcome === 'ok' || outcome === 'conflict' || outcome === 'gone') return outcome;
  throw new TypeError('the store answered neither ok, conflict nor gone');
}
