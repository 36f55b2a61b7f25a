import { LogPositionLost, type NewRevocation, type Revocation, type RevocationLog } from '../../../src/index.js';
import type { RevocationReaders } from '../../../src/ports/revocation-log.js';

/** ms between empty batches. */
const BEAT = 1_000;

interface Reader {
  readonly at: number;
  readonly until: number;
}

/** What the logs of all processes share. */
export class MemoryBackend {
  readonly entries: Revocation[] = [];
  readonly readers = new Map<string, Reader>();
  readonly wakers = new Set<() => void>();
  wake(): void {
    for (const wake of [...this.wakers]) wake();
  }
}

/** A correct log in memory. Broken ones replace one of its methods each. */
export class MemoryLog implements RevocationLog {
  readonly guarantee: RevocationLog['guarantee'] = 'instances';
  readonly backend: MemoryBackend;
  isClosed = false;

  constructor(backend: MemoryBackend) {
    this.backend = backend;
  }

  get readers(): RevocationReaders {
    return {
      seen: async (reader, position, life) => {
        this.check();
        this.backend.readers.set(reader, { at: Number(position), until: performance.now() + life });
      },
      left: async (reader) => {
        this.check();
        this.backend.readers.delete(reader);
      },
      behind: async (position) => {
        this.check();
        const known = [...this.backend.readers.values()].filter(({ until }) => until > performance.now());
        return known.filter(({ at }) => at < Number(position)).length;
      },
    };
  }

  async append(entry: NewRevocation): Promise<string> {
    this.check();
    const seq = String(this.backend.entries.length + 1);
    this.backend.entries.push({ ...entry, seq });
    this.backend.wake();
    return seq;
  }

  async *read(after: string | null, signal: AbortSignal): AsyncGenerator<readonly Revocation[]> {
    this.check();
    const { entries } = this.backend;
    let at = Number(after ?? 0);
    if (after !== null && entries[at - 1]?.seq !== after) throw new LogPositionLost();
    for (let isFirst = true; !this.isClosed && !signal.aborted; isFirst = false) {
      const batch = entries.slice(at);
      at = entries.length;
      yield batch;
      if (isFirst && batch.length > 0 && !this.isClosed && !signal.aborted) yield [];
      if (entries.length === at && !this.isClosed && !signal.aborted) await this.#news(signal);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.backend.wake();
  }

  check(): void {
    if (this.isClosed) throw new Error('the log was closed');
  }

  /** Resolves at the next append, after a while, and when the read is to end. */
  async #news(signal: AbortSignal): Promise<void> {
    const { wakers } = this.backend;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => wake(), BEAT);
      const wake = (): void => {
        clearTimeout(timer);
        wakers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      wakers.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
