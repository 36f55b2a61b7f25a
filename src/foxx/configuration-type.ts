import { copyAsJson, deepFreeze } from '../lib/json.js';

/** The type of a configuration value. A password is a string that is not logged. */
export type ConfigurationType = 'string' | 'integer' | 'number' | 'boolean' | 'password' | 'json';

interface Kind {
  readonly expected: string;
  /** The value as modules get it; `undefined` if it has another type. */
  read(value: unknown): unknown;
}

const text: Kind['read'] = (value) => (typeof value === 'string' ? value : undefined);

const KINDS: Readonly<Record<ConfigurationType, Kind>> = {
  string: { expected: 'a string', read: text },
  password: { expected: 'a string', read: text },
  integer: { expected: 'a whole number', read: (value) => (Number.isSafeInteger(value) ? value : undefined) },
  number: { expected: 'a finite number', read: (value) => (Number.isFinite(value) ? value : undefined) },
  boolean: { expected: 'true or false', read: (value) => (typeof value === 'boolean' ? value : undefined) },
  json: { expected: 'a JSON value or JSON text', read: readJson },
};

/** @throws TypeError naming `name` and the expected type, never the value. */
export function readValue(type: ConfigurationType, value: unknown, name: string): unknown {
  const { expected, read } = KINDS[type];
  const result = read(value);
  if (result !== undefined) return result;
  const hint = typeof value === 'string' && type !== 'json' ? ': a string, as from process.env, is not converted' : '';
  throw new TypeError(`${name} must be ${expected} (type ${type})${hint}`);
}

/** Drops the parser's error, which quotes the text. */
function readJson(value: unknown): unknown {
  try {
    return deepFreeze<unknown>(typeof value === 'string' ? JSON.parse(value) : copyAsJson({ value }, 'json').value);
  } catch {
    return undefined;
  }
}
