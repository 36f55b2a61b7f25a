import { segment } from '../support/forge.js';

/**
 * Ways to spoil a credential, by name. `at` is any number, and chooses the place; `text` is any text.
 * All work on a token of any number of segments, and on an opaque sid.
 */
export const CHANGES = {
  whole: (good: string): string => good,
  'cut off': (good: string, at: number): string => good.slice(0, at % good.length),
  'without its start': (good: string, at: number): string => good.slice(1 + (at % good.length)),
  'with text put in': (good: string, at: number, text: string): string => spliced(good, at, 0, text),
  'with text in place of a character': (good: string, at: number, text: string): string => spliced(good, at, 1, text),
  'with text at its end': (good: string, _at: number, text: string): string => `${good}${text}`,
  'with a bit of a character flipped': (good: string, at: number): string => {
    const code = good.charCodeAt(at % good.length) ^ (1 << (at % 7));
    return spliced(good, at, 1, String.fromCharCode(code));
  },
  'with a bit of a byte flipped': (good: string, at: number): string => {
    const segments = good.split('.');
    const which = at % segments.length;
    const bytes = Buffer.from(segments[which] ?? '', 'base64url');
    const byte = at % bytes.length;
    bytes.writeUInt8(bytes.readUInt8(byte) ^ (1 << (at % 8)), byte);
    return segments.with(which, bytes.toString('base64url')).join('.');
  },
  'one segment of': (good: string, at: number): string => good.split('.').at(at % good.split('.').length) ?? '',
  'without one segment': (good: string, at: number): string => {
    const segments = good.split('.');
    return segments.toSpliced(at % segments.length, 1).join('.');
  },
  'with its segments in reverse': (good: string): string => good.split('.').reverse().join('.'),
  'under another header': (good: string, _at: number, text: string): string =>
    [segment(text), ...good.split('.').slice(1)].join('.'),
  'with other claims': (good: string, _at: number, text: string): string =>
    good
      .split('.')
      .with(good.includes('.') ? 1 : 0, segment(text))
      .join('.'),
  twice: (good: string, _at: number, text: string): string => `${good}${text}${good}`,
  'in upper case': (good: string): string => good.toUpperCase(),
  'in lower case': (good: string): string => good.toLowerCase(),
  'percent-encoded': (good: string): string => Array.from(good, (one) => `%${one.charCodeAt(0).toString(16)}`).join(''),
  'in quotes': (good: string): string => `"${good}"`,
  'in base64': (good: string): string => Buffer.from(good).toString('base64'),
} as const;

export type ChangeName = keyof typeof CHANGES;

function spliced(good: string, at: number, count: number, text: string): string {
  const index = at % good.length;
  return `${good.slice(0, index)}${text}${good.slice(index + count)}`;
}
