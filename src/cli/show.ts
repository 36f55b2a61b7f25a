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

const TOO_DEEP = '(nested too deeply to be shown)';

/** A duration by its two largest units, such as `3 d 2 h`. */
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

/** How far from now: `3 h ago`, `in 2 d`. */
export function distance(at: number, now: number): string {
  return at > now ? `in ${duration(at - now)}` : `${duration(now - at)} ago`;
}

/** An instant for people, as far as the calendar goes. */
export function instant(ms: number): string {
  return ms <= LATEST ? new Date(ms).toISOString() : 'after the end of the calendar';
}

/**
 * JSON in one line, in which nothing can steer a terminal or reorder what is read: control characters, those that only
 * format (of text direction, of no width), and lone surrogates are written as escapes. It stays the same JSON.
 */
export function json(value: unknown): string {
  return escaped(JSON.stringify(value) ?? 'undefined');
}

/** Anything at all in one line of text, with the same escapes. */
export function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}

/** `value`, or a remark in its place when it is nested so deeply that writing it out would fail. */
export function showable(value: unknown): unknown {
  return nestsDeeperThan(DEEPEST, value) ? TOO_DEEP : value;
}
