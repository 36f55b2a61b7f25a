import { type Rounds, ratio } from './harness/rounds.js';
import { BARE, type HttpRounds, MEMORY_STORE, OURS } from './http/table.js';
import type { StoreRounds } from './stores/table.js';
import { BARE_SIGN, BARE_VERIFY, FAST_JWT_CACHED } from './token/peers.js';
import { OURS_CREATE, OURS_DATA, OURS_UID } from './token/tables.js';

/** Everything that one run measures. */
export interface Measured {
  readonly warm: Rounds;
  readonly cold: Rounds;
  readonly create: Rounds;
  readonly stores: StoreRounds;
  readonly http: HttpRounds;
}

/** A goal, and what came of it. */
export interface Outcome {
  readonly what: string;
  readonly goal: string;
  readonly measured: number;
  readonly isMet: boolean;
  /** By how much of the goal it was missed; 0 when met. */
  readonly gap: number;
  /** What stands in the way when it is missed. */
  readonly obstacle: string;
}

const KNOWN_TOKEN =
  'Making a session, and the copy of the data that the caller may change, is what remains of a known token.';
const NEW_TOKEN =
  'Beside the signature, which is all the baseline checks, a get also checks the spelling of the token, the header and every ' +
  'claim, makes a session and asks its cache and the revocation list; each takes 2 to 3 percent of the time of a bare verify.';
const NEW_SESSION =
  'The `typ` of the header costs jsonwebtoken 7 percent of a bare sign; the rest is an id, the session itself and the text of its claims.';
const A_REQUEST =
  'What is added is mostly four methods put on each response and taken off again, the one way to settle a session before the ' +
  'headers go out, and an accessor on each request.';

const ON_FASTIFY =
  'Bare Fastify takes less than half the CPU of bare Express, so that the same work is a larger share of it.';
const A_RESPONSE =
  'What is added is mostly the same work as on Express, and promises and property accessors that its handlers need in its place.';

const WORK =
  'A digest of the sid, a session with its own copy of the data, the comparison with what was loaded by key, the compare-and-set of a version ' +
  '(in Redis a script, about 18 us there, in place of a SET) and a deadline are done for each request here and not there: the peer writes what it has over what ' +
  'is there, and loses what another request wrote.';

/** Our stores next to what is used today, the same server behind both. */
const PAIRS: readonly (readonly [own: string, peer: string, obstacle: string])[] = [
  ['MemoryStore', "express-session's MemoryStore", WORK],
  ['RedisStore, node-redis', 'connect-redis, node-redis', WORK],
  ['PostgresStore', 'connect-pg-simple', WORK],
];

const SERVED: readonly (readonly [own: string, peer: string, obstacle: string])[] = [
  ['sessions-jwt, MemoryStore', MEMORY_STORE, WORK],
  ['sessions-jwt, RedisStore', 'express-session, connect-redis', WORK],
  ['sessions-jwt, PostgresStore', 'express-session, connect-pg-simple', WORK],
];

/** What the package wants to reach: better than these figures is met. */
export function outcomesOf({ warm, cold, create, stores, http }: Measured): Outcome[] {
  return [
    atLeast(
      'get of a known token: times as fast as fast-jwt cached',
      4,
      warm.paired(FAST_JWT_CACHED, OURS_DATA, ratio),
      KNOWN_TOKEN,
    ),
    atLeast(
      'get of a known token: times as fast as bare verify',
      15,
      warm.paired(BARE_VERIFY, OURS_DATA, ratio),
      KNOWN_TOKEN,
    ),
    atMost(
      'get of a new token: share of the time of bare verify',
      1.1,
      cold.paired(OURS_UID, BARE_VERIFY, ratio),
      NEW_TOKEN,
    ),
    atMost(
      'create().forClient(): share of the time of bare sign',
      1.15,
      create.paired(OURS_CREATE, BARE_SIGN, ratio),
      NEW_SESSION,
    ),
    atMost(
      "Express: CPU added to a request, as share of what express-session's memory store adds",
      0.25,
      http.cpu.aboveBase(OURS, MEMORY_STORE, BARE),
      A_REQUEST,
    ),
    atLeast('Express: share of bare throughput', 0.92, http.throughput.paired(OURS, BARE, ratio), A_REQUEST),
    atLeast(
      'Fastify: share of bare throughput',
      0.85,
      http.throughput.paired('Fastify, sessions-jwt', 'Fastify, bare', ratio),
      ON_FASTIFY,
    ),
    ...['Koa', 'Hono', 'fetch'].map((name) =>
      atMost(
        `${name}: CPU added to a request, as share of what is added on Express`,
        1,
        http.cpu.aboveBase(`${name}, sessions-jwt`, OURS, `${name}, bare`, BARE),
        A_RESPONSE,
      ),
    ),
    ...PAIRS.flatMap(([own, peer, obstacle]) => [
      atLeast(`${own}, nothing changed: times as fast as ${peer}`, 1, stores.look.paired(peer, own, ratio), obstacle),
      atLeast(`${own}, changed: times as fast as ${peer}`, 1, stores.change.paired(peer, own, ratio), obstacle),
    ]),
    ...SERVED.map(([own, peer, obstacle]) =>
      atMost(
        `Express: CPU that ${own} adds to a request, as share of what ${peer} adds`,
        1,
        http.cpu.aboveBase(own, peer, BARE),
        obstacle,
      ),
    ),
    atMost(
      'RedisStore: commands to load, nothing changed',
      1.05,
      { median: stores.sent.get('RedisStore, node-redis')?.look ?? Number.NaN },
      'Ten times a second a store asks for the epoch as well, in the same round trip.',
    ),
  ];
}

function atLeast(what: string, goal: number, { median }: Middle, obstacle: string): Outcome {
  const isMet = median >= goal;
  return { what, goal: `>= ${goal}`, measured: median, isMet, gap: isMet ? 0 : 1 - median / goal, obstacle };
}

/** A goal that is met by this figure and all below. */
export function atMost(what: string, goal: number, { median }: Middle, obstacle: string): Outcome {
  const isMet = median <= goal;
  return { what, goal: `<= ${goal}`, measured: median, isMet, gap: isMet ? 0 : median / goal - 1, obstacle };
}

type Middle = { readonly median: number };
