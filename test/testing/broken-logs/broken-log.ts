import type { Revocation, RevocationLog, RevocationReaders } from '../../../src/ports/revocation-log.js';
import { MemoryBackend, MemoryLog } from './memory-log.js';

/** A log with one sentence of the port broken, and the case that says so. */
export interface BrokenLog {
  /** What it does wrong. */
  readonly that: string;
  readonly failing: string;
  /** Makes a backend, and returns what opens logs on it. */
  readonly backend: () => () => RevocationLog;
}

/** Logs in memory with some operations replaced; `failing` is the title of the case that must find it. */
export function broken(
  that: string,
  failing: string,
  change: (intact: MemoryLog, index: number) => Partial<RevocationLog>,
): BrokenLog {
  return { that, failing, backend: () => opening(change) };
}

/** Logs whose reads yield what `change` makes of each batch. */
export function misreading(
  that: string,
  failing: string,
  change: (batch: readonly Revocation[], after: string | null) => readonly (readonly Revocation[])[],
): BrokenLog {
  return broken(that, failing, (intact) => ({
    async *read(after, signal) {
      for await (const batch of intact.read(after, signal)) yield* change(batch, after);
    },
  }));
}

/** Logs with other `readers`. */
export function miscounting(
  that: string,
  failing: string,
  change: (intact: RevocationReaders, log: MemoryLog) => Partial<RevocationReaders>,
): BrokenLog {
  return broken(that, failing, (intact) => ({ readers: { ...intact.readers, ...change(intact.readers, intact) } }));
}

/** Opens intact logs, or such with a fault, on one new backend. */
export function opening(
  change: (intact: MemoryLog, index: number) => Partial<RevocationLog> = () => ({}),
): () => RevocationLog {
  const backend = new MemoryBackend();
  let opened = 0;
  return () => {
    const intact = new MemoryLog(backend);
    const log: RevocationLog = {
      guarantee: intact.guarantee,
      append: (entry) => intact.append(entry),
      read: (after, signal) => intact.read(after, signal),
      readers: intact.readers,
      close: () => intact.close(),
    };
    opened += 1;
    return { ...log, ...change(intact, opened) };
  };
}
