import { changedKeys, cloneJson, textOf } from '../lib/json.js';

/**
 * Brings into `mine` what `theirs` changed since `base`, top-level key by top-level key; arrays and nested objects count as
 * values of their key, and a deletion as a change. What both changed stays as `mine` has it. With `only`, just these keys of theirs come in.
 * `own` holds keys that `mine` had changed in earlier merges, and gets those of this one: they stay `mine` even where others once did the same.
 * @returns the keys that both changed, to different ends
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
