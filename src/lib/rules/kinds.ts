import { type Expected, misfit, Rule, refused, within } from './rule.js';

/** Takes what `accepts` accepts. */
export function kind<T>(accepts: (value: unknown) => value is T, expected: Expected): Rule<T> {
  return new Rule((value) => (accepts(value) ? { value } : misfit(expected, value)));
}

export function text(expected: Expected = 'expected a string'): Rule<string> {
  return kind((value) => typeof value === 'string', expected);
}

export function flag(expected: Expected): Rule<boolean> {
  return kind((value) => typeof value === 'boolean', expected);
}

/** Takes a function, whose parameters nobody can check. */
export function callback(expected: Expected): Rule<object> {
  return kind((value): value is object => typeof value === 'function', expected);
}

/** Takes one of a few values. */
export function oneOf<const T extends string | boolean>(values: readonly T[], problem?: string): Rule<T> {
  const text = problem ?? `expected one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
  return new Rule((given) => {
    const value = values.find((one) => one === given);
    return value === undefined ? refused(text) : { value };
  });
}

/** Takes a list whose items `item` takes. */
export function list<T>(item: Rule<T>, expected: Expected): Rule<readonly T[]> {
  return new Rule((given) => {
    if (!Array.isArray(given)) return misfit(expected, given);
    const value: T[] = [];
    for (const [index, one] of given.entries()) {
      const judgement = item.judge(one);
      if ('problems' in judgement) return { problems: within(index, judgement.problems) };
      value.push(judgement.value);
    }
    return { value };
  });
}

/** Takes anything: it is checked elsewhere. */
export const anything: Rule<unknown> = new Rule((value) => ({ value }));
