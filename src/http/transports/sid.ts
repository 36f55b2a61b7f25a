import { SessionTooLarge } from '../../errors.js';
import { LONGEST_TOKEN } from '../../token/compact-form.js';

/** The longest sid that a transport reads or sends, in characters. */
export const SID_LIMIT: number = LONGEST_TOKEN;

const SID_CHARACTERS = /^[\w.-]+$/;

/** Whether a value has the shape of a sid: a compact JWT or an opaque base64url id (rfc8725bis section 3.14). */
export function isSidShaped(value: string): boolean {
  return value.length <= SID_LIMIT && SID_CHARACTERS.test(value);
}

/**
 * Checks a sid before it is sent. No message repeats it.
 *
 * @param carrier the cookie or header, for the error
 * @param overhead bytes that share the limit with it
 * @throws SessionTooLarge | TypeError
 */
export function assertSendable(sid: string, carrier: string, limit: number, overhead = 0): void {
  if (!SID_CHARACTERS.test(sid))
    throw new TypeError(`a ${carrier} cannot carry a sid with other characters than A-Z a-z 0-9 - _ .`);
  const size = overhead + sid.length;
  if (size > limit) throw new SessionTooLarge(carrier, size, limit);
}
