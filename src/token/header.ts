import { isPlainObject } from '../lib/json.js';
import type { JwtAlgorithm } from './algorithm.js';
import { LONGEST_HEADER } from './compact-form.js';
import { Refusal } from './refusal.js';

/** What `typ` says of the tokens written here (RFC 8725 section 3.11). */
export const TYPE = 'session+jwt';

const READ_TYPES: readonly unknown[] = [undefined, TYPE, 'jwt'];
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The `kid` of a token's header segment, or why no such header is taken; nothing in it is a source of keys. */
export function readHeader(segment: string, algorithm: JwtAlgorithm): { readonly kid: unknown } | Refusal {
  if (segment.length > LONGEST_HEADER) return new Refusal('malformed');
  let header: unknown;
  try {
    header = JSON.parse(UTF8.decode(Buffer.from(segment, 'base64url')));
  } catch {
    // Not the error itself, whose message quotes what an attacker wrote.
    return new Refusal('malformed', new SyntaxError('the header is not JSON in UTF-8'));
  }
  if (!isPlainObject(header)) return new Refusal('malformed');
  if (header['alg'] !== algorithm) return new Refusal('wrong_algorithm');
  // RFC 7515 section 4.1.11: an extension that is not understood makes the token invalid, and none is understood here.
  if ('crit' in header || 'b64' in header || !READ_TYPES.includes(typeOf(header['typ'])))
    return new Refusal('malformed');
  return { kid: header['kid'] };
}

/** RFC 7515 section 4.1.9: compared without case, with or without the prefix `application/`. */
function typeOf(typ: unknown): unknown {
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
}
