import type { Revocation } from '../../ports/revocation-log.js';

const AT = '{"at":';
const UNTIL = ',"until":';
const REASON = ',"reason":"';
const LINEAGE = '","lineage":"';
const JTI = '","jti":"';
const END = '"}';

/**
 * Reads the text of an entry that ends one session or token, as `textOfRevocation` writes it, in a line from `start` to its end. Other text gives
 * undefined, even if it means the same. Control characters, which that never writes, are not looked for.
 *
 * Almost all entries are like that, and a process that starts reads up to millions of them: this takes half of the time of JSON.parse.
 */
export function usualRevocation(seq: string, line: string, start: number): Revocation | undefined {
  // Without a backslash, every quotation mark is the end of a string.
  if (!line.startsWith(AT, start) || !line.endsWith(END) || line.includes('\\', start)) return undefined;
  const untilAt = line.indexOf(UNTIL, start + AT.length);
  const at = wholeNumber(line, start + AT.length, untilAt);
  const reasonAt = line.indexOf(REASON, untilAt + UNTIL.length);
  const until = wholeNumber(line, untilAt + UNTIL.length, reasonAt);
  if (at < 0 || until < 0) return undefined;
  const from = reasonAt + REASON.length;
  const to = line.indexOf('"', from);
  const isLineage = line.startsWith(LINEAGE, to);
  if (!isLineage && !line.startsWith(JTI, to)) return undefined;
  const nameAt = to + (isLineage ? LINEAGE : JTI).length;
  const nameEnd = line.length - END.length;
  if (line.indexOf('"', nameAt) !== nameEnd) return undefined;
  const name = line.slice(nameAt, nameEnd);
  return { seq, at, until, reason: line.slice(from, to), match: isLineage ? { lineage: name } : { jti: name } };
}

/** The digits between two places as a number; -1 for anything else, and for more than 15 digits or a zero before others. */
function wholeNumber(line: string, start: number, end: number): number {
  if (end <= start || end - start > 15 || (end - start > 1 && line.startsWith('0', start))) return -1;
  let value = 0;
  for (let place = start; place < end; place += 1) {
    const digit = line.charCodeAt(place) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
