import { type Judgement, misfit, type Problem, Rule, within } from './rule.js';

/** A rule for each field. */
export type RulesOf<Fields> = { readonly [Name in keyof Fields]: Rule<Fields[Name]> };

/** Takes an object that has no other fields. What it makes of it is another object, which is frozen. */
export class FieldsRule<Fields> extends Rule<Readonly<Fields>> {
  readonly rules: Readonly<Record<string, Rule<unknown>>>;

  constructor(rules: RulesOf<Fields>, expected = 'expected an object of options') {
    super((given) => (isObject(given) ? judgeFields(rules, given) : misfit(expected, given)));
    this.rules = rules;
  }

  /** What it makes of an empty object. @throws TypeError if a field has no default */
  defaults(): Readonly<Fields> {
    const judgement = this.judge({});
    if ('value' in judgement) return judgement.value;
    throw new TypeError(`${judgement.problems[0]?.path.join('.')} has no default`);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function judgeFields<Fields>(rules: RulesOf<Fields>, given: object): Judgement<Readonly<Fields>> {
  const problems: Problem[] = [];
  const fields: Partial<Fields> = {};
  for (const name in rules) {
    const judgement = rules[name].judge(Reflect.get(given, name));
    if ('value' in judgement) fields[name] = judgement.value;
    else problems.push(...within(name, judgement.problems));
  }
  // Inherited names, too: nothing that was given is ignored.
  const unknown: string[] = [];
  for (const name in given) if (!Object.hasOwn(rules, name)) unknown.push(name);
  if (unknown.length > 0) problems.push({ path: [], text: 'has unknown names', unknown });
  return problems.length === 0 && isWhole(fields, rules) ? { value: Object.freeze(fields) } : { problems };
}

function isWhole<Fields>(fields: Partial<Fields>, rules: RulesOf<Fields>): fields is Fields & Partial<Fields> {
  return Object.keys(rules).every((name) => name in fields);
}
