/**
 * Every value of one name in a `Cookie` header, in order; `undefined` if no cookie has that name.
 *
 * Pairs end at `;` only, as browsers write them and as Node, HTTP/2 and Fetch join several headers. A comma is part of a
 * value: if it ended one, an attacker who influences another cookie's value could add a sid. Values are not decoded, except that
 * one pair of double quotes is removed. Reads the header once, so the time is linear.
 */
export function cookieValues(header: string, name: string): string[] | undefined {
  let values: string[] | undefined;
  let start = 0;
  while (start < header.length) {
    const semicolon = header.indexOf(';', start);
    const end = semicolon === -1 ? header.length : semicolon;
    const nameStart = skipBlanks(header, start, end);
    if (header.startsWith(name, nameStart)) {
      const equals = skipBlanks(header, nameStart + name.length, end);
      if (header[equals] === '=') {
        values ??= [];
        values.push(valueBetween(header, equals + 1, end));
      }
    }
    start = end + 1;
  }
  return values;
}

function valueBetween(header: string, from: number, to: number): string {
  let start = skipBlanks(header, from, to);
  let end = to;
  while (end > start && isBlank(header[end - 1])) end -= 1;
  if (end - start >= 2 && header[start] === '"' && header[end - 1] === '"') {
    start += 1;
    end -= 1;
  }
  return header.slice(start, end);
}

function skipBlanks(header: string, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(header[at])) at += 1;
  return at;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
