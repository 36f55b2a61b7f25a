import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MemoryStore } from '../../../src/drivers/memory/store.js';
import type { SessionRecord } from '../../../src/ports/store.js';
import { type BrokenStore, broken, put, sessionOf } from './broken-store.js';

const BUSY = 'while another client keeps writing a session';

const earlier = new Map<MemoryStore, SessionRecord>();

/** Stores that fail where others write without a pause, or come and go. */
export const hurried: readonly BrokenStore[] = [
  broken(
    'looks for the version where it is given none',
    `${BUSY}: retire with expectedVersion null ends it at the first attempt`,
    (intact) => ({
      retire: async (id, version, tombstone) => {
        const there = await sessionOf(intact, id);
        await nextTurn();
        return intact.retire(id, version ?? there?.version ?? 0, tombstone);
      },
    }),
  ),
  broken(
    'takes the version that it loaded where it is given none',
    `${BUSY}: retire with expectedVersion null ends it although it was written since it was loaded`,
    (intact) => {
      const versions = new Map<string, number>();
      return {
        load: async (id, now) => {
          const loaded = await intact.load(id, now);
          if (loaded !== undefined && 'version' in loaded) versions.set(id, loaded.version);
          return loaded;
        },
        retire: (id, version, tombstone) => intact.retire(id, version ?? versions.get(id) ?? null, tombstone),
      };
    },
  ),
  broken(
    'leaves what others wrote while it ended the rest',
    `${BUSY}: deleteOfUser ends all sessions of the user in one call`,
    (intact) => ({
      deleteOfUser: async (uid) => {
        const seen = await intact.ofUser(uid, 0);
        await nextTurn();
        const ended: string[] = [];
        for (const { id, version } of seen) {
          const tombstone = { id, retired: { successor: null, at: 1 }, expiresAt: 2 };
          if ((await intact.retire(id, version, tombstone)) === 'ok') ended.push(id);
        }
        return ended;
      },
    }),
  ),
  broken(
    'takes back what another wrote last when it is closed',
    'while other clients open and close: no acknowledged write is lost',
    (intact) => ({
      update: async (record) => {
        const there = await sessionOf(intact, record.id);
        const outcome = await intact.update(record);
        if (outcome === 'ok' && there !== undefined) earlier.set(intact, there);
        return outcome;
      },
      close: async () => {
        for (const [store, record] of earlier) if (store !== intact) await put(store, record);
        await intact.close();
      },
    }),
  ),
];
