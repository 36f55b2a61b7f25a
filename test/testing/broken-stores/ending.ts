import type { Retired, SessionRecord } from '../../../src/ports/store.js';
import { type BrokenStore, broken, put, sessionOf, wellFormed } from './broken-store.js';

export const ending: readonly BrokenStore[] = [
  broken(
    'retires whatever the version',
    "retire: returns 'conflict' for an older or newer version, and changes nothing",
    (intact) => ({
      retire: async (id, version, tombstone) =>
        intact.retire(id, (await sessionOf(intact, id))?.version ?? version, tombstone),
    }),
  ),
  broken(
    'takes no version for the first',
    'retire: replaces a record of any version when expectedVersion is null',
    (intact) => ({
      retire: (id, version, tombstone) => intact.retire(id, version ?? 0, tombstone),
    }),
  ),
  broken(
    'retires what never was',
    "retire: returns 'gone' when there is no record, and stores no tombstone",
    (intact) => ({
      retire: async (id, version, tombstone) => {
        const outcome = await intact.retire(id, version, tombstone);
        if (outcome === 'gone' && (await intact.load(id, 0)) === undefined) {
          const times = { created: 0, lastUpdate: 0, lastAccess: 0, expiresAt: null };
          await intact.create({ id, lineage: id, uid: null, version: version ?? 0, body: '{}', ...times });
          await intact.retire(id, version, tombstone);
        }
        return outcome;
      },
    }),
  ),
  broken('retires twice', "retire: returns 'gone' when there is a tombstone, which stays unchanged", (intact) => ({
    retire: async (id, version, tombstone) => {
      const there = await intact.load(id, 0);
      if (there === undefined || !('retired' in there)) return intact.retire(id, version, tombstone);
      const times = { created: 0, lastUpdate: 0, lastAccess: 0, expiresAt: null };
      await put(intact, { id, lineage: id, uid: null, version: version ?? 0, body: '{}', ...times });
      return intact.retire(id, version, tombstone);
    },
  })),
  broken(
    "ends what was retired with its user's sessions",
    'retire: removes the session from those of its user',
    (intact) => {
      const retired = new Map<string, string | null>();
      return {
        retire: async (id, version, tombstone) => {
          const uid = (await sessionOf(intact, id))?.uid ?? null;
          const outcome = await intact.retire(id, version, tombstone);
          if (outcome === 'ok') retired.set(id, uid);
          return outcome;
        },
        deleteOfUser: async (uid, except) => [
          ...(await intact.deleteOfUser(uid, except)),
          ...[...retired.keys()].filter((id) => retired.get(id) === uid),
        ],
      };
    },
  ),
  broken(
    'takes a tombstone for a session that it deleted',
    'delete: removes a tombstone and returns false',
    (intact) => ({
      delete: async (id) => {
        const isThere = (await intact.load(id, 0)) !== undefined;
        await intact.delete(id);
        return isThere;
      },
    }),
  ),
  broken('leaves tombstones when told to delete them', 'delete: removes a tombstone and returns false', (intact) => ({
    delete: async (id) => (await sessionOf(intact, id)) !== undefined && intact.delete(id),
  })),
  broken('says that it deleted nothing', 'delete: returns false when there is no entry', (intact) => ({
    delete: async (id) => {
      await intact.delete(id);
      return true;
    },
  })),
  broken(
    'deletes instead of retiring',
    'retire: replaces a record with a tombstone when its version is expectedVersion',
    (intact) => ({
      retire: async (id, version, tombstone) => {
        const outcome = await intact.retire(id, version, tombstone);
        if (outcome === 'ok') await intact.delete(id);
        return outcome;
      },
    }),
  ),
  broken(
    'keeps the very object',
    'retire: is not affected by later changes to the object that was passed',
    (intact) => {
      const given = new Map<string, Retired>();
      return {
        retire: async (id, version, tombstone) => {
          given.set(id, tombstone);
          return intact.retire(id, version, tombstone);
        },
        load: async (id, now) => given.get(id) ?? intact.load(id, now),
      };
    },
  ),
  broken('lists what it deleted', 'delete: removes a session and returns true, once', (intact) => {
    const deleted: SessionRecord[] = [];
    return {
      delete: async (id) => {
        const there = await sessionOf(intact, id);
        if (there !== undefined) deleted.push(there);
        return intact.delete(id);
      },
      ofUser: async (uid, now) => [...(await intact.ofUser(uid, now)), ...deleted.filter((one) => one.uid === uid)],
    };
  }),
  broken('rejects malformed ids', 'delete: returns false for a malformed id', (intact) => ({
    delete: async (id) => intact.delete(wellFormed(id)),
  })),
];
