import { readFileSync } from 'node:fs';
import { type CommandIo, UsageError } from './command.js';
import type { Options } from './options.js';

/** The environment variable that is read by default. */
export const SECRET_VARIABLE = 'SESSION_SECRET';

/** The options that name where the secret is. */
export const SECRET_OPTIONS: readonly string[] = ['secret-env', 'secret-file'];

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** To be called before the arguments are parsed. @throws UsageError when they contain a secret */
export function refuseSecretArgument(args: readonly string[]): void {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  if (!options.some((arg) => arg === '--secret' || arg.startsWith('--secret='))) return;
  throw new UsageError(
    `--secret is refused: all users of this machine can read command lines, and shells store them. Put the secret into the environment variable ${SECRET_VARIABLE} or into a file (--secret-file). Replace a secret that was typed here`,
  );
}

/** Whether the command line names where the secret is. */
export function namesSecret({ values }: Options): boolean {
  return SECRET_OPTIONS.some((name) => values.has(name));
}

/**
 * The secret from where the options name, or from {@link SECRET_VARIABLE}; `undefined` when the options name none and the variable is not
 * set. The storage judges whether the secret is good. Messages repeat neither name nor path, in case it is the secret itself.
 * @throws UsageError when there is no secret in the place that was named, or two places were named
 */
export function readSecret({ values }: Options, env: CommandIo['env']): string | Uint8Array | undefined {
  const variable = values.get('secret-env');
  const path = values.get('secret-file');
  if (variable !== undefined && path !== undefined)
    throw new UsageError('--secret-env and --secret-file cannot be used together');
  if (path !== undefined) return readSecretFile(path);
  const secret = env[variable ?? SECRET_VARIABLE];
  if (secret === undefined && variable === undefined) return undefined;
  if (secret === undefined) throw new UsageError('the environment variable that --secret-env names is not set');
  return secret;
}

/** The bytes of the file, without one newline at its end, which editors and `echo` add. */
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
