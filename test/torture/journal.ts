import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { lengthened, shortened } from './body.js';
import type { Operation, Result } from './operation.js';

/** One line of a journal. `since` and `at` are µs of the clock that all processes of the machine share; `now` is a ms timestamp. */
export type Line =
  | {
      readonly line: 'intent';
      readonly n: number;
      readonly since: number;
      /** Whose session it is; null for one that all writers share. */
      readonly user: string | null;
      readonly operation: Operation;
    }
  | {
      readonly line: 'acknowledged';
      readonly n: number;
      readonly at: number;
      readonly now: number;
      readonly result: Result;
    }
  /** The store rejected: the outcome is not known. */
  | { readonly line: 'unknown'; readonly n: number }
  /** What no operation of a store may do. */
  | { readonly line: 'violation'; readonly text: string }
  | { readonly line: 'opened' | 'read' | 'unavailable'; readonly count: number }
  | { readonly line: 'swept'; readonly ids: readonly string[] };

const CHUNK = 1024 * 1024;

/** What a process did. Each line is with the operating system before the next instruction, so that it outlives a kill. */
export class Journal {
  readonly #file: number;
  #count = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  /** Says what is about to happen; returns the number to acknowledge it by. */
  intend(user: string | null, operation: Operation): number {
    this.#count += 1;
    this.write({ line: 'intent', n: this.#count, since: microseconds(), user, operation });
    return this.#count;
  }

  acknowledge(n: number, result: Result): void {
    this.write({ line: 'acknowledged', n, at: microseconds(), now: Date.now(), result });
  }

  write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line, replacer)}\n`);
  }
}

/** The lines of a journal; one that was cut off by a kill is none. */
export function* readJournal(path: string): Generator<Line> {
  const file = openSync(path, 'r');
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(CHUNK);
  let rest = '';
  try {
    for (;;) {
      const length = readSync(file, chunk);
      if (length === 0) return;
      const lines = (rest + decoder.write(chunk.subarray(0, length))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield parseLine(line);
    }
  } finally {
    closeSync(file);
  }
}

export function parseLine(text: string): Line {
  return JSON.parse(text, reviver);
}

function replacer(key: string, value: unknown): unknown {
  return key === 'body' && typeof value === 'string' ? shortened(value) : value;
}

function reviver(key: string, value: unknown): unknown {
  return key === 'body' && typeof value === 'string' ? lengthened(value) : value;
}

function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
