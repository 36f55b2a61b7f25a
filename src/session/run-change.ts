import { isThenable } from './data-schema.js';

/** @throws TypeError when `update` was given nothing that could be run */
export function checkChange(change: unknown): void {
  if (typeof change !== 'function') throw new TypeError('update(change): expected a function');
}

/** Runs what `update` was given. @throws TypeError when it is asynchronous */
export function runChange(change: () => unknown): void {
  const result = change();
  if (!isThenable(result)) return;
  // Whatever becomes of it, it must not end the process as an unhandled rejection.
  result.then(undefined, () => undefined);
  throw new TypeError('update(change): change must be synchronous, it may run more than once');
}
