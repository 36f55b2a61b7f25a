/** A goal: better than this figure is met. */
export type Goal = {
  readonly what: string;
  /** What stands in the way, should it be missed. */
  readonly obstacle?: string;
} & ({ readonly atMost: number } | { readonly atLeast: number });

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

const KNOWN_TOKEN =
  'Making a session, and the copy of the data that the caller may change, is what remains of a known token.';
const CREATE =
  'jsonwebtoken signs here, too. Of the time of the bare call, its `sign` takes 0.81 with the finished text and header. An id of 144 random bits and a checked copy of the data take 0.13, and the text of the claims 0.11. Tried and dropped: a header without a prototype, which jsonwebtoken takes twice as long to check. Signing with node:crypto alone would be faster than the bare call. Decision 108 says why that is not done.';
const REQUEST =
  'A profile of such a request gives 13 % of its time to the files of this package, 31 % to write(2) and 5 % to collecting garbage. Node does the rest of what a session adds. The row "cookie and headers alone" is what it takes to parse a cookie of 500 characters, and to send Vary and Cache-Control. Decision 107 says what was tried and kept. In one process without sockets, this session adds 4.1 µs, and that of express-session adds 16.6.';
const STORED =
  'The store is asked by the digest of the sid, and within a deadline. What it finds is checked before it counts; the peer only parses it. A body that has not changed is not parsed again, which halved the time without HTTP (decision 112).';
const CHANGED =
  "A changed session is compared with what was loaded, checked, and written with compare-and-set. The peer's `set` overwrites whatever is there. In a MemoryStore without HTTP, ours took 10.4 µs in a profile and the peer's 5.7. Of ours, JSON.stringify took 1.7, comparing and copying the data 1.6, and hashing the sid 0.6; most of the rest are promises. Ours took 15.5 µs before. Tried and kept: what this process wrote is not parsed (decision 112). An answer that is there at once needs no timer (decision 113). The data is walked once, not three times. Tried and dropped: fewer asynchronous steps, which changed what a save writes.";
const CHANGED_OVER_HTTP = `${CHANGED} Over HTTP the cookie is sent again with its new expiry, which the peer does only if it is asked to.`;
const IN_REDIS = 'The compare-and-set is a script, which Redis runs on the same cores.';
const WEB =
  'Headers of the Fetch standard check and sort names at each look. The session of a Request also needs an exchange of its own, where Express lends its request and response.';
const SAME_WORK =
  'A token that was found good is not looked up again until the list changes, so both do the same work. What differs is the place in memory of two storages of one process: over several runs, the ratio was between 0.8 and 1.5.';
const IMPORT =
  'Most of it is node:crypto, and reading and compiling the files. Tried and kept: few files for Node, no node:http, node:net or cookie, and jsonwebtoken at the first signature (decisions 110 and 111).';

