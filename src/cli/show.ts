import { escaped } from '../lib/escaped.js';
import { DEEPEST, nestsDeeperThan } from '../lib/json.js';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** The last instant a Date can hold. */
const LATEST = 8.64e15;

const TOO_DEEP = '(nested too deeply to show)';

/** A duration in its two largest units, such as `3 d 2 h`. */
export function duration(ms: number): string {
  let rest = Math.floor(ms);
  const parts = UNITS.map(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return { count, text: `${count} ${unit}` };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first === -1) return '0 ms';
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ text }) => text)
    .join(' ');
}

/** The distance from now, such as `3 h ago` or `in 2 d`. */
export function distance(at: number, now: number): string {
  return at > now ? `in ${duration(at - now)}` : `${duration(now - at)} ago`;
}

/** A ms timestamp in ISO 8601, if a Date can represent it. */
export function instant(ms: number): string {
  return ms <= LATEST ? new Date(ms).toISOString() : 'later than a Date can be';
}

/**
 * One line of JSON that is safe to print in a terminal. Control characters, formatting characters (text direction, zero width) and lone
 * surrogates are escaped, which does not change the JSON value.
 */
export function json(value: unknown): string {
  return escaped(JSON.stringify(value) ?? 'undefined');
}

/** `value`; or a remark, when it is nested so deeply that JSON.stringify would fail. */
export function showable(value: unknown): unknown {
  return nestsDeeperThan(DEEPEST, value) ? TOO_DEEP : value;
}
