import { isDate, isMap, isSet } from 'node:util/types';
import { SessionDataInvalid } from '../errors.js';
import { kindOf } from './kind-of.js';
import { spellPath } from './path.js';

/** How deep a session's data may nest objects and arrays: shallow enough for recursion. */
export const DEEPEST = 1000;

/** Whether `value` is an object literal or null-prototype object, of this realm or another. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A copy of data already known to be JSON. */
export function cloneJson<Value>(value: Value): Value;
export function cloneJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => cloneJson(item));
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) {
    const item = copy[key];
    if (typeof item === 'object' && item !== null) copy[key] = cloneJson(item);
  }
  return copy;
}

/**
 * A copy of `value` that consists of JSON. Leaves out properties that are undefined and turns -0 into 0, as JSON text does.
 *
 * @throws SessionDataInvalid naming the path of the first value that JSON would lose or change: undefined in an array,
 *   NaN, Infinity, bigint, symbol, function, an instance of a class (Date and Map too), a cycle, more than 1,000 levels.
 */
export function copyAsJson<Value>(value: Value, name: string): Value;
export function copyAsJson(value: unknown, name: string): unknown {
  if (!isPlainObject(value)) throw new SessionDataInvalid(name, `expected a plain object, got ${kindOf(value)}`);
  return copyObject(value, [name]);
}

/** Whether parsed JSON has objects or arrays in more than `levels` levels, itself included. */
export function nestsDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => nestsDeeperThan(levels - 1, item));
}

/** Freezes JSON all the way down. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) deepFreeze(item);
    Object.freeze(value);
  }
  return value;
}

/**
 * Whether two values are the same JSON, with keys in the same order. If false, they may still be equal in another key order, or
 * `other` may not be JSON.
 */
export function isSameJson(json: unknown, other: unknown): boolean {
  if (json === other) return true;
  if (Array.isArray(json)) return Array.isArray(other) && isSameList(json, other);
  return isPlainObject(json) && isPlainObject(other) && isSameObject(json, other);
}

function isSameList(list: readonly unknown[], other: readonly unknown[]): boolean {
  if (list.length !== other.length) return false;
  for (let i = 0; i < list.length; i += 1) if (!isSameJson(list[i], other[i])) return false;
  return true;
}

function isSameObject(object: Record<string, unknown>, other: Record<string, unknown>): boolean {
  const keys = Object.keys(object);
  const others = Object.keys(other);
  if (keys.length !== others.length || Object.getOwnPropertySymbols(other).length > 0) return false;
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] ?? '';
    if (key !== others[i] || !isSameJson(object[key], other[key])) return false;
  }
  return true;
}

/**
 * Compares two objects, the second of which may be no JSON: whether they are the same, as `isSameJson` says, or `other` has a top-level string,
 * number or boolean that `json` has not. Most changes are of this kind, which needs no texts to compare. If 'unknown', the two may differ.
 */
export function compareJson(json: object, other: object): 'same' | 'different' | 'unknown' {
  if (!isPlainObject(json) || !isPlainObject(other)) return 'unknown';
  const keys = Object.keys(json);
  const others = Object.keys(other);
  let isSame = keys.length === others.length && Object.getOwnPropertySymbols(other).length === 0;
  for (let i = 0; i < others.length; i += 1) {
    const key = others[i] ?? '';
    const value = other[key];
    const before = json[key];
    if (value !== before && isPrimitive(value) && (before === undefined || isPrimitive(before))) return 'different';
    isSame = isSame && keys[i] === key && isSameJson(before, value);
  }
  return isSame ? 'same' : 'unknown';
}

function isPrimitive(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** The top-level keys whose JSON texts differ between two objects, with those that only one of them has. */
export function changedKeys(before: object, after: object): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => textOf(before, key) !== textOf(after, key));
}

/** The JSON text of an own property; `undefined` if there is none. */
export function textOf(object: object, key: string): string | undefined {
  return JSON.stringify(Object.getOwnPropertyDescriptor(object, key)?.value);
}

/** A path in the data: its name, then keys and indexes. Made into text only for an error. */
type Trail = (string | number)[];

function copyAny(value: unknown, trail: Trail): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value + 0;
      break;
    case 'object':
      if (value === null) return null;
      if (trail.length > DEEPEST)
        throw new SessionDataInvalid(spellPath(trail), `nested deeper than ${DEEPEST} levels, or a cycle`);
      if (Array.isArray(value)) return copyList(value, trail);
      if (isPlainObject(value)) return copyObject(value, trail);
  }
  throw new SessionDataInvalid(spellPath(trail), `JSON cannot carry ${kindOf(value)}${insteadOf(value)}`);
}

/** What to store in place of a value that JSON cannot carry. */
function insteadOf(value: unknown): string {
  if (isDate(value)) return ': store date.toISOString() or date.getTime()';
  if (isMap(value) || isSet(value)) return ': store an array, [...value]';
  if (typeof value === 'bigint') return ': store its digits, String(value)';
  return ArrayBuffer.isView(value) ? ': store a string, as in base64' : '';
}

function copyList(list: readonly unknown[], trail: Trail): unknown[] {
  const copy: unknown[] = [];
  for (const item of list) {
    trail.push(copy.length);
    copy.push(copyAny(item, trail));
    trail.pop();
  }
  return copy;
}

function copyObject(object: Record<string, unknown>, trail: Trail): Record<string, unknown> {
  if (Object.getOwnPropertySymbols(object).length > 0) {
    throw new SessionDataInvalid(spellPath(trail), 'JSON cannot carry a property named by a symbol');
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    trail.push(key);
    setOwn(copy, key, copyAny(value, trail));
    trail.pop();
  }
  return copy;
}

/** Plain assignment to `__proto__` would change the prototype instead of making a property. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[key] = value;
  }
}
