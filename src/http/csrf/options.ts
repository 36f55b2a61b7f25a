import { z } from 'zod';
import { type Cures, strictOptions, wrongOption } from '../../lib/strict-options.js';
import { problemOfOrigin } from './origin.js';

/** What may send requests that change something, beside the pages of the server itself. */
export interface CsrfOptions<Request> {
  /**
   * Other origins whose pages may send requests that change something, such as `https://app.example`: exactly scheme, host and
   * port, as browsers spell them. Default: none. Such a page can do what its user can do.
   */
  readonly origins?: readonly string[] | undefined;
  /**
   * Returns true for requests that other sites send, such as webhooks and returns from a payment page. They are not checked, and
   * their session is not opened: they have an empty one, and none with `create: 'never'`. Default: none.
   */
  readonly exempt?: ((request: Request) => boolean) | undefined;
}

/** The option `csrf` once judged. */
export interface CsrfSettings<Request> {
  readonly origins: ReadonlySet<string>;
  readonly isExempt: (request: Request) => boolean;
}

const origin = z.string({ error: 'must be a string' }).superRefine((text, context) => {
  const message = problemOfOrigin(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const OPTIONS = z.strictObject({
  origins: z.array(origin, { error: 'must be an array of origins' }).default([]),
  exempt: z.custom((value) => typeof value === 'function', 'expected a function of the request').optional(),
});

const CURES: Cures = {
  origin: 'call it origins',
  trustedOrigins: 'call it origins',
  allowedOrigins: 'call it origins',
  skip: 'call it exempt',
  ignore: 'call it exempt',
  ignoreMethods: 'leave it out; GET, HEAD and OPTIONS are not checked',
  ignoredMethods: 'leave it out; GET, HEAD and OPTIONS are not checked',
};

/**
 * Judges the option `csrf`. `undefined`: requests are not checked.
 * @param hasCookie whether sids travel by cookie: without, browsers send none on their own, and there is nothing to check
 * @throws TypeError naming the option that is wrong
 */
export function readCsrfOption<Request>(
  option: false | 'origin' | CsrfOptions<Request> | undefined,
  hasCookie: boolean,
): CsrfSettings<Request> | undefined {
  if (option === false) return undefined;
  if (!hasCookie) {
    if (option === undefined) return undefined;
    throw wrongOption(
      'activateSessions',
      ['csrf'],
      'needs the option cookie: only cookies are sent by browsers on their own',
    );
  }
  const given = option === undefined || option === 'origin' ? {} : option;
  const { origins } = strictOptions('activateSessions', OPTIONS, given, CURES, 'csrf');
  return { origins: new Set(origins), isExempt: given.exempt ?? (() => false) };
}
