/**
 * What a value is, for messages that must not repeat the value: `a string`, `an instance of Map`, `NaN`. Of a promise
 * or a class it also says what was forgotten.
 */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'function' && /^class\b/.test(String(value))) return 'a class: call new';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (value instanceof Promise) return 'a Promise: await it first';
  const made: unknown = value.constructor;
  return typeof made === 'function' && made.name !== 'Object' ? `an instance of ${made.name}` : 'an object';
}
