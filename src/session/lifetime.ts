import { isPlainObject } from '../lib/json.js';
import { kindOf } from '../lib/kind-of.js';
import { unknownOption } from '../lib/unknown-option.js';
import { type Bounds, type Lifetime, LONGEST_LIFE, longestLife, withLifetime } from './expiry.js';

const TIMEOUTS = ['idleTimeout', 'absoluteTimeout'] as const;
const CURES = {
  maxAge: 'set idleTimeout or absoluteTimeout, in ms',
  expires: 'set idleTimeout or absoluteTimeout, in ms',
};
const KNOWN: readonly string[] = [...TIMEOUTS, 'persistent'];

/**
 * Whether `value` is a valid lifetime: known options only, timeouts of 1 ms to 400 days or `null`, a boolean
 * `persistent`.
 */
export function isLifetime(value: object): value is Lifetime {
  return problemOf(value) === undefined;
}

/**
 * Returns a frozen copy without undefined options; `undefined` if none is set. @throws TypeError that names the invalid
 * option
 */
export function checkLifetime(life: Lifetime): Lifetime | undefined {
  const problem = problemOf(life);
  if (problem !== undefined) throw new TypeError(`setLifetime: ${problem}`);
  const entries = Object.entries(life).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.freeze(Object.fromEntries(entries));
}

/** @throws TypeError if the session would have no limit although the storage sets one */
export function refuseEndless(bounds: Bounds, life: Lifetime | undefined): void {
  if (longestLife(bounds) === null || longestLife(withLifetime(bounds, life)) !== null) return;
  throw new TypeError(
    'setLifetime: idleTimeout and absoluteTimeout leave the session without end: give it one of them',
  );
}

function problemOf(life: unknown): string | undefined {
  if (!isPlainObject(life)) return `expected { idleTimeout, absoluteTimeout, persistent }, got ${kindOf(life)}`;
  const values = new Map<string, unknown>(Object.entries(life));
  for (const name of values.keys()) {
    if (!KNOWN.includes(name)) return unknownOption(JSON.stringify(name), name, KNOWN, CURES);
  }
  for (const name of TIMEOUTS) {
    if (!isTimeout(values.get(name))) return `${name} must be a whole number of ms from 1 to ${LONGEST_LIFE}, or null`;
  }
  const persistent = values.get('persistent');
  return persistent === undefined || typeof persistent === 'boolean' ? undefined : 'persistent must be a boolean';
}

function isTimeout(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LONGEST_LIFE;
}
