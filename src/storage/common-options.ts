import { callback, kind, oneOf } from '../lib/rules/kinds.js';
import type { Rule } from '../lib/rules/rule.js';
import { hasMethods } from '../lib/strict-options.js';
import { wholeNumber } from '../lib/whole-number.js';
import { type Clock, systemClock } from '../ports/clock.js';
import { isSchema } from '../session/data-schema.js';
import { type Bounds, defaultResolution } from '../session/expiry.js';

/** A whole number of ms, 0 or more. */
export const duration: Rule<number> = wholeNumber('ms', 0);

const schema = kind(isSchema, 'expected a zod schema or another Standard Schema').optional();

/** What the use of a replaced sid after its grace does, besides the event `reused`. */
export type OnReuse = 'report' | 'revoke';

/** See `maxSessionsPerUser` of the storages. */
export const maxSessions: Rule<number | null> = wholeNumber(undefined, 1, undefined, 'null for no limit')
  .nullable()
  .default(null);

/** The options that both storages have. */
export const COMMON_OPTIONS: {
  readonly rotationGrace: Rule<number>;
  readonly onReuse: Rule<OnReuse>;
  readonly sessionData: Rule<object | undefined>;
  readonly userData: Rule<object | undefined>;
  readonly migrate: Rule<object | undefined>;
  readonly clock: Rule<Clock>;
} = {
  rotationGrace: duration.default(10_000),
  onReuse: oneOf(['report', 'revoke']).default('report'),
  sessionData: schema,
  userData: schema,
  migrate: callback('expected a function').optional(),
  clock: kind((clock): clock is Clock => hasMethods(clock, 'now'), 'expected a Clock: { now(): number }').default(
    systemClock,
  ),
};

/**
 * The resolution in effect. `bound` is the name of the option that limits it.
 * @throws TypeError if active sessions would expire
 */
export function checkedResolution(what: string, given: number | undefined, bounds: Bounds, bound: string): number {
  const resolution = given ?? defaultResolution(bounds);
  if (bounds.lastAccess === null || resolution < bounds.lastAccess) return resolution;
  throw new TypeError(
    `${what}: timeoutResolution (${resolution} ms) must be less than ${bound} (${bounds.lastAccess} ms), or active sessions would expire`,
  );
}
