import type { Cures } from '../lib/strict-options.js';

const COMMON: Cures = {
  maxAge: 'set idleTimeout or absoluteTimeout, in ms',
  ttl: 'set idleTimeout or absoluteTimeout, in ms',
  expiresIn: 'set idleTimeout or absoluteTimeout, in ms',
  sliding: 'set timeoutResolution, in ms',
  cookie: 'it is an option of activateSessions',
  header: 'it is an option of activateSessions',
  resave: 'remove it: a session is saved when it has changed',
  saveUninitialized: 'remove it, and set create of activateSessions: the default saves no empty session',
  rolling: 'set timeoutResolution, in ms',
  genid: 'remove it: the storage makes the ids',
  schema: 'write sessionData',
  cookieName: 'set cookie of activateSessions, which may be a name',
};

/** Corrections for options that a `SessionStorage` does not have. */
export const TOKEN_CURES: Cures = {
  ...COMMON,
  secret: 'write jwtSecret',
  password: 'write jwtSecret',
  secrets: 'write jwtSecret, which may be an array',
  keys: 'write jwtSecret, which may be an array',
  algorithm: 'write jwtAlgorithm',
  algorithms: 'write jwtAlgorithm, and one algorithm',
  store:
    'sessions in a store need a ServerSessionStorage, which takes it. To list the sessions of a user, write registry: new SessionRegistry(store)',
  authKey: 'it needs a store: use a ServerSessionStorage',
  reuseWindow: 'it needs a store: use a ServerSessionStorage',
  sweepInterval: 'it needs a store: use a ServerSessionStorage',
  deadline: 'set it on the RevocationList: tokens have no store',
};

/** Corrections for options that a `ServerSessionStorage` does not have. */
export const SERVER_CURES: Cures = {
  ...COMMON,
  secret: 'remove it: the sid is random and needs no signature',
  jwtSecret: 'remove it: the sid is random and needs no signature. SessionStorage makes tokens',
  jwtAlgorithm: 'remove it: the sid is random and needs no signature. SessionStorage makes tokens',
  timeToLive: 'set idleTimeout or absoluteTimeout, in ms',
  ttlType: 'set idleTimeout to count from lastAccess, absoluteTimeout to count from created',
  issuer: 'remove it: only tokens have one',
  audience: 'remove it: only tokens have one',
  clockSkew: 'remove it: only tokens have one',
  cacheSize: 'remove it: only tokens are cached',
  registry: 'write store: it lists the sessions of a user, too',
};
