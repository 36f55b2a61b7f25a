/** `"a", "b"`, or `none`. */
export function quoted(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => JSON.stringify(name)).join(', ');
}
