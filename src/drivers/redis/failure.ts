import { StoreUnavailable } from '../../errors.js';
import { causeOf } from '../shared/failure.js';

/** What Redis quotes of a command that it does not know: keys and values. */
const QUOTED = /, with args beginning with:.*$/s;

/** The error of a client of `redis` that is not connected yet, or was closed. */
const NOT_CONNECTED = 'ClientClosedError';

/** A failed command as callers of the store see it: without keys and values. */
export function unavailable(error: unknown): StoreUnavailable {
  const cause = causeOf(error, { quoted: QUOTED });
  const cure =
    cause.name === NOT_CONNECTED ? ': await client.connect() before the store is used, and close the client last' : '';
  return new StoreUnavailable(`Redis failed: ${cause.message}${cure}`, cause);
}

/** Whether Redis wants the script itself, because it was started again or has forgotten its scripts. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** Whether a replica refused a write. Redis 6 puts text of its own before the code of an error inside a script. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && /(^|-)READONLY\b/.test(error.message);
}
