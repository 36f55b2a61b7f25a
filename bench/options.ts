import { parseArgs } from 'node:util';
import { PARTS, type PartName } from './sections.js';

/** What a run measures, and how long. */
export interface Options {
  /** In the order of the results. */
  readonly parts: readonly PartName[];
  /** Little of everything, to see that it runs. */
  readonly isQuick: boolean;
  /** The rounds of every part, instead of its own number. */
  readonly rounds: number | undefined;
  /** The HTTP servers that are measured. Default: all. */
  readonly only: RegExp | undefined;
}

/** Reads the command line: parts by name, all without one; `--only` is a regular expression. @throws TypeError for anything else */
export function readOptions(args: readonly string[]): Options {
  const flags = Object.fromEntries(PARTS.map((part) => [part, { type: 'boolean' as const }]));
  const { values } = parseArgs({
    args: [...args],
    options: { ...flags, quick: { type: 'boolean' }, rounds: { type: 'string' }, only: { type: 'string' } },
  });
  const { rounds, only, quick: isQuick = false } = values;
  const named = PARTS.filter((part) => Reflect.get(values, part) === true);
  if (rounds !== undefined && !/^[1-9]\d*$/.test(rounds)) throw new TypeError(`--rounds ${rounds} is not a number`);
  return {
    parts: named.length === 0 ? PARTS : named,
    isQuick,
    rounds: rounds === undefined ? undefined : Number(rounds),
    only: only === undefined ? undefined : new RegExp(only, 'i'),
  };
}
