import { kindOf } from '../kind-of.js';

/** What is wrong with a value. */
export interface Problem {
  /** Where in the value. */
  readonly path: readonly PropertyKey[];
  /** A clause, such as `must be a string`. */
  readonly text: string;
  /** The names that are no options, if those are the problem. */
  readonly unknown?: readonly string[];
}

/** The value to use, or what is wrong with the given one. */
export type Judgement<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

/** Which values an option takes. Each method returns another rule. */
export class Rule<T> {
  readonly judge: (value: unknown) => Judgement<T>;

  constructor(judge: (value: unknown) => Judgement<T>) {
    this.judge = judge;
  }

  /** Takes `undefined`, too. */
  optional(): Rule<T | undefined> {
    return this.#or(undefined, undefined);
  }

  /** Takes `null`, too. */
  nullable(): Rule<T | null> {
    return this.#or(null, null);
  }

  /** Takes `undefined` for `value`. */
  default(value: T): Rule<T> {
    return this.#or(undefined, value);
  }

  /** Takes only what is accepted; `problem` is a clause about the rest, such as `must be a domain name`. */
  check(accepts: (value: T) => boolean, problem: string): Rule<T> {
    return this.refuse((value) => (accepts(value) ? undefined : problem));
  }

  /** Takes only that of which `problemOf` finds nothing wrong. */
  refuse(problemOf: (value: T) => string | undefined): Rule<T> {
    return this.#then((value) => {
      const text = problemOf(value);
      return text === undefined ? { value } : refused(text);
    });
  }

  /** Takes what `next` takes of the values of this rule. */
  pipe<U>(next: Rule<U>): Rule<U> {
    return this.#then(next.judge);
  }

  /** Changes the value. */
  map<U>(change: (value: T) => U): Rule<U> {
    return this.#then((value) => ({ value: change(value) }));
  }

  #or<U>(given: undefined | null, value: U): Rule<T | U> {
    return new Rule<T | U>((input) => (input === given ? { value } : this.judge(input)));
  }

  #then<U>(next: (value: T) => Judgement<U>): Rule<U> {
    return new Rule((input) => {
      const judgement = this.judge(input);
      return 'value' in judgement ? next(judgement.value) : judgement;
    });
  }
}

/** The judgement that the value as a whole cannot be used. */
export function refused(text: string): { readonly problems: readonly Problem[] } {
  return { problems: [{ path: [], text }] };
}

/** A clause about a value of a wrong kind. After one that begins with `expected`, messages say what was given. */
export type Expected = string | ((value: unknown) => string);

/** The judgement that the value is of a wrong kind. */
export function misfit(expected: Expected, value: unknown): { readonly problems: readonly Problem[] } {
  const clause = typeof expected === 'string' ? expected : expected(value);
  return refused(clause.startsWith('expected') ? `${clause}, got ${kindOf(value)}` : clause);
}

/** The problems of a value as those of what has it under `key`. */
export function within(key: PropertyKey, problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, path: [key, ...problem.path] }));
}
