/**
 * Every value of one name in a `Cookie` header, in order; `undefined` when no cookie of that name is there.
 *
 * Pairs end at `;` only, as browsers write them and Node, HTTP/2 and Fetch join several headers. A comma is part of a
 * value: were it an end, whoever can influence another cookie's value could slip in a sid. Values are not decoded, apart
 * from one pair of double quotes around them. One pass, whatever the header holds.
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
