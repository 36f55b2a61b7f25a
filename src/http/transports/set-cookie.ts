import type { CookieRules, Scope } from './cookie-rules.js';

/** Until when a browser keeps a cookie. */
export interface LifeAttributes {
  /** Seconds. */
  readonly maxAge: number;
  /** Whole seconds since 1970. */
  readonly expires: number;
}

/** What a Set-Cookie line says besides the name, the value and the life. It is the same for all lines of a cookie's scope. */
export interface FixedAttributes {
  readonly scope: string;
  readonly flags: string;
}

const SAME_SITE = { lax: 'Lax', strict: 'Strict', none: 'None' };

/** The attributes of a cookie in a scope. The rules were checked: none of their texts can end an attribute. */
export function fixedAttributes(
  { httpOnly, sameSite }: Pick<CookieRules, 'httpOnly' | 'sameSite'>,
  { path, domain, partitioned }: Scope,
  secure: boolean,
): FixedAttributes {
  return {
    scope: `${domain === undefined ? '' : `; Domain=${domain}`}; Path=${path}`,
    flags: `${httpOnly ? '; HttpOnly' : ''}${secure ? '; Secure' : ''}${partitioned ? '; Partitioned' : ''}; SameSite=${SAME_SITE[sameSite]}`,
  };
}

/**
 * The value of a Set-Cookie header (rfc6265bis section 4.1.1). `value` was checked. `life`: `undefined` = until the browser closes.
 */
export function setCookieLine(
  name: string,
  value: string,
  life: LifeAttributes | undefined,
  { scope, flags }: FixedAttributes,
): string {
  if (life === undefined) return `${name}=${value}${scope}${flags}`;
  return `${name}=${value}; Max-Age=${life.maxAge}${scope}; Expires=${dateText(life.expires)}${flags}`;
}

const last = { second: 0, text: new Date(0).toUTCString() };

/** Cookies that are sent within a second mostly have one expiry. */
function dateText(second: number): string {
  if (second !== last.second) {
    last.second = second;
    last.text = new Date(second * 1000).toUTCString();
  }
  return last.text;
}
