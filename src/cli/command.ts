import type { Clock } from '../ports/clock.js';

/** Where a command writes: a stream of the process, or a test's array. */
export interface Output {
  write(text: string): unknown;
}

/** The world as a command sees it. */
export interface CommandIo {
  /** What follows the command's name. */
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
  /** Its arguments in one line. */
  readonly synopsis: string;
  /** What it is for, in a few words. */
  readonly summary: string;
  /** All of `--help` that follows the synopsis. */
  readonly help: string;
  /** Gives the exit code. @throws UsageError when it was called wrongly */
  run(io: CommandIo): number | Promise<number>;
}

/** Everything is as asked. */
export const OK = 0;
/** The command worked, and its answer is no. */
export const NO = 1;
/** It was called wrongly. */
export const USAGE = 2;

/** The command line makes no sense, and why. The message never repeats a value from it, which could be a secret. */
export class UsageError extends Error {}
