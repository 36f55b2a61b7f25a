import { kind } from '../../lib/rules/kinds.js';
import type { Rule } from '../../lib/rules/rule.js';
import { hasMethods } from '../../lib/strict-options.js';
import { LONGEST_TIMER, wholeNumber } from '../../lib/whole-number.js';

/** Options after judging: those that may be left out have their default. */
export type Given<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** The option `deadline` of a store, ms. */
export const deadlineOption: Rule<number> = wholeNumber('ms', 1, LONGEST_TIMER).default(2_000);

/**
 * An option that takes what the application opened: a client, a pool or a database.
 *
 * `accepts` may return a problem in place of false. `expected`: what to pass, as it follows that word. `forText`: the problem
 * and the cure when an address or a path was passed.
 */
export function clientOption<Client>(
  accepts: (value: unknown) => boolean | string,
  expected: string,
  forText: string,
): Rule<Client> {
  return kind(
    (value): value is Client => accepts(value) === true,
    (given) => {
      if (typeof given === 'string') return forText;
      if (hasMethods(given, 'then')) return 'this is a Promise: await it first';
      const problem = accepts(given);
      return typeof problem === 'string' ? problem : `expected ${expected}`;
    },
  );
}
