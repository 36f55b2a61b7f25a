import type { FieldsRule } from '../../lib/rules/fields.js';
import { type Cures, strictOptions, wrongOption } from '../../lib/strict-options.js';

/** A name of a cookie or header: a token (RFC 9110 section 5.6.2). */
export const TOKEN: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const WHAT = 'activateSessions';

/**
 * Judges the option of one transport.
 *
 * @param name the option, such as `cookie`
 * @param option `true` for the defaults, a name, or an object
 * @throws TypeError naming the option, such as `cookie.path`
 */
export function readTransportOption<Fields>(
  name: string,
  rule: FieldsRule<Fields>,
  option: unknown,
  cures?: Cures,
): Readonly<Fields> {
  const given = option === true ? {} : typeof option === 'string' ? { name: option } : option;
  return strictOptions(WHAT, rule, given, cures, name);
}

/** The error for a transport's option, such as `['cookie', 'path']`, that cannot be used. */
export function wrongTransportOption(path: readonly PropertyKey[], problem: string): TypeError {
  return wrongOption(WHAT, path, problem);
}
