import assert from 'node:assert/strict';
import type { Revocation, RevocationLog } from '../../ports/revocation-log.js';
import { within } from './within.js';

/** ms in which an entry of another process must arrive, and in which a log must yield a batch. */
const LIMIT = 10_000;
/** ms in which a read must end after an abort: a RevocationList that stops waits no longer. */
const PROMPT = 1_000;

/** An open read of a log, and all that it has yielded. */
export class Reading {
  readonly batches: (readonly Revocation[])[] = [];
  readonly #positions = new Set<string>();
  readonly #waiting = new Set<() => void>();
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #isOver = false;

  constructor(log: RevocationLog, after: string | null) {
    this.#ended = this.#follow(log, after);
    // A failed read fails the case where it waits for the read.
    this.#ended.catch(() => undefined);
  }

  get entries(): Revocation[] {
    return this.batches.flat();
  }

  /** Resolves when the stored entries were read: at the first empty batch. */
  async caughtUp(): Promise<void> {
    await this.#until('an empty batch', () => this.batches.some((batch) => batch.length === 0));
  }

  /** Resolves when the entry at this position was read. */
  async heard(position: string): Promise<void> {
    await this.#until('an entry that was appended', () => this.#positions.has(position));
  }

  /** Resolves when another `count` batches were read. */
  async beats(count: number): Promise<void> {
    for (let beat = 0; beat < count; beat += 1) {
      const known = this.batches.length;
      await this.#until('another batch, if only an empty one', () => this.batches.length > known);
    }
  }

  abort(): void {
    this.#stopping.abort();
  }

  /** Resolves when the read has ended, which it must without an error and without delay. */
  async ends(): Promise<void> {
    await within(PROMPT, 'the end of a read', this.#ended);
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    let check = (): void => undefined;
    const met = new Promise<void>((resolve, reject) => {
      check = () => {
        if (condition()) resolve();
        else if (this.#isOver) reject(new assert.AssertionError({ message: `the read ended before ${what}` }));
      };
      this.#waiting.add(check);
      check();
    });
    try {
      await within(LIMIT, what, Promise.race([met, this.#failure()]));
    } finally {
      this.#waiting.delete(check);
    }
  }

  /** Rejects with the error of the read, if it throws one. */
  async #failure(): Promise<void> {
    await this.#ended;
    await new Promise(() => undefined);
  }

  async #follow(log: RevocationLog, after: string | null): Promise<void> {
    try {
      for await (const batch of log.read(after, this.#stopping.signal)) {
        this.batches.push(batch);
        for (const { seq } of batch) this.#positions.add(seq);
        this.#check();
      }
    } finally {
      this.#isOver = true;
      this.#check();
    }
  }

  #check(): void {
    for (const check of [...this.#waiting]) check();
  }
}
