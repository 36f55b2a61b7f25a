/** The longest accepted token, in characters. Checked before anything is parsed. */
export const LONGEST_TOKEN = 16_384;

/** The longest header segment that is parsed, in characters: room for a `kid` of 128, none for certificates (`x5c`). */
export const LONGEST_HEADER = 512;

/** The positions of the two dots of a compact JWS. */
export interface Dots {
  readonly first: number;
  readonly second: number;
}

/** The valid last characters of a base64url segment with 2 or 3 left over: their unused bits are zero. */
const LAST_OF_TWO = 'AQgw';
const LAST_OF_THREE = 'AEIMQUYcgkosw048';

const CHARACTERS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;

/**
 * Returns the dots of a token of three base64url segments in canonical form, the last one possibly empty; otherwise
 * `undefined`.
 *
 * Only the length and the last character of a segment are checked, without decoding: an RS256 signature would otherwise
 * have 16 accepted spellings (RFC 4648 section 3.5). {@link hasOnlyBase64url} checks the alphabet; verifying the
 * signature refuses other characters, too.
 */
export function dotsOf(token: string): Dots | undefined {
  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  if (first < 1 || second < first + 2) return undefined;
  const isCanonical =
    endsCleanly(token, 0, first) &&
    endsCleanly(token, first + 1, second) &&
    endsCleanly(token, second + 1, token.length);
  return isCanonical ? { first, second } : undefined;
}

/** Whether the token is three segments of the base64url alphabet. */
export function hasOnlyBase64url(token: string): boolean {
  return CHARACTERS.test(token);
}

function endsCleanly(token: string, start: number, end: number): boolean {
  switch ((end - start) % 4) {
    case 0:
      return true;
    case 2:
      return LAST_OF_TWO.includes(token.charAt(end - 1));
    case 3:
      return LAST_OF_THREE.includes(token.charAt(end - 1));
    default:
      return false;
  }
}
