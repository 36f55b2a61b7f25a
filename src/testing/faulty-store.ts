import { StoreUnavailable } from '../errors.js';
import { knownOnly } from '../lib/known-only.js';
import type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from '../ports/store.js';
import { Gate } from './gate.js';

const OPERATIONS = [
  'create',
  'load',
  'update',
  'touch',
  'retire',
  'delete',
  'ofUser',
  'deleteOfUser',
  'sweep',
  'deleteAll',
  'close',
] as const;

/** What can be called on a store. */
export type StoreOperation = (typeof OPERATIONS)[number];

/** A call that was made on a {@link FaultyStore}. */
export interface StoreCall {
  readonly operation: StoreOperation;
  readonly args: readonly unknown[];
}

/**
 * When a fault happens: before the store is asked, so that nothing is written; or after, so that all is, and only the
 * answer is lost.
 */
export type FaultMoment = 'before' | 'after';

/** How an operation fails. */
export interface FailOptions {
  /** Default 'before'. */
  readonly when?: FaultMoment | undefined;
  /** How many calls fail. Default: all, until {@link FaultyStore.heal}. */
  readonly times?: number | undefined;
  /** What they reject with. Default: a StoreUnavailable. */
  readonly error?: Error | undefined;
}

interface Fault {
  readonly operation: StoreOperation | 'all';
  readonly when: FaultMoment;
  happen(): Promise<void>;
}

/**
 * A store around a store, which notes every call and fails on demand: with an error, late, or by silence. Without a
 * fault switched on it does what the other does.
 */
export class FaultyStore implements Store {
  readonly reach?: 'process' | 'instances';
  readonly deleteAll?: () => Promise<number | undefined>;
  readonly #store: Store;
  readonly #faults = new Set<Fault>();
  readonly #calls: StoreCall[] = [];

  constructor(store: Store) {
    this.#store = store;
    if (store.reach !== undefined) this.reach = store.reach;
    if (store.deleteAll !== undefined) {
      this.deleteAll = () => this.#call('deleteAll', [], async () => store.deleteAll?.());
    }
  }

  /** Every call so far, those that failed too. */
  get calls(): readonly StoreCall[] {
    return this.#calls;
  }

  /** The arguments of each call of one operation so far. */
  callsOf(operation: StoreOperation): readonly (readonly unknown[])[] {
    return this.#calls.filter((call) => call.operation === operation).map(({ args }) => args);
  }

  /** Forgets the calls so far. */
  forgetCalls(): void {
    this.#calls.length = 0;
  }

  /** Has an operation fail. @throws TypeError for an operation or option that there is not */
  fail(operation: StoreOperation | 'all', options: FailOptions = {}): void {
    checkOperation(operation);
    knownOnly('FaultyStore.fail', options, ['when', 'times', 'error']);
    const { when = 'before', times = Number.POSITIVE_INFINITY, error } = options;
    let left = times;
    const fault: Fault = {
      operation,
      when,
      happen: async () => {
        left -= 1;
        if (left <= 0) this.#faults.delete(fault);
        throw error ?? new StoreUnavailable(`the store was told to fail ${when} it works`);
      },
    };
    if (times > 0) this.#faults.add(fault);
  }

  /** Has an operation wait until the gate is released. @throws TypeError for an operation that there is not */
  hold(operation: StoreOperation | 'all', when: FaultMoment = 'before'): Gate {
    checkOperation(operation);
    const gate = new Gate();
    this.#faults.add({ operation, when, happen: () => gate.pass() });
    return gate;
  }

  /** Loses the connection: every operation rejects with StoreUnavailable, or is never answered, until {@link heal}. */
  disconnect(how: 'rejects' | 'hangs' = 'rejects'): void {
    if (how === 'rejects') this.fail('all');
    else this.#faults.add({ operation: 'all', when: 'before', happen: () => new Promise(() => undefined) });
  }

  /** Switches all faults off. What waits at a gate still waits for it, and what was not answered never is. */
  heal(): void {
    this.#faults.clear();
  }

  create(record: SessionRecord, replaces?: string): Promise<void> {
    return this.#call('create', given(record, replaces), () => this.#store.create(record, replaces));
  }

  load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
    return this.#call('load', [id, now], () => this.#store.load(id, now));
  }

  update(record: SessionRecord): Promise<WriteOutcome> {
    return this.#call('update', [record], () => this.#store.update(record));
  }

  touch(id: string, uid: string | null, lastAccess: number, expiresAt: number | null): Promise<boolean> {
    return this.#call('touch', [id, uid, lastAccess, expiresAt], () =>
      this.#store.touch(id, uid, lastAccess, expiresAt),
    );
  }

  retire(id: string, expectedVersion: number | null, tombstone: Retired): Promise<WriteOutcome> {
    return this.#call('retire', [id, expectedVersion, tombstone], () =>
      this.#store.retire(id, expectedVersion, tombstone),
    );
  }

  delete(id: string): Promise<boolean> {
    return this.#call('delete', [id], () => this.#store.delete(id));
  }

  ofUser(uid: string, now: number, lineage?: string): Promise<readonly SessionRecord[]> {
    return this.#call('ofUser', given(uid, now, lineage), () => this.#store.ofUser(uid, now, lineage));
  }

  deleteOfUser(uid: string, except?: string, options?: EndOfUser): Promise<readonly string[]> {
    return this.#call('deleteOfUser', given(uid, except, options), () =>
      this.#store.deleteOfUser(uid, except, options),
    );
  }

  sweep(now: number, limit: number): Promise<readonly Swept[]> {
    return this.#call('sweep', [now, limit], () => this.#store.sweep(now, limit));
  }

  close(): Promise<void> {
    return this.#call('close', [], () => this.#store.close());
  }

  async #call<Result>(
    operation: StoreOperation,
    args: readonly unknown[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    this.#calls.push({ operation, args });
    await this.#meetFaults(operation, 'before');
    const result = await work();
    await this.#meetFaults(operation, 'after');
    return result;
  }

  async #meetFaults(operation: StoreOperation, when: FaultMoment): Promise<void> {
    for (const fault of [...this.#faults]) {
      if (fault.when === when && (fault.operation === 'all' || fault.operation === operation)) await fault.happen();
    }
  }
}

/** The arguments of a call, without those left out at its end. */
function given(...args: readonly unknown[]): readonly unknown[] {
  return args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
}

function checkOperation(operation: StoreOperation | 'all'): void {
  if (operation !== 'all' && !OPERATIONS.includes(operation)) {
    throw new TypeError(`FaultyStore: ${JSON.stringify(operation)} is none of ${OPERATIONS.join(', ')}, all`);
  }
}
