import { wrongTransportOption } from './transport-option.js';

/** What a cookie name's prefix makes the browser insist on (rfc6265bis section 4.1.3, layered-cookies). */
export interface CookiePrefix {
  readonly prefix: string;
  /** Host-only and for the whole host: no Domain, Path=/. */
  readonly host: boolean;
  /** Out of reach for scripts: HttpOnly. */
  readonly http: boolean;
}

const PREFIXES: readonly CookiePrefix[] = [
  { prefix: '__Host-Http-', host: true, http: true },
  { prefix: '__Host-', host: true, http: false },
  { prefix: '__Http-', host: false, http: true },
  { prefix: '__Secure-', host: false, http: false },
];

/**
 * The prefix of a cookie name, all of them asking for Secure; `undefined` when it has none.
 *
 * Browsers compare prefixes without case, servers with it: a name on which the two disagree is refused.
 *
 * @throws TypeError for a case variant, for a prefix alone, and for a prefix behind a prefix
 */
export function prefixOf(name: string): CookiePrefix | undefined {
  const found = match(name);
  if (found === undefined) return undefined;
  const { prefix } = found;
  if (!name.startsWith(prefix)) throw wrongName(`must spell the prefix ${prefix} exactly so`);
  const rest = name.slice(prefix.length);
  if (rest === '') throw wrongName(`must have a name behind the prefix ${prefix}`);
  if (match(rest) !== undefined) throw wrongName('must have one prefix, not two');
  return found;
}

function wrongName(problem: string): TypeError {
  return wrongTransportOption(['cookie', 'name'], problem);
}

function match(name: string): CookiePrefix | undefined {
  const folded = name.toLowerCase();
  return PREFIXES.find(({ prefix }) => folded.startsWith(prefix.toLowerCase()));
}
