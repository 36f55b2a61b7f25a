import { type WarningCode, warn } from '../../lib/warn.js';
import type { Exchange, Incoming } from '../exchange.js';
import type { CookieOptions } from './cookie-options.js';
import { type CookieRules, readCookieRules, type Scope } from './cookie-rules.js';
import { type FixedAttributes, fixedAttributes, type LifeAttributes, setCookieLine } from './set-cookie.js';
import { assertSendable, isSidShaped } from './sid.js';
import { CANDIDATE_LIMIT, type CredentialLife, type Transport } from './transport.js';

/** Bytes of name and value that browsers accept (rfc6265bis section 5.6, OWASP ASVS 3.3.5). */
export const COOKIE_LIMIT = 4096;
/** Bytes of a Set-Cookie line that leave room for other headers in 4 KiB. */
const LARGE = 3_072;
const TEN_YEARS = 10 * 365 * 86_400_000;

const GONE: LifeAttributes = { maxAge: 0, expires: 0 };

/** How a cookie reaches the client, which decides its name and whether it is Secure. */
export type Channel = Pick<Incoming, 'isSecure' | 'isLoopback'>;

/** The sid in a cookie, see {@link CookieOptions}. */
export class CookieTransport implements Transport {
  readonly varyOn = 'Cookie';
  readonly #what: string;
  readonly #warned = new Set<WarningCode>();
  /** The attributes in the cookie's own scope: Secure, and not. */
  readonly #own: readonly [FixedAttributes, FixedAttributes];
  /** The checked options. */
  readonly rules: CookieRules;

  /**
   * @param what the cookie, for messages
   * @param rules the option as it was read
   * @throws TypeError naming the option that is unknown, wrong, or contradicts another
   */
  constructor(
    option: true | string | CookieOptions,
    what = 'session cookie',
    rules: CookieRules = readCookieRules(option),
  ) {
    this.rules = rules;
    this.#what = what;
    this.#own = [fixedAttributes(rules, rules.scope, true), fixedAttributes(rules, rules.scope, false)];
  }

  /** The values of this name that have the shape of a sid; `[]` if none has. */
  readSids(request: Incoming): readonly string[] | undefined {
    const values = cookieValues(request.requestHeader('cookie') ?? '', this.#nameFor(request));
    return values?.filter(isSidShaped).slice(0, CANDIDATE_LIMIT + 1);
  }

  /** @throws SessionTooLarge over 4096 bytes of name and value */
  assertFits(request: Incoming, sid: string): void {
    assertSendable(sid, this.#what, COOKIE_LIMIT, this.#nameFor(request).length);
  }

  /**
   * Sets the cookie, and clears its twins in other scopes. A renewal does not replace a cookie of this name that
   * the application has set or cleared itself.
   * @throws SessionTooLarge
   */
  send(exchange: Exchange, sid: string, life: CredentialLife): void {
    const name = this.#nameFor(exchange);
    const line = this.lineOf(exchange, sid, life);
    if (life.isRenewal && this.#isTaken(exchange, name)) return;
    // Before it: a browser that does not know Partitioned has one jar for both.
    replaceLines(exchange, name, [...this.#clearing(exchange, name, this.rules.alsoClear), line]);
    if (this.#isSecure(exchange)) this.#warnOfPlainHttp(exchange, name);
    if (line.length > LARGE) this.#warnOfSize(name, line.length);
  }

  /** Whether the application has set or cleared a cookie of this name. */
  #isTaken(exchange: Exchange, name: string): boolean {
    if (linesOf(exchange, name).length === 0) return false;
    this.#warnOnce(
      'SESSIONS_COOKIE_TAKEN',
      `the application set or cleared the ${this.#what} ${name} itself, so the session's own is not sent: to sign out, call session.revoke()`,
    );
    return true;
  }

  #warnOfSize(name: string, size: number): void {
    this.#warnOnce(
      'SESSIONS_LARGE_COOKIE',
      `the line that sets the ${this.#what} ${name} has ${size} bytes: nginx answers 502 when the headers of a response exceed its ` +
        'proxy_buffer_size, 4 KiB by default. Store less in the session, keep sessions in a store, or raise proxy_buffer_size',
    );
  }

  /** Clears the cookie in its own scope and those of `alsoClear`, with the attributes that it was set with. */
  clear(exchange: Exchange): void {
    const name = this.#nameFor(exchange);
    replaceLines(exchange, name, this.#clearing(exchange, name, [this.rules.scope, ...this.rules.alsoClear]));
  }

  /** The line that sets the cookie, as the value of a Set-Cookie header. @throws SessionTooLarge */
  lineOf(channel: Channel, sid: string, life: CredentialLife): string {
    const name = this.#nameFor(channel);
    assertSendable(sid, this.#what, COOKIE_LIMIT, name.length);
    const persistent = life.persistent ?? this.rules.persistent;
    return setCookieLine(name, sid, attributesOf(life, persistent), this.#attributesFor(channel));
  }

  /** The line that clears the cookie in its own scope. */
  clearingLine(channel: Channel): string {
    return setCookieLine(this.#nameFor(channel), '', GONE, this.#attributesFor(channel));
  }

  #attributesFor(channel: Channel): FixedAttributes {
    return this.#own[this.#isSecure(channel) ? 0 : 1];
  }

  /** The lines that clear the cookie in these scopes. */
  #clearing(channel: Channel, name: string, scopes: readonly Scope[]): string[] {
    if (scopes.length === 0) return [];
    const secure = this.#isSecure(channel);
    return scopes.map((scope) => setCookieLine(name, '', GONE, fixedAttributes(this.rules, scope, secure)));
  }

  /** Trusts X-Forwarded-Proto: only a warning depends on it. */
  #warnOfPlainHttp(exchange: Incoming, name: string): void {
    if (exchange.isSecure() || exchange.requestHeader('x-forwarded-proto')?.startsWith('https')) return;
    this.#warnOnce(
      'SESSIONS_SECURE_COOKIE_OVER_HTTP',
      `the ${this.#what} ${name} is Secure, but the request came over plain HTTP: browsers drop it, and the next request has ` +
        "no session. Use HTTPS; for development over plain HTTP set secure: 'auto' (a name prefix, sameSite: 'none' and " +
        'partitioned always need HTTPS). Behind a proxy that ends TLS, set the trust-proxy option of your framework.',
    );
  }

  #warnOnce(code: WarningCode, message: string): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    warn(code, message);
  }

  #isSecure(channel: Channel): boolean {
    const { secure, prefixed, needsSecure } = this.rules;
    if (needsSecure) return true;
    if (prefixed) return !this.#dropsPrefix(channel);
    return secure === 'auto' ? channel.isSecure() : secure;
  }

