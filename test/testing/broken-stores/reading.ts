import type { Store } from '../../../src/ports/store.js';
import { type BrokenStore, broken, wellFormed } from './broken-store.js';

export const reading: readonly BrokenStore[] = [
  broken(
    'loads a record a ms too long',
    'load: returns a record until the millisecond at which it expires, then undefined',
    (intact) => ({
      load: (id, now) => intact.load(id, Math.max(0, now - 1)),
    }),
  ),
  broken(
    'loads a tombstone for ever',
    'load: returns a tombstone until the millisecond at which it expires, then undefined',
    (intact) => ({
      load: async (id, now) => {
        const there = await intact.load(id, 0);
        return there !== undefined && 'retired' in there ? there : intact.load(id, now);
      },
    }),
  ),
  broken(
    'goes by its own clock',
    'load: returns a record until the millisecond at which it expires, then undefined',
    (intact) => ({
      load: (id) => intact.load(id, Date.now()),
    }),
  ),
  broken('rejects malformed ids', 'load: returns undefined for a malformed id', (intact) => ({
    load: async (id, now) => intact.load(wellFormed(id), now),
  })),
  broken('ignores case in ids', 'load: returns undefined for an unknown id', (intact) => {
    const ids = new Map<string, string>();
    return {
      create: async (record) => {
        await intact.create(record);
        ids.set(record.id.toLowerCase(), record.id);
      },
      load: (id, now) => intact.load(ids.get(id.toLowerCase()) ?? id, now),
    };
  }),
  broken(
    'forgets why',
    'load: returns a tombstone exactly as written, with or without a reason and a successor',
    (intact) => ({
      retire: (id, version, { retired: { successor, at }, expiresAt }) =>
        intact.retire(id, version, { id, retired: { successor, at }, expiresAt }),
    }),
  ),
  broken(
    'hands out what it keeps',
    'load: returns an object that is frozen, or whose changes do not affect the store',
    (intact) => {
      const handedOut = new Map<string, Awaited<ReturnType<Store['load']>>>();
      return {
        load: async (id, now) => {
          const there = handedOut.get(id) ?? structuredClone(await intact.load(id, now));
          handedOut.set(id, there);
          return there;
        },
      };
    },
  ),
  broken(
    'has sessions without an end end after all',
    'load: returns a record that never expires at any time',
    (intact) => ({
      load: (id, now) => (now > 2 * Date.now() ? Promise.resolve(undefined) : intact.load(id, now)),
    }),
  ),
];
