import { FieldsRule } from '../../lib/rules/fields.js';
import { anything, callback, flag, list, text } from '../../lib/rules/kinds.js';
import { type Cures, strictOptions, wrongOption } from '../../lib/strict-options.js';
import { atOnce } from '../at-once.js';
import { isTaken } from '../transports/header.js';
import { TOKEN } from '../transports/transport-option.js';
import { problemOfOrigin } from './origin.js';

/** A secret of at least 32 bytes. */
export type CsrfSecret = string | Uint8Array;

/** How requests that other sites forge are kept out. */
export interface CsrfOptions<Request> {
  /**
   * Other origins whose pages may send requests that change something, such as `https://app.example`: exactly scheme, host and
   * port, as browsers spell them. Default: none. Such a page can do what its user can do.
   */
  readonly origins?: readonly string[] | undefined;
  /**
   * Returns true for requests that other sites send, such as webhooks and returns from a payment page. They are not checked, and
   * their session is not opened: they have an empty one, and none with `create: 'never'`. Default: none.
   */
  readonly exempt?: ((request: Request) => boolean) | undefined;
  /**
   * Whether requests that change something need a token as well, which only your pages know. Default `false`. It protects
   * clients whose browser sends neither header. A page of `origins` that may read responses (CORS) can read a token, too.
   */
  readonly token?: boolean | undefined;
  /**
   * What tokens are signed with, 32 bytes or more: one secret, or several, of which the first signs and all verify. Default: a random
   * one of this process, so that tokens end with it, and other processes refuse them. Create one with `npx sessions-jwt secret`.
   */
  readonly secret?: CsrfSecret | readonly CsrfSecret[] | undefined;
  /**
   * The name of the cookie from which scripts of your pages read the token. Default `'csrf'`, with the prefix of the session cookie.
   * Its other attributes are those of the session cookie, except that scripts can read it and that it ends with the browser.
   */
  readonly cookie?: string | undefined;
  /** The header in which scripts send the token, in any case. Default `'X-CSRF-Token'`. */
  readonly header?: string | undefined;
  /** The field of a form, or of a JSON body, that has the token. Default `'_csrf'`. */
  readonly field?: string | undefined;
}

/** The option `csrf` as it was given: nothing, a layer, options, or `false` for no check. */
export type CsrfOption<Request> = false | 'origin' | 'token' | CsrfOptions<Request> | undefined;

/** The option `csrf` once judged. */
export interface CsrfSettings<Request> {
  readonly origins: ReadonlySet<string>;
  readonly isExempt: (request: Request) => boolean;
  /** `undefined` without tokens. */
  readonly token: TokenSettings | undefined;
}

/** How tokens travel. */
export interface TokenSettings {
  /** `undefined` for a random one. */
  readonly secret: CsrfSecret | readonly CsrfSecret[] | undefined;
  /** The name of the cookie; `undefined` for the default. */
  readonly cookie: string | undefined;
  /** In lower case. */
  readonly header: string;
  readonly field: string;
}

const string = text('must be a string');
const name = string.check((given) => TOKEN.test(given), 'must be a token (RFC 9110 section 5.6.2)');
const origin = string.refuse(problemOfOrigin);

const OPTIONS = new FieldsRule({
  origins: list(origin, 'must be an array of origins').default([]),
  exempt: callback('expected a function of the request').optional(),
  token: flag('must be true or false').default(false),
  secret: anything,
  cookie: name.default('csrf'),
  header: name
    .check(
      (value) => /^x-csrf-token$/i.test(value) || !isTaken(value.toLowerCase()),
      'must not be a header with another meaning',
    )
    .default('X-CSRF-Token'),
  field: string.check((given) => given !== '', 'must be a name').default('_csrf'),
});

const CURES: Cures = {
  origin: 'call it origins',
  trustedOrigins: 'call it origins',
  allowedOrigins: 'call it origins',
  skip: 'call it exempt',
  ignore: 'call it exempt',
  cookieName: 'call it cookie',
  getSecret: 'call it secret',
  ignoreMethods: 'leave it out; GET, HEAD and OPTIONS are not checked',
  ignoredMethods: 'leave it out; GET, HEAD and OPTIONS are not checked',
};

const OF_TOKENS = ['secret', 'cookie', 'header', 'field'] as const;

/**
 * Judges the option `csrf`. `undefined`: requests are not checked.
 * @param hasCookie whether sids travel by cookie: without, browsers send none on their own, and there is nothing to check
 * @throws TypeError naming the option that is wrong
 */
export function readCsrfOption<Request>(
  option: CsrfOption<Request>,
  hasCookie: boolean,
): CsrfSettings<Request> | undefined {
  if (option === false || (option === undefined && !hasCookie)) return undefined;
  if (!hasCookie) throw wrongCsrfOption([], 'needs the option cookie: only cookies are sent by browsers on their own');
  const given: CsrfOptions<Request> =
    option === undefined || option === 'origin' ? {} : option === 'token' ? { token: true } : option;
  const { origins, token, header, field } = strictOptions('activateSessions', OPTIONS, given, CURES, 'csrf');
  const { exempt, secret, cookie } = given;
  const useless = token ? undefined : OF_TOKENS.find((one) => given[one] !== undefined);
  if (useless !== undefined) throw wrongCsrfOption([useless], 'has no effect without token: true');
  return {
    origins: new Set(origins),
    isExempt: exempt === undefined ? () => false : atOnce('csrf.exempt', exempt),
    token: token ? { secret, cookie, header: header.toLowerCase(), field } : undefined,
  };
}

/** The error for an option within `csrf` that cannot be used. */
export function wrongCsrfOption(path: readonly PropertyKey[], problem: string): TypeError {
  return wrongOption('activateSessions', ['csrf', ...path], problem);
}
