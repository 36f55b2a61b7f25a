/** The longest token that is looked at, in characters. Checked before anything is parsed. */
export const LONGEST_TOKEN = 16_384;

/** The longest header segment that is parsed, in characters: room for a `kid` of 128, none for certificates (`x5c`). */
export const LONGEST_HEADER = 512;

/** Where the two dots of a compact JWS are. */
export interface Dots {
  readonly first: number;
  readonly second: number;
}

/** Last characters of a base64url segment with 2 or 3 left over whose unused bits are all zero. */
const LAST_OF_TWO = 'AQgw';
const LAST_OF_THREE = 'AEIMQUYcgkosw048';

const CHARACTERS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;

/**
 * The dots of `token` when it is three base64url segments, each in its one canonical spelling, the last one perhaps empty;
 * else `undefined`. Segments are judged by length and last character, without decoding: an RS256 signature alone would
 * else have 16 accepted spellings (RFC 4648 section 3.5). The alphabet is left to {@link hasOnlyBase64url}, because
 * verifying a signature refuses other characters as well.
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

/** Whether there is nothing in it but three segments of the base64url alphabet. */
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
