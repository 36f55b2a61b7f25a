import { readFileSync } from 'node:fs';
import { type CommandIo, UsageError } from './command.js';
import type { Options } from './options.js';

/** The variable that is looked at when nothing is said. */
export const SECRET_VARIABLE = 'SESSION_SECRET';

/** The options that say where the secret is. */
export const SECRET_OPTIONS: readonly string[] = ['secret-env', 'secret-file'];

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Refuses a secret among the arguments, before anything else looks at them.
 * @throws UsageError when there is one
 */
export function refuseSecretArgument(args: readonly string[]): void {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  if (!options.some((arg) => arg === '--secret' || arg.startsWith('--secret='))) return;
  throw new UsageError(
    `--secret is refused: every user of this machine can read command lines, and shells keep them. Put the secret in the environment variable ${SECRET_VARIABLE} or in a file (--secret-file), and replace one that was typed here`,
  );
}

/** Whether the command line names a place, rather than leaving it to the default. */
export function namesSecret({ values }: Options): boolean {
  return SECRET_OPTIONS.some((name) => values.has(name));
}

/**
 * The secret from where the options say, or from {@link SECRET_VARIABLE}; `undefined` when nothing is said and that is not
 * set. Whether it is any good is for the storage to find. No message repeats the name of a place, in case it is the secret.
 * @throws UsageError when a place that was named holds none, or two are named
 */
export function readSecret({ values }: Options, env: CommandIo['env']): string | Uint8Array | undefined {
  const variable = values.get('secret-env');
  const path = values.get('secret-file');
  if (variable !== undefined && path !== undefined)
    throw new UsageError('--secret-env and --secret-file exclude each other');
  if (path !== undefined) return readSecretFile(path);
  const secret = env[variable ?? SECRET_VARIABLE];
  if (secret === undefined && variable === undefined) return undefined;
  if (secret === undefined) throw new UsageError('the environment variable that --secret-env names is not set');
  return secret;
}

/** The bytes as they are, but for one newline at the end, which editors and `echo` add. */
function readSecretFile(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UsageError(`the file that --secret-file names cannot be read (${code})`);
  }
  return bytes.subarray(0, endWithoutNewline(bytes));
}

function endWithoutNewline(bytes: Uint8Array): number {
  if (bytes.at(-1) !== LINE_FEED) return bytes.length;
  return bytes.at(-2) === CARRIAGE_RETURN ? bytes.length - 2 : bytes.length - 1;
}
