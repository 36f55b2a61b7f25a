import { EventEmitter, once } from 'node:events';
import { newId } from '../../src/lib/id.js';
import type { NewRevocation, Revocation, RevocationLog } from '../../src/ports/revocation-log.js';

const HOUR = 3_600_000;

/** An open read of a revocation log, and what it has yielded. */
export class LogEar {
  readonly entries: Revocation[] = [];
  /** The number of empty batches. */
  beats = 0;
  /** Whether the read has ended, and the error that it threw. */
  isOver = false;
  failure: unknown;
  readonly #stopping = new AbortController();
  readonly #changes = new EventEmitter();

  constructor(log: RevocationLog, after: string | null = null) {
    void this.#follow(log, after);
  }

  get seqs(): string[] {
    return this.entries.map(({ seq }) => seq);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves when that is true. */
  async until(isSo: (ear: this) => boolean): Promise<this> {
    while (!isSo(this)) await once(this.#changes, 'change');
    return this;
  }

  /** Resolves when the stored entries were read. @throws what the read threw */
  async caughtUp(): Promise<this> {
    await this.until(({ beats, isOver }) => beats > 0 || isOver);
    if (this.failure !== undefined) throw this.failure;
    return this;
  }

  /** The error of the read, once it has ended. */
  async error(): Promise<unknown> {
    await this.until(({ isOver }) => isOver);
    return this.failure;
  }

  async #follow(log: RevocationLog, after: string | null): Promise<void> {
    try {
      for await (const batch of log.read(after, this.#stopping.signal)) {
        this.entries.push(...batch);
        if (batch.length === 0) this.beats += 1;
        this.#changes.emit('change');
      }
    } catch (error) {
      this.failure = error;
    }
    this.isOver = true;
    this.#changes.emit('change');
  }
}

/** The positions of the entries that are stored after a position; of all with null. @throws what the read throws */
export async function storedSeqs(log: RevocationLog, after: string | null = null): Promise<string[]> {
  const ear = new LogEar(log, after);
  try {
    return (await ear.caughtUp()).seqs;
  } finally {
    ear.stop();
  }
}

/** A revocation of a session that nothing else revokes, for an hour. */
export function aRevocation(changes: Partial<NewRevocation> = {}): NewRevocation {
  const now = Date.now();
  return { at: now, until: now + HOUR, reason: 'revoked', match: { lineage: newId() }, ...changes };
}
