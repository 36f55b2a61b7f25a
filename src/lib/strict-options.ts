import { isPlainObject } from './json.js';
import { kindOf } from './kind-of.js';
import { spellPath } from './path.js';
import type { FieldsRule } from './rules/fields.js';
import type { Problem, Rule } from './rules/rule.js';
import { type Cures, unknownOption } from './unknown-option.js';

export type { Cures } from './unknown-option.js';

/**
 * Judges options: defaults filled in, frozen, the caller's object neither kept nor changed.
 *
 * Something else in their place, such as the one thing that an option should hold (`new RedisStore(client)`), is an error that
 * names the option.
 *
 * @param what the function or class that takes the options
 * @param rule what it takes
 * @param cures for names that are no options, see {@link Cures}
 * @param within the option that holds these options, such as `cookie`
 * @throws TypeError naming the option: unknown, missing, of a wrong type, not finite, out of range
 */
export function strictOptions<Fields>(
  what: string,
  rule: FieldsRule<Fields>,
  options: unknown,
  cures: Cures = {},
  within?: string,
): Readonly<Fields> {
  const judgement = rule.judge(options === undefined ? {} : options);
  if ('value' in judgement) return judgement.value;
  if (within === undefined && isMistaken(options)) throw new TypeError(`${what}: ${instead(rule.rules, options)}`);
  const { problems } = judgement;
  // A misspelt name explains what seems to be missing, so it comes first.
  const problem = problems.find(({ unknown }) => unknown !== undefined) ?? problems[0];
  const path = [...(within === undefined ? [] : [within]), ...(problem?.path ?? [])];
  if (problem?.unknown !== undefined) throw new TypeError(`${what}: ${unknown(rule.rules, problem, path, cures)}`);
  throw wrongOption(what, path, problem?.text ?? 'refused');
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

type Rules = Readonly<Record<string, Rule<unknown>>>;

/** Whether this cannot have been meant as options. */
function isMistaken(options: unknown): boolean {
  return options !== undefined && !isPlainObject(options);
}

/** A single value is meant for an option that has to be there, if there is one. */
function instead(rules: Rules, options: unknown): string {
  const all = Object.entries(rules);
  const required = all.filter(([, rule]) => !takes(rule, undefined));
  const meant = (required.length > 0 ? required : all).find(([, rule]) => isFor(rule, options))?.[0];
  const got = `got ${kindOf(options)}`;
  if (meant !== undefined) return `expected an object of options, ${got}: pass it as an option, { ${meant} }`;
  const [name, rule] = required[0] ?? [];
  if (name === undefined || rule === undefined) return `expected an object of options, ${got}`;
  const judgement = rule.judge(options);
  const cure = 'problems' in judgement ? judgement.problems[0]?.text : undefined;
  return `expected { ${name} }, ${got}${cure === undefined || cure.startsWith('expected') ? '' : `: ${cure}`}`;
}

function takes(rule: Rule<unknown>, value: unknown): boolean {
  return 'value' in rule.judge(value);
}

/** Whether an option takes this value, and not simply any. */
function isFor(rule: Rule<unknown>, value: unknown): boolean {
  return takes(rule, value) && !takes(rule, ANYTHING);
}

const ANYTHING: unknown = Symbol('anything');

function unknown(rules: Rules, problem: Problem, path: readonly PropertyKey[], cures: Cures): string {
  const { unknown: names = [] } = problem;
  const name = names.find((one) => Object.hasOwn(cures, one)) ?? names[0] ?? '';
  const spelt = path.length === 0 ? JSON.stringify(name) : spellPath([...path, name]);
  return unknownOption(spelt, name, problem.path.length === 0 ? Object.keys(rules) : undefined, cures);
}
