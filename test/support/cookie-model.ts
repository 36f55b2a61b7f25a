/** What `cookieValues` gives, by splitting at `;` and at the first `=`. */
export function valuesBySplitting(header: string, name: string): string[] | undefined {
  const values = header
    .split(';')
    .map((pair) => pair.split('='))
    .filter(([before = '', ...after]) => after.length > 0 && trimBlanks(before) === name)
    .map(([, ...after]) => trimBlanks(after.join('=')))
    .map((value) => (value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value));
  return values.length === 0 ? undefined : values;
}

/** Without the spaces and tabs around it. */
export function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
