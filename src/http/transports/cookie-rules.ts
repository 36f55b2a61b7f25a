import { FieldsRule } from '../../lib/rules/fields.js';
import { flag, list, oneOf, text } from '../../lib/rules/kinds.js';
import type { Rule } from '../../lib/rules/rule.js';
import { COOKIE_CURES } from './cookie-cures.js';
import { prefixOf } from './cookie-name.js';
import type { CookieScope } from './cookie-options.js';
import { readTransportOption, TOKEN, wrongTransportOption } from './transport-option.js';

/** The cookie's options with defaults, free of contradictions. */
export interface CookieRules {
  readonly name: string;
  /** The name without its prefix. */
  readonly bareName: string;
  readonly prefixed: boolean;
  readonly secure: boolean | 'auto';
  /** Whether browsers would refuse the cookie without Secure, whatever its name. */
  readonly needsSecure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: 'lax' | 'strict' | 'none';
  readonly persistent: boolean;
  readonly partitioned: boolean;
  readonly scope: Scope;
  /** Where browsers may have another cookie of this name: it is cleared with every cookie that is sent. */
  readonly alsoClear: readonly Scope[];
}

/** A scope in which a browser keeps one cookie of a name. */
export interface Scope {
  readonly path: string;
  readonly domain?: string | undefined;
  readonly partitioned: boolean;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^\\.?(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`, 'i');
/** An IP address, or no host at all (WHATWG URL, "ends in a number"). */
const ENDS_IN_NUMBER = /\.\d+$/;
const PATH = /^\/[\x21-\x2b\x2d-\x3a\x3d-\x7e]{0,1023}$/;

const boolean = flag('must be true or false');
/** A cookie's name. */
export const cookieName: Rule<string> = text('must be a string').check(
  (name) => TOKEN.test(name),
  'must be a token (rfc6265bis)',
);
/** A cookie's Path. */
export const cookiePath: Rule<string> = text('must be a string').check(
  (path) => PATH.test(path),
  'must begin with / and hold visible ASCII without , ; <, at most 1024 characters',
);
/** A cookie's Domain. */
export const cookieDomain: Rule<string> = text('must be a string')
  .check((value) => DOMAIN.test(value), 'must be a domain name')
  .check(
    (value) => value.includes('.', 1) && !ENDS_IN_NUMBER.test(value),
    'must not be an IP address or a name without a dot, which browsers refuse: leave it out',
  )
  .map((value) => value.toLowerCase().replace(/^\./, ''));
const scopeFields = { path: cookiePath.default('/'), domain: cookieDomain.optional() };
const shape = new FieldsRule(
  {
    name: cookieName.default('sid'),
    ...scopeFields,
    secure: oneOf([true, false, 'auto'], "must be true, false or 'auto'").default('auto'),
    httpOnly: boolean.default(true),
    sameSite: oneOf(['lax', 'strict', 'none'], "must be 'lax', 'strict' or 'none'").default('lax'),
    persistent: boolean.default(true),
    partitioned: boolean.default(false),
    alsoClear: list(
      new FieldsRule(
        { ...scopeFields, partitioned: boolean.optional() },
        'must be an object of path, domain and partitioned',
      ),
      'must be an array',
    ).default([]),
  },
  'must be true, a name or an object of options',
);

/** The options of a cookie with their defaults. */
export interface CookieFields
  extends Pick<CookieRules, 'name' | 'secure' | 'httpOnly' | 'sameSite' | 'persistent' | 'partitioned'>,
    Pick<Scope, 'path' | 'domain'> {
  readonly alsoClear: readonly CookieScope[];
}

/** The names of a cookie's options in messages, where these are not `cookie.<name>`. */
export type OptionNames = Readonly<Partial<Record<keyof CookieFields, readonly string[]>>>;

/** Reads the option `cookie`. @throws TypeError naming what is unknown, of a wrong type, or contradicts another option */
export function readCookieRules(option: unknown): CookieRules {
  return cookieRules(readTransportOption('cookie', shape, option, COOKIE_CURES));
}

/** @throws TypeError naming the option that contradicts another */
export function cookieRules({ path, domain, alsoClear, ...rest }: CookieFields, names: OptionNames = {}): CookieRules {
  const nameOf = (option: keyof CookieFields): readonly string[] => names[option] ?? ['cookie', option];
  const refuse = (contradiction: boolean, option: keyof CookieFields, problem: string): void => {
    if (contradiction) throw wrongTransportOption(nameOf(option), problem);
  };
  const prefix = prefixOf(rest.name, nameOf('name'));
  const { partitioned } = rest;
  const scope = { path, domain, partitioned };
  const others = alsoClear.map((other) => ({
    path: other.path ?? '/',
    domain: other.domain,
    partitioned: other.partitioned ?? partitioned,
  }));
  const needsSecure = rest.sameSite === 'none' || rest.partitioned;
  const insecure = rest.secure === false;

  refuse(insecure && prefix !== undefined, 'secure', `must not be false with the prefix ${prefix?.prefix}`);
  refuse(insecure && rest.sameSite === 'none', 'secure', "must not be false with sameSite 'none'");
  refuse(insecure && rest.partitioned, 'secure', 'must not be false with partitioned');
  refuse(prefix?.http === true && !rest.httpOnly, 'httpOnly', `must not be false with the prefix ${prefix?.prefix}`);
  if (prefix?.host) {
    refuse(domain !== undefined, 'domain', `must be left out with the prefix ${prefix.prefix}`);
    refuse(path !== '/', 'path', `must be / with the prefix ${prefix.prefix}`);
    const isElsewhere = others.some((other) => other.path !== '/' || other.domain !== undefined);
    refuse(
      isElsewhere,
      'alsoClear',
      `must name no path or domain with the prefix ${prefix.prefix}: it has one scope only`,
    );
  }
  const bareName = rest.name.slice(prefix?.prefix.length ?? 0);
  return { ...rest, bareName, prefixed: prefix !== undefined, needsSecure, scope, alsoClear: twinsOf(scope, others) };
}

/**
 * The scopes to clear: those that were named; without its Domain, the host's own; and without Partitioned, the jar that the cookie was in
 * before. Browsers keep all of these beside the cookie.
 */
function twinsOf(scope: Scope, others: readonly Scope[]): Scope[] {
  const twins = [...others];
  if (scope.domain !== undefined) twins.push({ ...scope, domain: undefined });
  if (scope.partitioned) twins.push({ ...scope, partitioned: false });
  const known = new Set([keyOf(scope)]);
  return twins.filter((twin) => !known.has(keyOf(twin)) && known.add(keyOf(twin)));
}

function keyOf({ path, domain, partitioned }: Scope): string {
  return JSON.stringify([path, domain, partitioned]);
}
