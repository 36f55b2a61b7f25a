import type { NewRevocation, Revocation, RevocationLog } from '../../src/ports/revocation-log.js';
import { bytesInUse } from '../harness/memory-use.js';
import { RevocationList } from '../packages.js';
import { revocationsOf } from '../token/storages.js';

const BATCH = 1000;

/** What a long list takes. */
export interface RevocationMemory {
  /** Bytes in all. */
  readonly bytes: number;
  /** s until a list has read all entries of a log that has them in memory. */
  readonly start: number;
}

/** Reads a log with so many entries into a list. */
export async function revocationMemory(count: number): Promise<RevocationMemory> {
  const before = await bytesInUse();
  const start = performance.now();
  const list = new RevocationList({ log: logOf(count) });
  await list.ready();
  const seconds = (performance.now() - start) / 1000;
  const bytes = (await bytesInUse()) - before;
  if (!list.health().isFresh) throw new Error('the list is stale');
  await list.close();
  return { bytes, start: seconds };
}

/** A log that makes each batch when it is read, so that only the list keeps entries. */
function logOf(count: number): RevocationLog {
  return {
    guarantee: 'log',
    append: async (entry: NewRevocation) => entry.reason,
    async *read(_after: string | null, signal: AbortSignal): AsyncGenerator<readonly Revocation[]> {
      for (let first = 0; first < count; first += BATCH) {
        yield revocationsOf(Math.min(BATCH, count - first), first).map((entry, index) => ({
          ...entry,
          seq: String(first + index),
        }));
      }
      yield [];
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
    close: async () => undefined,
  };
}
