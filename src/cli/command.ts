import type { Clock } from '../ports/clock.js';

/** Where a command writes: a stream of the process, or a test's array. */
export interface Output {
  write(text: string): unknown;
}

/** Everything that a command reads and writes. */
export interface CommandIo {
  /** The arguments after the command's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
}

/** One command of the program. To add one, write its file and put it in the list of `dispatch.ts`. */
export interface Command {
  readonly name: string;
  /** Its name and arguments, in one line. */
  readonly synopsis: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** The text of `--help` after the synopsis. */
  readonly help: string;
  /** Returns the exit code. @throws UsageError when the command line is wrong */
  run(io: CommandIo): number | Promise<number>;
}

/** Success. */
export const OK = 0;
/** The command failed, or its answer is no. */
export const NO = 1;
/** The command line is wrong. */
export const USAGE = 2;

/** A wrong command line. The message never repeats a value from it, because that could be a secret. */
export class UsageError extends Error {}
