import { isPlainObject } from '../lib/json.js';
import { knownOnly } from '../lib/known-only.js';

/** Options of `setUser`. */
export interface SetUserOptions {
  /** The top-level keys of `sessionData` to keep. All other keys are deleted. Default: all keys are kept. */
  readonly keep?: readonly string[];
}

/**
 * Reads the option `keep`. With an id, the second argument of `setUser` is the user's data and the third one has the options.
 * @throws TypeError naming what is wrong
 */
export function keysToKeep(isId: boolean, second: unknown, third: unknown): readonly string[] | undefined {
  if (isId && third === undefined && isOptions(second)) {
    throw new TypeError('setUser: with an id, options are the third argument: setUser(id, userData, { keep })');
  }
  const options: unknown = isId ? third : second;
  knownOnly('setUser', options, ['keep']);
  const keep: unknown = Object(options).keep;
  if (keep === undefined) return undefined;
  if (Array.isArray(keep) && keep.every((key) => typeof key === 'string')) return keep;
  throw new TypeError('setUser: keep must be an array of top-level keys of sessionData');
}

function isOptions(value: unknown): boolean {
  return isPlainObject(value) && Object.keys(value).join() === 'keep' && Array.isArray(value['keep']);
}
