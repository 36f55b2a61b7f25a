/** A goal: better than this figure is met. */
export type Goal = { readonly what: string } & ({ readonly atMost: number } | { readonly atLeast: number });

/** A goal, and what came of it. */
export interface Outcome {
  readonly what: string;
  readonly goal: string;
  readonly measured: number;
  readonly isMet: boolean;
  /** By how much of the goal it was missed; 0 when met. */
  readonly gap: number;
  /** What stands in the way when it is missed, where that is known. */
  readonly obstacle?: string;
}

const EXPRESS_MEMORY = "express-session's memory store";

/** What the package wants to reach beside its peers, on Node 24. Streams have goals of their own: live/goals.ts. */
export const GOALS = {
  knownTokenBesideCache: {
    what: '`storage.get`, token seen before, sessionData read: times as fast as fast-jwt with its cache',
    atLeast: 4,
  },
  knownTokenBesideVerify: {
    what: '`storage.get`, token seen before, sessionData read: times as fast as bare `jsonwebtoken.verify(KeyObject)`',
    atLeast: 15,
  },
  newToken: {
    what: '`storage.get`, new token, cache and an empty list on: share of the time of bare `jsonwebtoken.verify(KeyObject)`',
    atMost: 1.05,
  },
  create: {
    what: '`create().forClient()`: share of the time of bare `jsonwebtoken.sign(KeyObject)`',
    atMost: 1.05,
  },
  revocationsSpeed: {
    what: 'revocation list with 1,000,000 entries: time of `get` as share of that without a list (5 % are noise)',
    atMost: 1.05,
  },
  expressAdds: { what: 'Express 5 + activateSessions (JWT, live session): adds µs of server CPU', atMost: 4 },
  expressBesidePeer: {
    what: `Express 5 + activateSessions (JWT, live session): share of what ${EXPRESS_MEMORY} adds`,
    atMost: 0.2,
  },
  expressBesideBare: { what: 'Express 5 + activateSessions (JWT, live session): share of bare', atLeast: 0.9 },
  expressMemory: { what: `Express 5 + MemoryStore, unchanged: share of what ${EXPRESS_MEMORY} adds`, atMost: 0.5 },
  expressMemoryChanged: { what: `Express 5 + MemoryStore, changed: share of what ${EXPRESS_MEMORY} adds`, atMost: 0.6 },
  expressRedis: { what: 'Express 5 + RedisStore, unchanged: share of what connect-redis adds', atMost: 0.5 },
  expressRedisChanged: { what: 'Express 5 + RedisStore, changed: share of what connect-redis adds', atMost: 0.5 },
  expressPostgres: { what: 'Express 5 + PostgresStore, unchanged: share of what connect-pg-simple adds', atMost: 0.5 },
  expressPostgresChanged: {
    what: 'Express 5 + PostgresStore, changed: share of what connect-pg-simple adds',
    atMost: 0.5,
  },
  fastifyBesideBare: { what: 'Fastify 5, JWT form: share of bare', atLeast: 0.85 },
  honoBesideExpress: { what: 'Hono, JWT form: share of the µs that Express costs', atMost: 1 },
  koaBesideExpress: { what: 'Koa, JWT form: share of the µs that Express costs', atMost: 1 },
  fetchBesideExpress: { what: 'fetch, JWT form: share of the µs that Express costs', atMost: 1 },
  memoryStore: { what: "MemoryStore, changed session: times as fast as express-session's blind write", atLeast: 1 },
  redisStore: { what: "RedisStore, changed session: times as fast as connect-redis' blind write", atLeast: 1 },
  postgresStore: {
    what: "PostgresStore, changed session: times as fast as connect-pg-simple's blind write",
    atLeast: 1,
  },
  redisLoad: { what: 'Redis, round trips of a request that changes nothing', atMost: 1 },
  redisChange: { what: 'Redis, round trips of a request that changes the session', atMost: 2 },
  memorySession: { what: 'MemoryStore, 1,000,000 sessions: bytes each besides the data', atMost: 450 },
  memorySweep: { what: 'MemoryStore, 1,000,000 sessions: ms of a slice of the sweep, 99 of 100', atMost: 2 },
  importIndex: { what: "`import 'sessions-jwt'`: ms", atMost: 45 },
  importExpress: { what: "`import 'sessions-jwt/express'`: ms", atMost: 45 },
  bundle: { what: 'tree-shaken bundle of the Express JWT form, minified: kB', atMost: 150 },
  revocationsMemory: { what: 'revocation list with 1,000,000 entries: MiB', atMost: 40 },
  revocationsStart: { what: 'revocation list: start-up from a log with 1,000,000 entries, s', atMost: 2 },
} as const satisfies Readonly<Record<string, Goal>>;

/** What came of a goal. */
export function outcome(goal: Goal, measured: number, obstacle?: string): Outcome {
  const isUpper = 'atMost' in goal;
  const bound = isUpper ? goal.atMost : goal.atLeast;
  const isMet = isUpper ? measured <= bound : measured >= bound;
  const gap = isUpper ? measured / bound - 1 : 1 - measured / bound;
  const known = obstacle === undefined ? {} : { obstacle };
  return {
    what: goal.what,
    goal: `${isUpper ? '<=' : '>='} ${bound}`,
    measured,
    isMet,
    gap: isMet ? 0 : gap,
    ...known,
  };
}
