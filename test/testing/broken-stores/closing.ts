import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MemoryStore } from '../../../src/drivers/memory/store.js';
import { type BrokenStore, broken, LATEST } from './broken-store.js';

const opened: MemoryStore[] = [];

export const closing: readonly BrokenStore[] = [
  broken(
    'works on after it was closed',
    'close: has every operation reject with StoreUnavailable from then on',
    () => ({
      close: async () => undefined,
    }),
  ),
  broken('cannot be closed twice', 'close: twice is no error, one after the other or at once', (intact) => {
    let isClosed = false;
    return {
      close: async () => {
        if (isClosed) throw new Error('closed already');
        isClosed = true;
        await intact.close();
      },
    };
  }),
  broken(
    'leaves tombstones when all is to go',
    'deleteAll, where there is one: removes every session and tombstone, and gives how many sessions, where that is known',
    (intact) => ({
      deleteAll: async () => (await intact.sweep(LATEST, LATEST)).filter(({ retired }) => retired !== true).length,
    }),
  ),
  broken(
    'counts tombstones as sessions',
    'deleteAll, where there is one: removes every session and tombstone, and gives how many sessions, where that is known',
    (intact) => ({
      deleteAll: async () => ((await intact.deleteAll()) ?? 0) + 1,
    }),
  ),
  broken('closes for everyone', 'close: leaves everyone else their store, with what the closed one wrote', (intact) => {
    opened.push(intact);
    return {
      close: async () => {
        for (const store of opened) await store.close();
      },
    };
  }),
  broken('cannot delete nothing', 'deleteAll, where there is one: of nothing is no error', (intact) => ({
    deleteAll: async () => (await intact.deleteAll()) || Promise.reject(new Error('nothing to delete')),
  })),
  broken(
    'ends the sessions that it saw a moment ago',
    'deleteAll, where there is one: lets no session slip through that is being rotated meanwhile',
    (intact) => {
      const created = new Set<string>();
      return {
        create: async (record) => {
          await intact.create(record);
          created.add(record.id);
        },
        deleteAll: async () => {
          const seen = [...created];
          await nextTurn();
          for (const id of seen) await intact.delete(id);
          return undefined;
        },
      };
    },
  ),
  broken(
    'takes names for patterns',
    'with nobody else on the backend: deleteOfUser works for names that every object has, and for patterns',
    (intact) => {
      const uids = new Set<string>();
      return {
        create: async (record) => {
          await intact.create(record);
          if (record.uid !== null) uids.add(record.uid);
        },
        deleteOfUser: async (uid) => {
          const meant = uid === '*' ? [...uids] : [uid];
          return (await Promise.all(meant.map((one) => intact.deleteOfUser(one)))).flat();
        },
      };
    },
  ),
];
