import { StoreUnavailable } from '../../src/errors.js';
import type { Store } from '../../src/ports/store.js';
import type { Contended } from './contended.js';
import type { Journal } from './journal.js';
import { type Operation, perform, type Result } from './operation.js';

/** What chooses the operations on one user's sessions. */
export interface Source {
  readonly uid: string;
  readonly isOver: boolean;
  next(): Operation;
  settle(operation: Operation, result: Result | undefined): void;
}

/** Does the next operation of a lane. */
export async function step(store: Store, journal: Journal, source: Source): Promise<void> {
  const operation = source.next();
  source.settle(operation, await write(store, journal, source.uid, operation));
}

/** Does one operation on a session that all writers share. */
export async function contendedStep(store: Store, journal: Journal, contended: Contended): Promise<void> {
  let operation: Operation;
  try {
    operation = await contended.next(store);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    journal.write({ line: 'unavailable', count: 1 });
    return;
  }
  await write(store, journal, null, operation);
}

async function write(
  store: Store,
  journal: Journal,
  user: string | null,
  operation: Operation,
): Promise<Result | undefined> {
  const n = journal.intend(user, operation);
  let result: Result;
  try {
    result = await perform(store, operation);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    journal.write({ line: 'unknown', n });
    return undefined;
  }
  journal.acknowledge(n, result);
  return result;
}