  #dropsPrefix(channel: Channel): boolean {
    return this.rules.prefixed && this.rules.secure === 'auto' && !channel.isSecure() && channel.isLoopback();
  }

  #nameFor(channel: Channel): string {
    const { name, bareName } = this.rules;
    if (!this.#dropsPrefix(channel)) return name;
    this.#warnOnce(
      'SESSIONS_PREFIX_DROPPED',
      `plain HTTP on this machine: the ${this.#what} ${name} is sent as ${bareName}, without the protection of its prefix. ` +
        'Behind a proxy that ends TLS, set the trust-proxy option of your framework.',
    );
    return bareName;
  }
}

/** Max-Age and Expires, rounded up so that the cookie lasts as long as the session. `undefined`: until the browser closes. */
function attributesOf(life: CredentialLife, persistent: boolean): LifeAttributes | undefined {
  const left = Math.min(life.expires - life.now, TEN_YEARS);
  if (!(left > 0)) return GONE;
  if (!persistent) return undefined;
  return { maxAge: Math.ceil(left / 1000), expires: Math.ceil((life.now + left) / 1000) };
}

/** The lines of a response that set or clear a cookie of this name. */
function linesOf(exchange: Exchange, name: string): readonly string[] {
  return exchange.responseHeader('set-cookie').filter((line) => isOf(name, line));
}

/** Replaces earlier lines of this name: a response may set a name only once (rfc6265bis section 4.1.1). */
function replaceLines(exchange: Exchange, name: string, lines: readonly string[]): void {
  const others = exchange.responseHeader('set-cookie').filter((line) => !isOf(name, line));
  exchange.setResponseHeader('Set-Cookie', [...others, ...lines]);
}

function isOf(name: string, line: string): boolean {
  return line.trimStart().startsWith(`${name}=`);
}

/**
 * Every value of one name in a `Cookie` header, in order; `undefined` if no cookie has that name.
 *
 * Pairs end at `;` only, as browsers write them and as Node, HTTP/2 and Fetch join several headers. A comma is part of a
 * value: if it ended one, an attacker who influences another cookie's value could add a sid. Values are not decoded, except that
 * one pair of double quotes is removed. Reads the header once, so the time is linear.
 */
export function cookieValues(header: string, name: string): string[] | undefined {
  let values: string[] | undefined;
  let start = 0;
  while (start < header.length) {
    const semicolon = header.indexOf(';', start);
    const end = semicolon === -1 ? header.length : semicolon;
    const nameStart = skipBlanks(header, start, end);
    if (header.startsWith(name, nameStart)) {
      const equals = skipBlanks(header, nameStart + name.length, end);
      if (header[equals] === '=') {
        values ??= [];
        values.push(valueBetween(header, equals + 1, end));
      }
    }
    start = end + 1;
  }
  return values;
}

function valueBetween(header: string, from: number, to: number): string {
  let start = skipBlanks(header, from, to);
  let end = to;
  while (end > start && isBlank(header[end - 1])) end -= 1;
  if (end - start >= 2 && header[start] === '"' && header[end - 1] === '"') {
    start += 1;
    end -= 1;
  }
  return header.slice(start, end);
}

function skipBlanks(header: string, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(header[at])) at += 1;
  return at;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
