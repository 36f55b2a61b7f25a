import { changedKeys, cloneJson, textOf } from '../lib/json.js';

/**
 * Merges the changes from `base` to `theirs` into `mine`, one top-level key at a time. Arrays and nested objects count
 * as one value, and a deletion counts as a change. For keys that both changed, `mine` wins.
 *
 * `only` limits the merge to these keys of `theirs`. `own` collects the keys that `mine` changed, over repeated merges:
 * they stay with `mine` even if `theirs` had the same value in between.
 * @returns the keys that both changed to different values
 */
export function mergeInto(
  mine: object,
  base: object,
  theirs: object,
  only?: readonly string[],
  own: Set<string> = new Set(),
): string[] {
  for (const key of changedKeys(base, mine)) own.add(key);
  const contested: string[] = [];
  for (const key of changedKeys(base, theirs)) {
    if (only?.includes(key) === false) continue;
    if (!own.has(key)) take(mine, theirs, key);
    else if (textOf(mine, key) !== textOf(theirs, key)) contested.push(key);
  }
  return contested;
}

function take(mine: object, theirs: object, key: string): void {
  const property = Object.getOwnPropertyDescriptor(theirs, key);
  if (property === undefined) Reflect.deleteProperty(mine, key);
  // Plain assignment to `__proto__` would change the prototype.
  else Object.defineProperty(mine, key, { ...property, value: cloneJson(property.value) });
}
