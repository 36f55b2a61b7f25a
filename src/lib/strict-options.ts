import { z } from 'zod';
import { isPlainObject } from './json.js';
import { kindOf } from './kind-of.js';
import { spellPath } from './path.js';
import { type Cures, unknownOption } from './unknown-option.js';

export type { Cures } from './unknown-option.js';

type Issue = z.core.$ZodIssue;

/**
 * Judges options: defaults filled in, frozen, the caller's object neither kept nor changed.
 *
 * Something else in their place, such as the one thing that an option should hold (`new RedisStore(client)`), is an error that
 * names the option.
 *
 * @param what the function or class that takes the options
 * @param cures for names that are no options, see {@link Cures}
 * @param within the option that holds these options, such as `cookie`
 * @throws TypeError naming the option: unknown, missing, of a wrong type, not finite, out of range
 */
export function strictOptions<Schema extends z.ZodObject>(
  what: string,
  schema: Schema,
  options: unknown,
  cures: Cures = {},
  within?: string,
): Readonly<z.output<Schema>> {
  const result = schema.safeParse(options === undefined ? {} : options);
  if (result.success) return Object.freeze(result.data);
  if (within === undefined && isMistaken(options)) throw new TypeError(`${what}: ${instead(schema, options)}`);
  const { issues } = result.error;
  // A misspelt name explains what seems to be missing, so it comes first.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const path = [...(within === undefined ? [] : [within]), ...(issue?.path ?? [])];
  if (issue?.code === 'unrecognized_keys') throw new TypeError(`${what}: ${unknown(schema, issue, path, cures)}`);
  throw wrongOption(what, path, issue === undefined ? 'refused' : problem(issue, options));
}

/** The error for an option whose value cannot be used. `problem` is a clause, such as `must be a string`. */
export function wrongOption(what: string, path: readonly PropertyKey[], problem: string): TypeError {
  return new TypeError(path.length === 0 ? `${what}: ${problem}` : `${what}: option ${spellPath(path)}: ${problem}`);
}

/** Whether `value` has all of these methods. */
export function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  const object: object = Object(value);
  for (const name of names) if (typeof Reflect.get(object, name) !== 'function') return false;
  return true;
}

/** Whether this cannot have been meant as options. */
function isMistaken(options: unknown): boolean {
  return options !== undefined && !isPlainObject(options);
}

/** A single value is meant for an option that has to be there, if there is one. */
function instead(schema: z.ZodObject, options: unknown): string {
  const all = Object.entries(schema.shape);
  const required = all.filter(([, option]) => !z.safeParse(option, undefined).success);
  const meant = (required.length > 0 ? required : all).find(([, option]) => accepts(option, options))?.[0];
  const got = `got ${kindOf(options)}`;
  if (meant !== undefined) return `expected an object of options, ${got}: pass it as an option, { ${meant} }`;
  const [name, option] = required[0] ?? [];
  if (name === undefined || option === undefined) return `expected an object of options, ${got}`;
  const cure = z.safeParse(option, options).error?.issues[0]?.message;
  return `expected { ${name} }, ${got}${cure === undefined || /^(Invalid|expected)/.test(cure) ? '' : `: ${cure}`}`;
}

/** Whether an option takes this value, and not simply any. */
function accepts(option: z.core.$ZodType, value: unknown): boolean {
  return z.safeParse(option, value).success && !z.safeParse(option, ANYTHING).success;
}

const ANYTHING: unknown = Symbol('anything');

function unknown(
  schema: z.ZodObject,
  issue: z.core.$ZodIssueUnrecognizedKeys,
  path: readonly PropertyKey[],
  cures: Cures,
): string {
  const name = issue.keys.find((key) => Object.hasOwn(cures, key)) ?? issue.keys[0] ?? '';
  const spelt = path.length === 0 ? JSON.stringify(name) : spellPath([...path, name]);
  return unknownOption(spelt, name, issue.path.length === 0 ? Object.keys(schema.shape) : undefined, cures);
}

/** The schema's own words, with what was there instead unless they name it already. */
function problem({ code, message, path }: Issue, options: unknown): string {
  const text = message.replace(/^Invalid input: /, '');
  const isKind = code === 'custom' || code === 'invalid_type' || code === 'invalid_union';
  if (!isKind || !text.startsWith('expected') || text.includes('received')) return text;
  const value = path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), options);
  return `${text}, got ${kindOf(value)}`;
}
