import { parseArgs } from 'node:util';
import { UsageError } from './command.js';

/** The options of a command line, by name. */
export interface Options {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
}

/** The names of the options a command takes, without their dashes. */
export interface OptionNames {
  readonly flags: readonly string[];
  readonly values: readonly string[];
}

/** @throws UsageError for an unknown option, one without its value, and one given twice */
export function readOptions(args: readonly string[], names: OptionNames): Options {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokensOf(args, names)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (flags.has(token.name) || values.has(token.name)) throw new UsageError(`--${token.name} is given twice`);
    if (token.value === undefined) flags.add(token.name);
    else values.set(token.name, token.value);
  }
  return { flags, values, positionals };
}

/** A whole number written in digits. @throws UsageError for anything else */
export function readWhole({ values }: Options, name: string): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new UsageError(`--${name} takes a whole number, written in digits`);
}

/** One of a fixed list of words. @throws UsageError for any other */
export function readOneOf<Word extends string>(
  { values }: Options,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = values.get(name);
  const word = words.find((one) => one === text);
  if (word === undefined && text !== undefined) throw new UsageError(`--${name} is one of ${words.join(', ')}`);
  return word;
}

type Token =
  | { readonly kind: 'option'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'positional'; readonly value: string }
  | { readonly kind: 'option-terminator' };

function tokensOf(args: readonly string[], { flags, values }: OptionNames): readonly Token[] {
  const options = Object.fromEntries([
    ...flags.map((name) => [name, { type: 'boolean' }] as const),
    ...values.map((name) => [name, { type: 'string' }] as const),
  ]);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true }).tokens;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // What follows its first sentence is advice on dashes.
    throw new UsageError(error.message.split(/\.\s/)[0]);
  }
}
