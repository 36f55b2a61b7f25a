import { StoreUnavailable } from '../errors.js';
import { knownOnly } from '../lib/known-only.js';
import {
  type EndOfUser,
  type Retired,
  type SessionRecord,
  STORE_OPERATIONS,
  type Store,
  type Swept,
  type WriteOutcome,
} from '../ports/store.js';
import { Gate } from './gate.js';

/** The name of an operation of a store. */
export type StoreOperation = (typeof STORE_OPERATIONS)[number] | 'deleteAll';

const OPERATIONS: readonly StoreOperation[] = [...STORE_OPERATIONS, 'deleteAll'];

/** A call of a {@link FaultyStore}. */
export interface StoreCall {
  readonly operation: StoreOperation;
  readonly args: readonly unknown[];
}

/** When a fault happens: before the operation, so that nothing is written; or after it, so that only the reply is lost. */
export type FaultMoment = 'before' | 'after';

/** How an operation fails. */
export interface FailOptions {
  /** Default 'before'. */
  readonly when?: FaultMoment | undefined;
  /** How many calls fail. Default: all calls until {@link FaultyStore.heal}. */
  readonly times?: number | undefined;
  /** The error that they reject with. Default: a StoreUnavailable. */
  readonly error?: Error | undefined;
}

interface Fault {
  readonly operation: StoreOperation | 'all';
  readonly when: FaultMoment;
  happen(): Promise<void>;
}

/**
 * Wraps a store for tests, records every call, and simulates errors, delays and hangs. Without a fault it behaves like the store that it
 * wraps.
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

  /** All calls so far, including those that failed. */
  get calls(): readonly StoreCall[] {
    return this.#calls;
  }

  /** The arguments of each call of one operation so far. */
  callsOf(operation: StoreOperation): readonly (readonly unknown[])[] {
    return this.#calls.filter((call) => call.operation === operation).map(({ args }) => args);
  }

  /** Clears `calls`. */
  forgetCalls(): void {
    this.#calls.length = 0;
  }

  /** Makes an operation reject. @throws TypeError for an unknown operation or option */
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
        throw error ?? new StoreUnavailable(`FaultyStore: simulated failure ${when} the operation`);
      },
    };
    if (times > 0) this.#faults.add(fault);
  }

  /** Makes an operation wait until the returned gate is released. @throws TypeError for an unknown operation */
  hold(operation: StoreOperation | 'all', when: FaultMoment = 'before'): Gate {
    checkOperation(operation);
    const gate = new Gate();
    this.#faults.add({ operation, when, happen: () => gate.pass() });
    return gate;
  }

  /** Simulates a lost connection until {@link heal}: every operation rejects with StoreUnavailable, or hangs. */
  disconnect(how: 'rejects' | 'hangs' = 'rejects'): void {
    if (how === 'rejects') this.fail('all');
    else this.#faults.add({ operation: 'all', when: 'before', happen: () => new Promise(() => undefined) });
  }

  /** Removes all faults. Calls that wait at a gate keep waiting for it, and calls that hang never settle. */
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

/** The arguments of a call, without trailing ones that were left out. */
function given(...args: readonly unknown[]): readonly unknown[] {
  return args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
}

function checkOperation(operation: StoreOperation | 'all'): void {
  if (operation !== 'all' && !OPERATIONS.includes(operation)) {
    throw new TypeError(
      `FaultyStore: unknown operation ${JSON.stringify(operation)}: the operations are ${OPERATIONS.join(', ')}, all`,
    );
  }
}
