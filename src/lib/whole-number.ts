import { kind } from './rules/kinds.js';
import type { Rule } from './rules/rule.js';

/** The longest delay of `setTimeout`, ms. Node fires a longer one after 1 ms. */
export const LONGEST_TIMER = 2_147_483_647;

/**
 * An option that takes a whole number. Its message names the range, so that it fits whatever was given.
 * @param otherwise what else it takes, such as `null for no limit`
 */
export function wholeNumber(
  unit: 'ms' | undefined,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
  otherwise?: string,
): Rule<number> {
  const open = least === 1 ? ' above 0' : `, ${least} or more`;
  const range = most === Number.MAX_SAFE_INTEGER ? open : ` from ${least} to ${most}`;
  const message = `expected a whole number${unit === undefined ? '' : ` of ${unit}`}${range}${otherwise === undefined ? '' : `, or ${otherwise}`}`;
  return kind((value): value is number => Number.isInteger(value), message).check(
    (value) => value >= least && value <= most,
    message,
  );
}
