import { kindOf } from './kind-of.js';
import { type Cures, unknownOption } from './unknown-option.js';

/**
 * Judges the options of a single call by their names alone, which costs a request next to nothing.
 * @throws TypeError when `options` is not an object, or has a property that is not one of `known`
 */
export function knownOnly(what: string, options: unknown, known: readonly string[], cures?: Cures): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${what}: expected an object of options, got ${kindOf(options)}`);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`${what}: ${unknownOption(JSON.stringify(unknown), unknown, known, cures)}`);
}
