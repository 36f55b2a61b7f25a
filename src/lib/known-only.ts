/** @throws TypeError when an argument's object has a property that means nothing there */
export function knownOnly(what: string, given: unknown, known: readonly string[]): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null) throw new TypeError(`${what}: expected an object of options`);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${what}: unknown option ${JSON.stringify(unknown)}; there is ${known.join(', ')}`);
  }
}
