import type { Outcome } from './run.js';

/** What a check tried, step by step, and what failed. */
export class Steps {
  readonly problems: string[] = [];
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void = (line) => console.log(line)) {
    this.#print = print;
  }

  /** Prints what was tried, and records a failure with its output. With `quiet`, a warning is a failure too. */
  record(what: string, outcome: Outcome, quiet = false): boolean {
    const ok = outcome.code === 0 && !(quiet && outcome.stderr !== '');
    this.#print(`- ${what}${ok ? '' : ': FAILED'}`);
    if (!ok)
      this.problems.push(`${what} failed (exit code ${outcome.code})\n${outcome.stdout}${outcome.stderr}`.trimEnd());
    return ok;
  }

  /** The same, for a program that must also print `text`, if that is not empty. */
  expect(what: string, outcome: Outcome, text: string): boolean {
    const code = outcome.stdout.includes(text) ? outcome.code : outcome.code || 1;
    return this.record(text === '' ? what : `${what} prints ${text}`, { ...outcome, code });
  }
}
