import { wrongTransportOption } from './transport-option.js';

/** What browsers require of a cookie with a prefix in its name (rfc6265bis section 4.1.3, layered-cookies). */
export interface CookiePrefix {
  readonly prefix: string;
  /** Only this host, and all of it: no Domain, Path=/. */
  readonly host: boolean;
  /** Not readable by scripts: HttpOnly. */
  readonly http: boolean;
}

const PREFIXES: readonly CookiePrefix[] = [
  { prefix: '__Host-Http-', host: true, http: true },
  { prefix: '__Host-', host: true, http: false },
  { prefix: '__Http-', host: false, http: true },
  { prefix: '__Secure-', host: false, http: false },
];

/**
 * The prefix of a cookie name; `undefined` if it has none. All prefixes require Secure.
 *
 * Browsers ignore the case of prefixes, servers do not. A name that they would read differently is refused.
 *
 * @param option the option that has the name
 * @throws TypeError for a prefix in another case, a prefix without a name, and two prefixes
 */
export function prefixOf(name: string, option: readonly string[] = ['cookie', 'name']): CookiePrefix | undefined {
  const found = match(name);
  if (found === undefined) return undefined;
  const { prefix } = found;
  if (!name.startsWith(prefix)) throw wrongTransportOption(option, `must spell the prefix ${prefix} exactly so`);
  const rest = name.slice(prefix.length);
  if (rest === '') throw wrongTransportOption(option, `must have a name behind the prefix ${prefix}`);
  if (match(rest) !== undefined) throw wrongTransportOption(option, 'must have one prefix, not two');
  return found;
}

function match(name: string): CookiePrefix | undefined {
  const folded = name.toLowerCase();
  return PREFIXES.find(({ prefix }) => folded.startsWith(prefix.toLowerCase()));
}
