import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MemoryStore } from '../../../src/drivers/memory/store.js';
import { type BrokenStore, broken, LATEST } from './broken-store.js';

const opened: MemoryStore[] = [];

export const closing: readonly BrokenStore[] = [
  broken('works on after it was closed', 'close: makes every later operation reject with StoreUnavailable', () => ({
    close: async () => undefined,
  })),
  broken('cannot be closed twice', 'close: may be called twice, one after the other or at the same time', (intact) => {
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
    'deleteAll (optional): removes all sessions and tombstones, and returns the number of sessions or undefined',
    (intact) => ({
      deleteAll: async () => (await intact.sweep(LATEST, LATEST)).filter(({ retired }) => retired !== true).length,
    }),
  ),
  broken(
    'counts tombstones as sessions',
    'deleteAll (optional): removes all sessions and tombstones, and returns the number of sessions or undefined',
    (intact) => ({
      deleteAll: async () => ((await intact.deleteAll()) ?? 0) + 1,
    }),
  ),
  broken(
    'closes for everyone',
    'close: leaves other clients usable, with everything the closed one wrote',
    (intact) => {
      opened.push(intact);
      return {
        close: async () => {
          for (const store of opened) await store.close();
        },
      };
    },
  ),
  broken('cannot delete nothing', 'deleteAll (optional): resolves when there is nothing to remove', (intact) => ({
    deleteAll: async () => (await intact.deleteAll()) || Promise.reject(new Error('nothing to delete')),
  })),
  broken(
    'ends the sessions that it saw a moment ago',
    'deleteAll (optional): also removes a session that is being rotated meanwhile',
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
    'on a backend of its own: deleteOfUser accepts uids that are property names of objects, or patterns',
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
