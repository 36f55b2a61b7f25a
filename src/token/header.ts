import { isPlainObject } from '../lib/json.js';
import type { JwtAlgorithm } from './algorithm.js';
import { LONGEST_HEADER } from './compact-form.js';
import { Refusal, type TokenReason } from './refusal.js';

/** A kind of token. A token of one kind never passes as one of another (RFC 8725 section 3.11). */
export interface TokenKind {
  /** The `typ` of tokens that are issued here. */
  readonly typ: string;
  /** The `typ` of tokens that are accepted, in lower case; `undefined` for tokens without one. */
  readonly accepted: readonly unknown[];
}

/** Tokens that are sessions. */
export const SESSION_TOKEN: TokenKind = { typ: 'session+jwt', accepted: [undefined, 'session+jwt', 'jwt'] };

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Checks the header segment of a token. Returns its `kid`, or why it is refused. Keys never come from a header. */
export function readHeader(
  segment: string,
  algorithm: JwtAlgorithm,
  { accepted }: TokenKind = SESSION_TOKEN,
): { readonly kid: unknown } | Refusal<TokenReason> {
  if (segment.length > LONGEST_HEADER) return new Refusal('malformed');
  let header: unknown;
  try {
    header = JSON.parse(UTF8.decode(Buffer.from(segment, 'base64url')));
  } catch {
    // The original error is not passed on: its message quotes text that an attacker may have written.
    return new Refusal('malformed', new SyntaxError('the header is not JSON in UTF-8'));
  }
  if (!isPlainObject(header)) return new Refusal('malformed');
  if (header['alg'] !== algorithm) return new Refusal('wrong_algorithm');
  // RFC 7515 section 4.1.11: an unknown extension makes the token invalid, and no extension is known here.
  if ('crit' in header || 'b64' in header || !accepted.includes(typeOf(header['typ']))) return new Refusal('malformed');
  return { kid: header['kid'] };
}

/** RFC 7515 section 4.1.9: case is ignored, and the prefix `application/` is optional. */
function typeOf(typ: unknown): unknown {
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
}
