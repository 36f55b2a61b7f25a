import { z } from 'zod';

/** The longest delay of `setTimeout`, ms. Node fires a longer one after 1 ms. */
export const LONGEST_TIMER = 2_147_483_647;

/**
 * An option that takes a whole number. Its message names the range, so that it fits whatever was given.
 * @param otherwise what else it takes, such as `null for no limit`
 */
export function wholeNumber(unit: 'ms' | undefined, least: number, most?: number, otherwise?: string): z.ZodNumber {
  const open = least === 1 ? ' above 0' : `, ${least} or more`;
  const range = most === undefined ? open : ` from ${least} to ${most}`;
  const message = `expected a whole number${unit === undefined ? '' : ` of ${unit}`}${range}${otherwise === undefined ? '' : `, or ${otherwise}`}`;
  const number = z.number(message).int(message).min(least, message);
  return most === undefined ? number : number.max(most, message);
}
