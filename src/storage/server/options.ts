import { FieldsRule } from '../../lib/rules/fields.js';
import { kind, text } from '../../lib/rules/kinds.js';
import { strictOptions } from '../../lib/strict-options.js';
import { LONGEST_TIMER, wholeNumber } from '../../lib/whole-number.js';
import type { Clock } from '../../ports/clock.js';
import type { Store } from '../../ports/store.js';
import type { StandardSchema } from '../../session/data-schema.js';
import type { Bounds } from '../../session/expiry.js';
import { COMMON_OPTIONS, checkedResolution, duration, maxSessions, type OnReuse } from '../common-options.js';
import { SERVER_CURES } from '../option-cures.js';
import { checkClock } from '../revocation/check-clock.js';
import { isRevocationList } from '../revocation/is-revocation-list.js';
import type { RevocationList } from '../revocation/revocation-list.js';
import { storeOption } from '../store-option.js';

/** Options of a `ServerSessionStorage`. All durations are in ms. An explicit `undefined` means the default. */
export interface ServerSessionStorageOptions<Data, User, DataInput = Data> {
  /** The store: a MemoryStore, SqliteStore, RedisStore, PostgresStore, or your own that passes `storeSuite`. */
  readonly store: Store;
  /** How long a session lives after its last access. Default 604,800,000 (7 days); `null` = no limit. */
  readonly idleTimeout?: number | null | undefined;
  /**
   * How long a session lives after its creation or last change of user. Activity does not extend it. Default
   * 5,184,000,000 (60 days); `null` = no limit.
   */
  readonly absoluteTimeout?: number | null | undefined;
  /**
   * How old the stored `lastAccess` may be before an unchanged session is written. Default: a tenth of `idleTimeout`,
   * at most 600,000; 0 or `null` = at each request. Must be less than `idleTimeout`.
   */
  readonly timeoutResolution?: number | null | undefined;
  /** How long an id that a rotation replaced still opens its session. Default 10,000. */
  readonly rotationGrace?: number | undefined;
  /**
   * How long replaced and ended ids are remembered. Until then, the use of a replaced id emits `reused`, and an id
   * without a uid finds its session after a rotation. At least `rotationGrace`. Default 3,600,000 (1 hour).
   */
  readonly reuseWindow?: number | undefined;
  /**
   * What happens when a sid that a rotation replaced is used after `rotationGrace`. 'report' (default): the event
   * `reused`. 'revoke': also, the session ends. Neither a thief nor the user goes on with a copy then (RFC 9700 section
   * 4.14.2). Anyone who has an old sid can end its session, within `reuseWindow`.
   */
  readonly onReuse?: 'report' | 'revoke' | undefined;
  /**
   * A key or path of `sessionData` that mirrors the uid, such as 'passport.user' for Passport. It is set when a session
   * is opened. When it is saved or committed, a uid that the application put there signs that user in, and a missing
   * one signs out, unless `setUser` was called. Default: none.
   */
  readonly authKey?: string | undefined;
  /**
   * How many sessions a user may have; `null` = no limit. A sign-in beyond the limit ends the user's oldest sessions by
   * `created`. Default `null`.
   */
  readonly maxSessionsPerUser?: number | null | undefined;
  /**
   * A list that is informed of every session that ends, and checked at every `get`. Default: none. The store does not
   * need it.
   */
  readonly revocations?: RevocationList | undefined;
  /**
   * Type and validation of `sessionData`: a zod schema or another synchronous Standard Schema. Default: any JSON
   * object.
   */
  readonly sessionData?: StandardSchema<Data, DataInput> | undefined;
  /** The same for `userData`. */
  readonly userData?: StandardSchema<User, unknown> | undefined;
  /**
   * Converts `sessionData` that the schema rejects, such as data of an older version. Needs the `sessionData` schema,
   * which validates the result. It is stored at commit. Default: such sessions are not found (`invalid_data`).
   */
  readonly migrate?: ((old: unknown) => Data) | undefined;
  /**
   * How long the store may take for one request, before `StoreUnavailable` is thrown. Opening and committing a session
   * share it; the time of your own code does not count. Calls such as `save()` and `revoke()` have their own. Default
   * 2,000. `sweep()` and `revoke('everyone')` have 60,000. Ending all sessions of a user has the deadline for each 500
   * sessions.
   */
  readonly deadline?: number | undefined;
  /**
   * How often expired sessions are removed in the background, ± 20%. Default 300,000 (5 minutes); `null` = only by
   * `sweep()`.
   */
  readonly sweepInterval?: number | null | undefined;
  /** The clock. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

const DAY = 24 * 60 * 60 * 1000;

const timeout = wholeNumber('ms', 1, undefined, 'null for none');
const timerSpan = wholeNumber('ms', 1, LONGEST_TIMER);

const OPTIONS = new FieldsRule({
  store: storeOption,
  idleTimeout: timeout.nullable().default(7 * DAY),
  absoluteTimeout: timeout.nullable().default(60 * DAY),
  timeoutResolution: duration.nullable().optional(),
  reuseWindow: duration.default(3_600_000),
  authKey: text()
    .check((path) => /^[^.]+(\.[^.]+)*$/.test(path), 'expected a key of sessionData, or several joined by dots')
    .check((path) => !path.split('.').includes('__proto__'), 'a path through __proto__ leads nowhere')
    .optional(),
  maxSessionsPerUser: maxSessions,
  revocations: kind(isRevocationList, 'expected a RevocationList').optional(),
  deadline: timerSpan.default(2_000),
  sweepInterval: wholeNumber('ms', 1, LONGEST_TIMER, 'null for never').nullable().default(300_000),
  ...COMMON_OPTIONS,
});

/** The checked options with their defaults, frozen. */
export interface ServerSettings {
  readonly bounds: Bounds;
  readonly resolution: number;
  readonly rotationGrace: number;
  readonly reuseWindow: number;
  readonly onReuse: OnReuse;
  readonly authKey: string | undefined;
  readonly maxSessionsPerUser: number | null;
  readonly revocations: RevocationList | undefined;
  readonly deadline: number;
  readonly sweepInterval: number | null;
  /** How far apart the clocks of machines that read the revocations may be, in ms. */
  readonly clockSkew: number;
  readonly clock: Clock;
}

/** @throws TypeError that names the invalid option */
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
  const { rotationGrace, onReuse, authKey, maxSessionsPerUser, revocations, deadline, sweepInterval, clock } = rest;
  checkClock('ServerSessionStorage', clock, revocations);
  return Object.freeze({
    bounds,
    resolution,
    rotationGrace,
    reuseWindow: Math.max(rest.reuseWindow, rotationGrace),
    onReuse,
    authKey,
    maxSessionsPerUser,
    revocations,
    deadline,
    sweepInterval,
    clockSkew: 1_000,
    clock,
  });
}
