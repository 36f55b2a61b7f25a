import type { Dots } from './compact-form.js';

/** Characters of a payload segment that hold the `iat` of a token of this package, which comes second. */
const PREFIX = 400;
const OUR_FORM = /^\{"jti":"[^"\\]{1,255}","iat":(\d{1,11}),/;

/**
 * When a token that cannot be verified here says that it was issued: ms timestamp; `undefined` if it is not in the form that
 * this package writes. Reads only the beginning, because anyone may have written it.
 */
export function claimedTime(token: string, { first, second }: Dots): number | undefined {
  const segment = token.slice(first + 1, Math.min(second, first + 1 + PREFIX));
  const iat = OUR_FORM.exec(Buffer.from(segment, 'base64url').toString('latin1'))?.[1];
  return iat === undefined ? undefined : Number(iat) * 1000;
}
