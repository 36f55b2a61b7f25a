import fc from 'fast-check';

/** Strings of any UTF-16 units, lone surrogates and U+0000 included, and those that objects already have a meaning for. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', '__proto__', 'constructor', 'prototype', 'toJSON', 'toString', 'hasOwnProperty', '0', '\ud800'),
);

const scalar = fc.oneof(
  anyText,
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(anyText, tie('value')), { maxLength: 4 }).map(objectOf),
  ),
}));

/** Any JSON value. */
export const jsonValue: fc.Arbitrary<unknown> = value;

/** Any JSON object, with any keys at any level: what sessionData may be. */
export const jsonObject: fc.Arbitrary<Record<string, unknown>> = fc
  .array(fc.tuple(anyText, jsonValue), { maxLength: 5 })
  .map(objectOf);

/** As JSON.parse makes one, so that `__proto__` is a property like any other. */
function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [key, one] of entries) {
    Object.defineProperty(object, key, { value: one, writable: true, enumerable: true, configurable: true });
  }
  return object;
}

/** JSON text in which keys are sorted at all levels: the same for equal data, `__proto__` properties included. */
export function canonical(data: unknown): string {
  if (Array.isArray(data)) return `[${data.map(canonical).join()}]`;
  if (typeof data !== 'object' || data === null) return JSON.stringify(data) ?? 'undefined';
  const entries = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join()}}`;
}

/** `depth` levels of objects and arrays in turn. */
export function nested(depth: number): Record<string, unknown> {
  let inner: unknown = [];
  for (let level = depth; level > 2; level -= 1) inner = level % 2 === 0 ? [inner] : { a: inner };
  return { a: inner };
}
