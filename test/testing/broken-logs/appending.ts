import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NewRevocation, Revocation } from '../../../src/ports/revocation-log.js';
import { type BrokenLog, broken } from './broken-log.js';

/** Logs with entries that can be read a turn later than the others: those that are read on from there never see them. */
function hiding(that: string, failing: string, isAwaited = true): BrokenLog {
  const hidden = new WeakSet<Revocation>();
  return broken(that, failing, (intact) => ({
    append: async (entry) => {
      const { entries } = intact.backend;
      const appending = intact.append(entry);
      const last = entries.at(-1);
      if (last === undefined || entries.length % 3 !== 0) return await appending;
      hidden.add(last);
      const shown = nextTurn().then(() => hidden.delete(last));
      if (isAwaited) await shown;
      return await appending;
    },
    async *read(after, signal) {
      for await (const batch of intact.read(after, signal)) yield batch.filter((entry) => !hidden.has(entry));
    },
  }));
}

export const appending: readonly BrokenLog[] = [
  broken(
    'returns another position than it reads',
    'append: resolves with the position at which every process reads the entry',
    (intact) => ({ append: async (entry) => `0${await intact.append(entry)}` }),
  ),
  broken(
    'takes its positions from a clock',
    'append: gives every entry a position of its own, also when many are appended at the same time',
    (intact) => ({
      append: async (entry) => {
        await intact.append(entry);
        return String(Date.now());
      },
    }),
  ),
  broken(
    'stores an entry that it has already under no new position, but returns one',
    'append: may be called again with the same entry: it is read at each position that was returned',
    (intact) => {
      const known = new Set<NewRevocation>();
      return {
        append: async (entry) => {
          if (known.has(entry)) return String(intact.backend.entries.length + 100);
          known.add(entry);
          return await intact.append(entry);
        },
      };
    },
  ),
  broken(
    'is a log of each process alone',
    "append: has guarantee 'log' or 'instances', the same in every process",
    () => ({ guarantee: 'process' }),
  ),
  hiding(
    'skips an entry whose position is lower than that of one that was there earlier',
    'while several processes append: every reader reads every entry once, and all in the same order',
  ),
  broken(
    'has the latest entry of a turn first',
    'while several processes append: an entry comes after those that were acknowledged before it was appended',
    (intact) => ({
      async *read(after, signal) {
        for await (const batch of intact.read(after, signal)) yield [...batch].reverse();
      },
    }),
  ),
  hiding(
    'starts again after an entry that is there later',
    'while several processes append: a reader that starts again at its last position, again and again, misses nothing',
  ),
  hiding(
    'acknowledges an entry before it can be read',
    'while several processes append: an entry that was acknowledged is read before the empty batch',
    false,
  ),
];
