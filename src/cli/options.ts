import { parseArgs } from 'node:util';
import { UsageError } from './command.js';

/** The options of a command line, by name. */
export interface Options {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
}

/** The names of a command's options, without dashes. */
export interface OptionNames {
  readonly flags: readonly string[];
  readonly values: readonly string[];
}

/** @throws UsageError for an unknown option, an option without its value, and an option given twice */
export function readOptions(args: readonly string[], names: OptionNames): Options {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokensOf(args, names)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (flags.has(token.name) || values.has(token.name)) throw new UsageError(`--${token.name} was given twice`);
    if (token.value === undefined) flags.add(token.name);
    else values.set(token.name, token.value);
  }
  return { flags, values, positionals };
}

/** The value of an option, as a whole number. @throws UsageError when it is not written in digits */
export function readWhole({ values }: Options, name: string): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new UsageError(`--${name} must be a whole number, written in digits`);
}

/** The value of an option, as one of `words`. @throws UsageError when it is another */
export function readOneOf<Word extends string>(
  { values }: Options,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = values.get(name);
  const word = words.find((one) => one === text);
  if (word === undefined && text !== undefined) throw new UsageError(`--${name} must be one of ${words.join(', ')}`);
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
  const all = [...flags, ...values].map((name) => `--${name}`);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true }).tokens;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The first sentence names the option; the rest is advice on dashes.
    const [problem = ''] = error.message.split(/\.\s/);
    const isUnknown = 'code' in error && error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
    throw new UsageError(isUnknown ? `${problem}: the options are ${all.join(', ')}` : problem);
  }
}