/** What the package wants to reach beside its peers, on Node 24. Streams have goals of their own: live/goals.ts. */
export const GOALS = {
  knownTokenBesideCache: {
    what: '`storage.get`, token seen before, sessionData read: times as fast as fast-jwt with its cache',
    atLeast: 4,
    obstacle: KNOWN_TOKEN,
  },
  knownTokenBesideVerify: {
    what: '`storage.get`, token seen before, sessionData read: times as fast as bare `jsonwebtoken.verify(KeyObject)`',
    atLeast: 15,
    obstacle: KNOWN_TOKEN,
  },
  newToken: {
    what: '`storage.get`, new token, cache and an empty list on: share of the time of bare `jsonwebtoken.verify(KeyObject)`',
    atMost: 1.05,
  },
  create: {
    what: '`create().forClient()`: share of the time of bare `jsonwebtoken.sign(KeyObject)`',
    atMost: 1.05,
    obstacle: CREATE,
  },
  revocationsSpeed: {
    what: 'revocation list with 1,000,000 entries: time of `get` as share of that without a list (5 % are noise)',
    atMost: 1.05,
    obstacle: SAME_WORK,
  },
  expressAdds: {
    what: 'Express 5 + activateSessions (JWT, live session): adds µs of server CPU',
    atMost: 4,
    obstacle: REQUEST,
  },
  expressBesidePeer: {
    what: `Express 5 + activateSessions (JWT, live session): share of what ${EXPRESS_MEMORY} adds`,
    atMost: 0.2,
    obstacle: REQUEST,
  },
  expressBesideBare: {
    what: 'Express 5 + activateSessions (JWT, live session): share of bare',
    atLeast: 0.9,
    obstacle: REQUEST,
  },
  expressMemory: {
    what: `Express 5 + MemoryStore, unchanged: share of what ${EXPRESS_MEMORY} adds`,
    atMost: 0.5,
    obstacle: STORED,
  },
  expressMemoryChanged: {
    what: `Express 5 + MemoryStore, changed: share of what ${EXPRESS_MEMORY} adds`,
    atMost: 0.6,
    obstacle: CHANGED_OVER_HTTP,
  },
  expressRedis: { what: 'Express 5 + RedisStore, unchanged: share of what connect-redis adds', atMost: 0.5 },
  expressRedisChanged: {
    what: 'Express 5 + RedisStore, changed: share of what connect-redis adds',
    atMost: 0.5,
    obstacle: `${CHANGED_OVER_HTTP} ${IN_REDIS}`,
  },
  expressPostgres: { what: 'Express 5 + PostgresStore, unchanged: share of what connect-pg-simple adds', atMost: 0.5 },
  expressPostgresChanged: {
    what: 'Express 5 + PostgresStore, changed: share of what connect-pg-simple adds',
    atMost: 0.5,
    obstacle: CHANGED_OVER_HTTP,
  },
  fastifyBesideBare: { what: 'Fastify 5, JWT form: share of bare', atLeast: 0.85, obstacle: REQUEST },
  honoBesideExpress: { what: 'Hono, JWT form: share of the µs that Express costs', atMost: 1, obstacle: WEB },
  koaBesideExpress: { what: 'Koa, JWT form: share of the µs that Express costs', atMost: 1 },
  fetchBesideExpress: { what: 'fetch, JWT form: share of the µs that Express costs', atMost: 1, obstacle: WEB },
  memoryStore: {
    what: "MemoryStore, changed session: times as fast as express-session's blind write",
    atLeast: 1,
    obstacle: CHANGED,
  },
  redisStore: {
    what: "RedisStore, changed session: times as fast as connect-redis' blind write",
    atLeast: 1,
    obstacle: `${CHANGED} ${IN_REDIS}`,
  },
  postgresStore: {
    what: "PostgresStore, changed session: times as fast as connect-pg-simple's blind write",
    atLeast: 1,
    obstacle: CHANGED,
  },
  redisLoad: { what: 'Redis, round trips of a request that changes nothing', atMost: 1 },
  redisChange: { what: 'Redis, round trips of a request that changes the session', atMost: 2 },
  memorySession: { what: 'MemoryStore, 1,000,000 sessions: bytes each besides the data', atMost: 450 },
  memorySweep: { what: 'MemoryStore, 1,000,000 sessions: ms of a slice of the sweep, 99 of 100', atMost: 2 },
  importIndex: { what: "`import 'sessions-jwt'`: ms", atMost: 45, obstacle: IMPORT },
  importExpress: { what: "`import 'sessions-jwt/express'`: ms", atMost: 45, obstacle: IMPORT },
  bundle: { what: 'tree-shaken bundle of the Express JWT form, minified: kB', atMost: 150 },
  revocationsMemory: { what: 'revocation list with 1,000,000 entries: MiB', atMost: 40 },
  revocationsStart: { what: 'revocation list: start-up from a log with 1,000,000 entries, s', atMost: 2 },
} as const satisfies Readonly<Record<string, Goal>>;

/** What came of a goal. */
export function outcome(goal: Goal, measured: number): Outcome {
  const isUpper = 'atMost' in goal;
  const bound = isUpper ? goal.atMost : goal.atLeast;
  const isMet = isUpper ? measured <= bound : measured >= bound;
  const gap = isUpper ? measured / bound - 1 : 1 - measured / bound;
  const known = goal.obstacle === undefined ? {} : { obstacle: goal.obstacle };
  return {
    what: goal.what,
    goal: `${isUpper ? '<=' : '>='} ${bound}`,
    measured,
    isMet,
    gap: isMet ? 0 : gap,
    ...known,
  };
}
