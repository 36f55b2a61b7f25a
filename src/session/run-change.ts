import { kindOf } from '../lib/kind-of.js';
import { isThenable } from '../lib/thenable.js';

/** @throws TypeError if `change` is not a function */
export function checkChange(change: unknown): void {
  if (typeof change !== 'function') throw new TypeError(`update: expected a function, got ${kindOf(change)}`);
}

/** Runs the function of `update`. @throws TypeError if it is asynchronous */
export function runChange(change: () => unknown): void {
  const result = change();
  if (!isThenable(result)) return;
  // If the Promise rejects, it must not end the process as an unhandled rejection.
  result.then(undefined, () => undefined);
  throw new TypeError(
    'update: expected a synchronous function, because it may run more than once: await before you call update',
  );
}
