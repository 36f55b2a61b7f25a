import { setTimeout as delay } from 'node:timers/promises';
import { LogPositionLost, type NewRevocation } from '../../../src/index.js';
import { type BrokenLog, broken, misreading } from './broken-log.js';

/** Appends what `change` makes of an entry. */
function mistaking(that: string, failing: string, change: (entry: NewRevocation) => NewRevocation): BrokenLog {
  return broken(that, failing, (intact) => ({ append: (entry) => intact.append(change(entry)) }));
}

export const reading: readonly BrokenLog[] = [
  misreading(
    'marks the end before the last stored entry',
    'read: with null, yields all stored entries in log order, and then an empty batch',
    (batch) => [batch.slice(0, -1), [], batch.slice(-1)],
  ),
  broken(
    'reads from a position as from the start',
    'read: with a position, yields all entries after it and no others, and then an empty batch',
    (intact) => ({ read: (_, signal) => intact.read(null, signal) }),
  ),
  misreading(
    'repeats entries that arrive',
    'read: then yields the entries of every process as they arrive, each once',
    (batch) => (batch.length === 1 ? [batch, batch] : [batch]),
  ),
  broken(
    'says nothing while there is nothing new',
    'read: yields an empty batch at least every few seconds while nothing is appended',
    (intact) => ({
      async *read(after, signal) {
        let isFirst = true;
        for await (const batch of intact.read(after, signal)) {
          if (isFirst || batch.length > 0) yield batch;
          isFirst &&= batch.length > 0;
        }
      },
    }),
  ),
  broken(
    'reads for one reader at a time',
    'read: may be open several times at once: none waits for another one that is slow',
    (intact) => {
      let open = Promise.resolve();
      return {
        async *read(after, signal) {
          const before = open;
          let leave = (): void => undefined;
          open = new Promise((resolve) => {
            leave = resolve;
          });
          await before;
          try {
            yield* intact.read(after, signal);
          } finally {
            leave();
          }
        },
      };
    },
  ),
  broken(
    'reads on from where there is nothing',
    'read: throws LogPositionLost for a position that it cannot find',
    (intact) => ({
      async *read(after, signal) {
        const isKnown = after === null || intact.backend.entries.some(({ seq }) => seq === after);
        yield* intact.read(isKnown ? after : null, signal);
      },
    }),
  ),
  mistaking(
    'takes a revocation of a user for one of everyone',
    'entries: are read with the match they were appended with: of a lineage, a token, a user or everyone',
    (entry) => ('uid' in entry.match ? { ...entry, match: { before: entry.match.before } } : entry),
  ),
  mistaking(
    'needs an end of every entry',
    'entries: may apply later, and may have any time or none after which they are not needed',
    (entry) => ({ ...entry, until: entry.until ?? 0 }),
  ),
  mistaking('stores UTF-8', 'entries: may have any string for a reason, character by character', (entry) => ({
    ...entry,
    reason: entry.reason.toWellFormed(),
  })),
  mistaking(
    'cuts user names at 255 bytes',
    'entries: may be of any user, also of one with 255 wide characters',
    (entry) => {
      const { match } = entry;
      if (!('uid' in match)) return entry;
      return { ...entry, match: { ...match, uid: Buffer.from(match.uid).subarray(0, 255).toString() } };
    },
  ),
  mistaking('excepts a hundred lineages at most', 'entries: may except a thousand lineages', (entry) => {
    const { match } = entry;
    return 'uid' in match ? { ...entry, match: { ...match, except: match.except.slice(0, 100) } } : entry;
  }),
  broken(
    'keeps the last thousand entries',
    'removal: never removes an entry for the number of later ones',
    (intact) => ({
      async *read(after, signal) {
        for await (const batch of intact.read(after, signal)) yield batch.slice(-1_000);
      },
    }),
  ),
  misreading(
    'removes all entries before the last one that is not needed',
    'removal: never removes an entry before its `until`, whatever comes before and after it',
    (batch) => {
      const last = batch.findLastIndex(({ until }) => until !== null && until < Date.now());
      return [batch.slice(last + 1)];
    },
  ),
  broken(
    'loses the position of an entry that was removed',
    'removal: loses no position: a reader goes on after an entry that may be gone',
    (intact) => ({
      async *read(after, signal) {
        const entry = intact.backend.entries.find(({ seq }) => seq === after);
        if (entry?.until !== undefined && entry.until !== null && entry.until < Date.now()) throw new LogPositionLost();
        yield* intact.read(after, signal);
      },
    }),
  ),
  broken(
    'looks at its signal once in a while',
    'abort and close: a read ends at once when its signal is aborted while it waits, and others go on',
    (intact) => ({
      async *read(after, signal) {
        for await (const batch of intact.read(after, new AbortController().signal)) {
          if (signal.aborted) await new Promise<void>((resolve) => setTimeout(resolve, 2_000));
          if (signal.aborted) return;
          yield batch;
        }
      },
    }),
  ),
  broken(
    'throws when its signal was aborted',
    'abort and close: a read ends at once when its signal is aborted while it reads, and when it was aborted before',
    (intact) => ({
      async *read(after, signal) {
        yield* intact.read(after, signal);
        signal.throwIfAborted();
      },
    }),
  ),
  broken(
    'goes on where the last reader left',
    'abort and close: a reader may leave the loop, and read again from there',
    (intact) => {
      let left: string | undefined;
      return {
        async *read(after, signal) {
          let position = after;
          try {
            for await (const batch of intact.read(left ?? after, signal)) {
              position = batch.at(-1)?.seq ?? position;
              yield batch;
            }
          } finally {
            left = position ?? undefined;
          }
        },
      };
    },
  ),
  broken('cannot end its reads', 'abort and close: close ends the reads of the log, and may be called twice', () => ({
    close: async () => undefined,
  })),
  broken('works on after it was closed', 'abort and close: after close, append and read reject', () => ({
    close: async () => undefined,
  })),
  broken(
    'acknowledges entries that it drops when it is closed',
    'abort and close: close settles appends that are under way, and those that resolve are stored',
    (intact) => ({
      append: async (entry) => {
        await delay(0);
        return intact.isClosed ? '999999' : await intact.append(entry);
      },
    }),
  ),
  broken('closes the logs of others', 'abort and close: close leaves the logs of other processes open', (intact) => {
    all.push(() => intact.close());
    return {
      close: async () => {
        await Promise.all(all.map((close) => close()));
      },
    };
  }),
];

const all: (() => Promise<void>)[] = [];
