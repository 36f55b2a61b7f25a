import { readFileSync } from 'node:fs';
import { escaped } from '../lib/escaped.js';
import { type Command, type CommandIo, NO, OK, USAGE, UsageError } from './command.js';
import { inspect } from './inspect.js';
import { secret } from './secret.js';
import { sweep } from './sweep.js';

const COMMANDS: readonly Command[] = [secret, inspect, sweep];
const NAMES = COMMANDS.map(({ name }) => name).join(', ');

/** Runs the command that the arguments name, and returns the exit code. Never throws and never prints a stack. */
export async function dispatch(io: CommandIo): Promise<number> {
  const [name = '', ...args] = io.args;
  const command = COMMANDS.find((one) => one.name === name);
  try {
    if (command === undefined) return general(io);
    if (asksForHelp(args)) {
      io.stdout.write(`usage: sessions-jwt ${command.synopsis}\n\n${command.help}`);
      return OK;
    }
    return await command.run({ ...io, args });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const isUsage = error instanceof UsageError;
    io.stderr.write(`sessions-jwt: ${isUsage ? '' : 'failed: '}${escaped(text)}\n${isUsage ? usage(command) : ''}`);
    return isUsage ? USAGE : NO;
  }
}

/** Handles a command line that names no command: `--help` and `--version`. */
function general({ args, stdout }: CommandIo): number {
  const [first, ...more] = args;
  if (first === undefined) throw new UsageError(`no command given: use ${NAMES}`);
  if (more.length === 0 && (first === '--help' || first === '-h')) {
    const width = Math.max(...COMMANDS.map(({ synopsis }) => synopsis.length));
    const lines = COMMANDS.map(({ synopsis, summary }) => `  sessions-jwt ${synopsis.padEnd(width)}   ${summary}\n`);
    stdout.write(`usage:\n${lines.join('')}\n  --help (also after a command), --version\n`);
    return OK;
  }
  if (more.length === 0 && first === '--version') {
    stdout.write(`${packageVersion()}\n`);
    return OK;
  }
  // The message does not repeat the argument: it may be a token or a secret whose command was forgotten.
  throw new UsageError(
    `${first.startsWith('-') ? 'unknown option before the command' : 'unknown command'}: use ${NAMES}`,
  );
}

function usage(command: Command | undefined): string {
  const shown = command === undefined ? COMMANDS : [command];
  const lines = shown.map(({ synopsis }) => `  sessions-jwt ${synopsis}\n`);
  return `usage:\n${lines.join('')}more: sessions-jwt ${command === undefined ? '' : `${command.name} `}--help\n`;
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h');
}

/** package.json is two folders above `src/cli` and `dist/cli` alike. */
function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version);
}
