import type { Cures } from '../lib/strict-options.js';

/** What other packages call it, and what does the same here. */
const OF_OTHER_PACKAGES: Cures = {
  resave: 'leave it out; a session is saved only when it changed',
  saveUninitialized: "use create: 'lazy' (the default) for false, create: 'eager' for true",
  secret: 'pass it to the storage as jwtSecret; a ServerSessionStorage needs none',
  keys: 'pass them to the storage as jwtSecret, the signing one first',
  key: 'pass it to the storage as jwtSecret; a ServerSessionStorage needs none',
  salt: 'leave it out; pass a secret of its own to the storage, as jwtSecret',
  algorithm: 'pass it to the storage as jwtAlgorithm; a ServerSessionStorage signs nothing',
  password: 'pass it to the storage as jwtSecret',
  store:
    "it is an option of the storage, new ServerSessionStorage({ store }); a store made for express-session does not fit, use the package's own, such as RedisStore of sessions-jwt/redis",
  rolling: 'leave it out; requests extend the session by themselves, see timeoutResolution of the storage',
  name: "name the cookie with cookie: 'sid' or cookie: { name: 'sid' }",
  cookieName: "name the cookie with cookie: 'sid' or cookie: { name: 'sid' }",
  cookieOptions: 'call it cookie',
  cookiePrefix: 'leave it out; a sid has no prefix',
  sessionName: 'call it property',
  signed: 'leave it out; a sid cannot be guessed or changed without being noticed',
  overwrite: 'leave it out; the session cookie always replaces an earlier one of its name',
  priority: 'leave it out; the cookie has no Priority',
  genid: 'leave it out; ids are random, and cannot be chosen',
  idGenerator: 'leave it out; ids are random, and cannot be chosen',
  proxy: "set the framework's own trust-proxy option",
  unset: 'leave it out; call session.revoke() to end a session',
  prefix: 'leave it out; with Fastify, register activateSessions within the plugin that has the prefix',
  maxAge: 'set idleTimeout or absoluteTimeout on the storage, or call session.setLifetime() for one session',
  expires: 'set idleTimeout or absoluteTimeout on the storage, or call session.setLifetime() for one session',
  expiry: 'set idleTimeout or absoluteTimeout on the storage',
  ttl: 'set idleTimeout or absoluteTimeout on the storage',
  storage: 'call it sessionStorage',
  autoCreateSession: "use create: 'eager' for true, create: 'never' for false",
};

const OF_COOKIES = ['path', 'domain', 'secure', 'httpOnly', 'sameSite', 'persistent', 'partitioned', 'alsoClear'];

const OF_CHECK = ['origins', 'exempt'];

const OF_TOKENS = [
  'jwtSecret',
  'jwtAlgorithm',
  'timeToLive',
  'ttlType',
  'issuer',
  'audience',
  'clockSkew',
  'cacheSize',
  'registry',
];

const OF_STORES = ['reuseWindow', 'authKey', 'deadline', 'sweepInterval'];

const OF_BOTH = [
  'idleTimeout',
  'absoluteTimeout',
  'timeoutResolution',
  'rotationGrace',
  'revocations',
  'maxSessionsPerUser',
  'onReuse',
  'sessionData',
  'userData',
  'migrate',
  'clock',
];

/** Names that are not options of `activateSessions`, and what to do instead. */
export const ACTIVATE_CURES: Cures = {
  ...cureAll(OF_COOKIES, (name) => `it is an option of the cookie, cookie: { ${name} }`),
  ...cureAll(OF_CHECK, (name) => `it is an option of the check of cross-site requests, csrf: { ${name} }`),
  ...cureAll(OF_TOKENS, (name) => `it is an option of the storage, new SessionStorage({ ${name} })`),
  ...cureAll(OF_STORES, (name) => `it is an option of the storage, new ServerSessionStorage({ ${name} })`),
  ...cureAll(OF_BOTH, (name) => `it is an option of the storage that sessionStorage is set to: { ${name} }`),
  ...OF_OTHER_PACKAGES,
};

function cureAll(names: readonly string[], cure: (name: string) => string): Cures {
  return Object.fromEntries(names.map((name) => [name, cure(name)]));
}
