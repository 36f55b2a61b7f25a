import { IdentityIssuer } from '../identity/issuer.js';
import { algorithmOption, type IdentityAlgorithm, partyOption } from '../identity/options.js';
import { FieldsRule } from '../lib/rules/fields.js';
import { flag } from '../lib/rules/kinds.js';
import { type Cures, strictOptions, wrongOption } from '../lib/strict-options.js';
import { wholeNumber } from '../lib/whole-number.js';
import type { Secret } from '../token/keyring.js';
import { secretOption, secretsOf } from '../token/secrets.js';
import { IdentityCookie } from './identity-cookie.js';
import { COOKIE_LIMIT, CookieTransport } from './transports/cookie.js';
import { prefixOf } from './transports/cookie-name.js';
import { cookieDomain, cookieName, cookiePath, cookieRules } from './transports/cookie-rules.js';

/** The identity cookie. `secure`, `sameSite`, `partitioned` and `persistent` are those of the session cookie. */
export interface IdentityOptions {
  /** The cookie's name, a token, case-sensitive. Default `'auth'`. Prefixes such as `__Host-` are recognised, as in the name of the session cookie. */
  readonly cookie?: string | undefined;
  /**
   * One key, or several: the first signs, all verify. Never a key of the storage: other services have this one, and could make
   * sessions with it. Short HMAC secrets cause a process warning (code `SESSIONS_SHORT_SECRET`).
   */
  readonly jwtSecret: Secret | readonly Secret[];
  /** The algorithm to sign with. Default 'HS512'. With RS, PS or ES, other services need public keys only, see `publicKeys`. */
  readonly jwtAlgorithm?: IdentityAlgorithm | undefined;
  /** How long a token is valid, in ms: so long other services accept it after a sign-out. Default 300,000 (5 minutes); from 10,000 to 3,600,000. */
  readonly life?: number | undefined;
  /** Whether scripts can read the cookie. Default `false`. With `true`, any injected script can read the token. */
  readonly readable?: boolean | undefined;
  /** Written to tokens as `iss`. Default: none. */
  readonly issuer?: string | undefined;
  /** Written to tokens as `aud`. Default: none. */
  readonly audience?: string | undefined;
  /** The domain whose hosts all receive the cookie. Default: none, this host only. */
  readonly domain?: string | undefined;
  /** The path below which the browser sends the cookie. Default `'/'`. */
  readonly path?: string | undefined;
}

const OPTIONS = new FieldsRule({
  cookie: cookieName.default('auth'),
  jwtSecret: secretOption,
  jwtAlgorithm: algorithmOption.default('HS512'),
  life: wholeNumber('ms', 10_000, 3_600_000).default(300_000),
  readable: flag('expected true or false').default(false),
  issuer: partyOption,
  audience: partyOption,
  domain: cookieDomain.optional(),
  path: cookiePath.default('/'),
});

const OF_SESSION = 'leave it out; it is that of the session cookie';

const CURES: Cures = {
  name: 'call it cookie',
  secret: 'call it jwtSecret',
  maxAge: 'call it life',
  ttl: 'call it life',
  httpOnly: 'set readable: true for false',
  secure: OF_SESSION,
  sameSite: OF_SESSION,
  partitioned: OF_SESSION,
  persistent: OF_SESSION,
};

/** Reads the option `identity`. @throws TypeError naming the option that is wrong */
export function readIdentityOption(option: IdentityOptions, session: CookieTransport | undefined): IdentityCookie {
  const given = strictOptions('activateSessions', OPTIONS, option, CURES, 'identity');
  if (session === undefined) throw wrong([], 'needs the session cookie: set cookie, too');
  const { cookie: name, jwtAlgorithm, life, readable, issuer, audience, domain, path } = given;
  const { rules } = session;
  const prefix = prefixOf(name, ['identity', 'cookie']);
  if (readable && prefix?.http) throw wrong(['readable'], `must not be true with the prefix ${prefix.prefix}`);
  const own = cookieRules(
    { ...rules, name, domain, path, httpOnly: !readable, alsoClear: [] },
    {
      name: ['identity', 'cookie'],
      domain: ['identity', 'domain'],
      path: ['identity', 'path'],
    },
  );
  const names = [own.name, own.bareName];
  if (names.includes(rules.name) || names.includes(rules.bareName))
    throw wrong(['cookie'], 'must not be the name of the session cookie');
  const secrets = secretsOf(option.jwtSecret);
  const tokens = new IdentityIssuer({ jwtAlgorithm, secrets, life, issuer, audience }, 'identity.jwtSecret');
  const size = tokens.longest + own.name.length;
  if (size > COOKIE_LIMIT) {
    throw wrong(
      [],
      `its token can have ${size} bytes, and a cookie ${COOKIE_LIMIT}: shorten its name, issuer and audience, or sign with an EC key`,
    );
  }
  return new IdentityCookie(new CookieTransport(name, 'identity cookie', own), tokens);
}

function wrong(path: readonly string[], problem: string): TypeError {
  return wrongOption('activateSessions', ['identity', ...path], problem);
}
