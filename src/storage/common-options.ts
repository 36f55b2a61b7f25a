import { z } from 'zod';
import { hasMethods } from '../lib/strict-options.js';
import { wholeNumber } from '../lib/whole-number.js';
import { type Clock, systemClock } from '../ports/clock.js';
import { isSchema } from '../session/data-schema.js';
import { type Bounds, defaultResolution } from '../session/expiry.js';

/** A whole number of ms, 0 or more. */
export const duration: z.ZodNumber = wholeNumber('ms', 0);

const schema = z.custom(isSchema, 'expected a zod schema or another Standard Schema').optional();

/** The options that both storages have. */
export const COMMON_OPTIONS: {
  readonly rotationGrace: z.ZodDefault<z.ZodNumber>;
  readonly sessionData: z.ZodOptional<z.ZodCustom>;
  readonly userData: z.ZodOptional<z.ZodCustom>;
  readonly migrate: z.ZodOptional<z.ZodCustom>;
  readonly clock: z.ZodDefault<z.ZodCustom<Clock, Clock>>;
} = {
  rotationGrace: duration.default(10_000),
  sessionData: schema,
  userData: schema,
  migrate: z.custom((value) => typeof value === 'function', 'expected a function').optional(),
  clock: z
    .custom<Clock>((clock) => hasMethods(clock, 'now'), 'expected a Clock: { now(): number }')
    .default(systemClock),
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
