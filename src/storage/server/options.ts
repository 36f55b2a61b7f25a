import { z } from 'zod';
import { hasMethods, strictOptions } from '../../lib/strict-options.js';
import { LONGEST_TIMER, wholeNumber } from '../../lib/whole-number.js';
import type { Clock } from '../../ports/clock.js';
import { STORE_OPERATIONS, type Store } from '../../ports/store.js';
import type { StandardSchema } from '../../session/data-schema.js';
import type { Bounds } from '../../session/expiry.js';
import { COMMON_OPTIONS, checkedResolution, duration } from '../common-options.js';
import { SERVER_CURES } from '../option-cures.js';
import { RevocationList } from '../revocation/revocation-list.js';

/** How a `ServerSessionStorage` keeps sessions. All durations are ms; an explicit `undefined` means the default. */
export interface ServerSessionStorageOptions<Data, User, DataInput = Data> {
  /** Where sessions are kept: a MemoryStore, SqliteStore, RedisStore, PostgresStore, or one of your own that passes `storeSuite`. */
  readonly store: Store;
  /** How long a session lives after its last access. Default 604,800,000 (7 days); null = no such bound. */
  readonly idleTimeout?: number | null | undefined;
  /** How long it lives after its creation or last change of user, whatever happens. Default 5,184,000,000 (60 days); null = no such bound. */
  readonly absoluteTimeout?: number | null | undefined;
  /**
   * How old the stored lastAccess may grow before an otherwise unchanged session is written. Default: a tenth of idleTimeout, at most
   * 600,000; 0 or null = written at each request.
   */
  readonly timeoutResolution?: number | null | undefined;
  /** How long an id that rotation replaced still opens its session. Default 10,000. */
  readonly rotationGrace?: number | undefined;
  /**
   * How long replaced and ended ids are remembered: until then the use of a replaced one is noticed (event `reused`), and an id without a uid finds its session
   * after a rotation. Never shorter than rotationGrace. Default 3,600,000 (one hour).
   */
  readonly reuseWindow?: number | undefined;
  /**
   * A key of sessionData, or a path such as 'passport.user' (for Passport), that mirrors the uid: derived from it when a session is
   * read, and what the application puts there signs in or out at commit, unless `setUser` was called. Default: none.
   */
  readonly authKey?: string | undefined;
  /** How many sessions one user may have; signing in beyond that ends those signed in longest ago. Default: any number. */
  readonly maxSessionsPerUser?: number | null | undefined;
  /** Told of every session that is ended, after the store; and asked at every `get`. Default: none, which the store does not need. */
  readonly revocations?: RevocationList | undefined;
  /** Type and check of sessionData: a zod schema or any synchronous Standard Schema. Default: any JSON object. */
  readonly sessionData?: StandardSchema<Data, DataInput> | undefined;
  /** The same for userData. */
  readonly userData?: StandardSchema<User, unknown> | undefined;
  /** Makes present sessionData of an older shape that the schema refuses; what it gives is checked, and stored at commit. */
  readonly migrate?: ((old: unknown) => Data) | undefined;
  /**
   * How long the store may take for one request before it is a StoreUnavailable: opening and committing a session share it, the time of your own code
   * does not count. A call such as `save()` or `revoke()` has it anew. Default 2,000. Sweeping and ending everyone's sessions have 60,000; ending
   * all sessions of a user has it for each 500 of them.
   */
  readonly deadline?: number | undefined;
  /** How often expired sessions are removed in the background, give or take a fifth. Default 300,000 (5 minutes); null = only by `sweep()`. */
  readonly sweepInterval?: number | null | undefined;
  /** Where the time comes from. Default: the machine. */
  readonly clock?: Clock | undefined;
}

const DAY = 24 * 60 * 60 * 1000;

const timeout = wholeNumber('ms', 1, undefined, 'null for none');
const timerSpan = wholeNumber('ms', 1, LONGEST_TIMER);

/** Every default in one place. */
const OPTIONS = z.strictObject({
  store: z.custom<Store>((store) => hasMethods(store, ...STORE_OPERATIONS), {
    error: ({ input }) => storeFault(input),
  }),
  idleTimeout: timeout.nullable().default(7 * DAY),
  absoluteTimeout: timeout.nullable().default(60 * DAY),
  timeoutResolution: duration.nullable().optional(),
  reuseWindow: duration.default(3_600_000),
  authKey: z
    .string()
    .regex(/^[^.]+(\.[^.]+)*$/, 'expected a key of sessionData, or several joined by dots')
    .refine((path) => !path.split('.').includes('__proto__'), 'a path through __proto__ leads nowhere')
    .optional(),
  maxSessionsPerUser: wholeNumber(undefined, 1, undefined, 'null for no limit').nullable().default(null),
  revocations: z.instanceof(RevocationList, { error: 'expected a RevocationList' }).optional(),
  deadline: timerSpan.default(2_000),
  sweepInterval: wholeNumber('ms', 1, LONGEST_TIMER, 'null for never').nullable().default(300_000),
  ...COMMON_OPTIONS,
});

/** What is wrong with something in place of a store. */
function storeFault(value: unknown): string {
  const missing = STORE_OPERATIONS.filter((name) => !hasMethods(value, name));
  if (missing.length < STORE_OPERATIONS.length / 2)
    return `expected a Store, with the methods ${missing.join(', ')} too`;
  return hasMethods(value, 'get', 'set')
    ? 'expected a Store: stores of express-session and clients do not fit, use a driver such as new RedisStore({ client }) of sessions-jwt/redis'
    : 'expected a Store, such as new MemoryStore()';
}

/** The options once judged: plain values with their defaults, frozen. */
export interface ServerSettings {
  readonly bounds: Bounds;
  readonly resolution: number;
  readonly rotationGrace: number;
  readonly reuseWindow: number;
  readonly authKey: string | undefined;
  readonly maxSessionsPerUser: number | null;
  readonly revocations: RevocationList | undefined;
  readonly deadline: number;
  readonly sweepInterval: number | null;
  /** For revocations that others read: how far apart the clocks of machines may be. */
  readonly clockSkew: number;
  readonly clock: Clock;
}

/** @throws TypeError naming the option that is wrong */
export function serverSettings<Data, User, DataInput>(
  options: ServerSessionStorageOptions<Data, User, DataInput>,
): ServerSettings {
  const { idleTimeout, absoluteTimeout, timeoutResolution, ...rest } = strictOptions(
    'ServerSessionStorage',
    OPTIONS,
    options,
    SERVER_CURES,
  );
  const bounds = Object.freeze({ lastAccess: idleTimeout, lastUpdate: null, created: absoluteTimeout });
  const given = timeoutResolution === null ? 0 : timeoutResolution;
  const resolution = checkedResolution('ServerSessionStorage', given, bounds, 'idleTimeout');
  const { rotationGrace, authKey, maxSessionsPerUser, revocations, deadline, sweepInterval, clock } = rest;
  return Object.freeze({
    bounds,
    resolution,
    rotationGrace,
    reuseWindow: Math.max(rest.reuseWindow, rotationGrace),
    authKey,
    maxSessionsPerUser,
    revocations,
    deadline,
    sweepInterval,
    clockSkew: 1_000,
    clock,
  });
}
