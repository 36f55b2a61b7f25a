/** Whether tests that look for rare faults take their time for it: with `SESSIONS_DEEP=1`, as in `.ci/run`. */
const IS_DEEP: boolean = process.env['SESSIONS_DEEP'] === '1';

/**
 * How often a test tries what depends on chance: random input, or the order of events. Every run of `npm test` tries something else, so that
 * `quick` need only be enough for common faults.
 */
export function tries({ quick, deep }: { readonly quick: number; readonly deep: number }): number {
  return IS_DEEP ? deep : quick;
}
