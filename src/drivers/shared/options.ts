import { z } from 'zod';
import { hasMethods } from '../../lib/strict-options.js';
import { LONGEST_TIMER, wholeNumber } from '../../lib/whole-number.js';

/** Options after judging: those that may be left out have their default. */
export type Given<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** The option `deadline` of a store, ms. */
export const deadlineOption: z.ZodDefault<z.ZodNumber> = wholeNumber('ms', 1, LONGEST_TIMER).default(2_000);

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
): z.ZodCustom<Client, Client> {
  return z.custom<Client>((value) => accepts(value) === true, {
    error: ({ input }) => {
      if (typeof input === 'string') return forText;
      if (hasMethods(input, 'then')) return 'this is a Promise: await it first';
      const problem = accepts(input);
      return typeof problem === 'string' ? problem : `expected ${expected}`;
    },
  });
}
