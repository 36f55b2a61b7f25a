import { SessionTooLarge } from '../../errors.js';
import { LONGEST_TOKEN } from '../../token/compact-form.js';

/** The longest sid, in characters, that any transport reads or sends. */
export const SID_LIMIT: number = LONGEST_TOKEN;

const SID_CHARACTERS = /^[A-Za-z0-9_.-]+$/;

/** Whether a value has the shape of a sid: a compact JWT or an opaque base64url id (rfc8725bis section 3.14). */
export function isSidShaped(value: string): boolean {
  return value.length <= SID_LIMIT && SID_CHARACTERS.test(value);
}

/**
 * Checks a sid on its way out. No message repeats it.
 *
 * @param carrier what it would travel in, for the error
 * @param overhead bytes that share the limit with it
 * @throws SessionTooLarge | TypeError
 */
export function assertSendable(sid: string, carrier: string, limit: number, overhead = 0): void {
  if (!SID_CHARACTERS.test(sid)) throw new TypeError(`a ${carrier} carries only sids made of A-Z a-z 0-9 - _ .`);
  const size = overhead + sid.length;
  if (size > limit) throw new SessionTooLarge(carrier, size, limit);
}
