import type { Revocation } from '../../ports/revocation-log.js';
import { revocationOfJson } from './revocation-text.js';
import { usualRevocation } from './usual-revocation.js';

/** The name of the entry in a line. */
export function nameIn(line: string): string {
  return line.slice(0, line.indexOf(' '));
}

/**
 * The entries of a part of a log, which has a line for each: its name and a space first, its text, which begins with a brace, last. `prefix` and the
 * name are its position.
 * @throws Error if there is text that cannot be understood
 */
export function entriesIn(lines: readonly string[], prefix: string): readonly Revocation[] {
  return lines.map((line) => {
    const seq = prefix + nameIn(line);
    const start = line.indexOf('{');
    return usualRevocation(seq, line, start) ?? revocationOfJson(seq, parsed(line.slice(start)));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
