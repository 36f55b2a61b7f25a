import { type BrokenLog, miscounting } from './broken-log.js';

export const readers: readonly BrokenLog[] = [
  miscounting(
    'compares positions as text',
    'readers: behind counts the readers of every process that have not seen a position',
    (_, log) => ({
      behind: async (position) => [...log.backend.readers.values()].filter(({ at }) => String(at) < position).length,
    }),
  ),
  miscounting(
    'does not count readers that have seen nothing',
    'readers: a reader that has seen null is behind every position',
    (intact) => ({
      seen: async (reader, position, life) => {
        if (position !== null) await intact.seen(reader, position, life);
      },
    }),
  ),
  miscounting(
    'keeps the first position of a reader',
    'readers: a reader is counted once, with the position it has seen last',
    (intact, log) => ({
      seen: async (reader, position, life) => {
        if (!log.backend.readers.has(reader)) await intact.seen(reader, position, life);
      },
    }),
  ),
  miscounting(
    'waits until a reader that left would be forgotten',
    'readers: a reader that left is forgotten at once, and an unknown one may leave',
    () => ({ left: async () => undefined }),
  ),
  miscounting(
    'keeps the first life of a reader',
    'readers: a reader is forgotten after the life that it was heard of with last',
    (intact, log) => ({
      seen: async (reader, position, life) => {
        const known = log.backend.readers.get(reader);
        await intact.seen(reader, position, life);
        if (known !== undefined) log.backend.readers.set(reader, { ...known, at: Number(position) });
      },
    }),
  ),
  miscounting('counts on after it was closed', 'readers: after close, all of them reject', (_, log) => ({
    behind: async () => log.backend.readers.size,
  })),
];
