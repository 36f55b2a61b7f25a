import type { SessionRecord } from '../../../src/ports/store.js';
import { type BrokenStore, broken, put, sessionOf } from './broken-store.js';

export const updating: readonly BrokenStore[] = [
  broken(
    'updates what is not there',
    "update: returns 'gone' when there is no record, and does not create one",
    (intact) => ({
      update: async (record) => {
        const outcome = await intact.update(record);
        if (outcome !== 'gone' || (await intact.load(record.id, 0)) !== undefined) return outcome;
        await intact.create(record);
        return 'ok';
      },
    }),
  ),
  broken('updates a tombstone away', "update: returns 'gone' when there is a tombstone, which stays", (intact) => ({
    update: async (record) => {
      const outcome = await intact.update(record);
      if (outcome === 'gone') await intact.delete(record.id);
      return outcome;
    },
  })),
  broken(
    'updates whatever the version',
    "update: returns 'conflict' for an older or newer version, and changes nothing",
    (intact) => ({
      update: async (record) => {
        const version = (await sessionOf(intact, record.id))?.version ?? record.version;
        return intact.update({ ...record, version });
      },
    }),
  ),
  broken(
    'takes a newer version',
    "update: returns 'conflict' for an older or newer version, and changes nothing",
    (intact) => ({
      update: async (record) => {
        const version = (await sessionOf(intact, record.id))?.version ?? record.version;
        return intact.update(record.version > version ? { ...record, version } : record);
      },
    }),
  ),
  broken(
    'leaves the version',
    'update: replaces a record of the same version, and increments the version',
    (intact) => ({
      update: async (record) => {
        const there = await sessionOf(intact, record.id);
        if (there?.version !== record.version) return intact.update(record);
        await put(intact, record);
        return 'ok';
      },
    }),
  ),
  broken(
    'moves lastAccess back',
    'update: keeps a later lastAccess of a touch, and then the later of the two expiries; null is the latest',
    (intact) => ({
      update: async (record) => {
        const outcome = await intact.update(record);
        if (outcome === 'ok') await put(intact, { ...record, version: record.version + 1 });
        return outcome;
      },
    }),
  ),
  broken(
    'keeps the later expiry of two always',
    'update: sets an earlier or later expiry when the stored lastAccess is not later',
    (intact) => ({
      update: async (record) => {
        const there = await sessionOf(intact, record.id);
        const expiries = [there?.expiresAt ?? null, record.expiresAt].map((at) => at ?? Number.POSITIVE_INFINITY);
        const latest = Math.max(...expiries);
        return intact.update({ ...record, expiresAt: latest === Number.POSITIVE_INFINITY ? null : latest });
      },
    }),
  ),
  broken(
    'keeps the lineage',
    'update: replaces created, lastUpdate and lineage too, also with earlier times',
    (intact) => ({
      update: async (record) => {
        const lineage = (await sessionOf(intact, record.id))?.lineage ?? record.lineage;
        return intact.update({ ...record, lineage });
      },
    }),
  ),
  broken(
    'misses a session that an update gave its user',
    'update: makes ofUser see a changed uid at once: to a user, to another user, and to null',
    (intact) => {
      const owners = new Map<string, string | null>();
      return {
        create: async (record) => {
          await intact.create(record);
          owners.set(record.id, record.uid);
        },
        ofUser: async (uid, now) => (await intact.ofUser(uid, now)).filter(({ id }) => owners.get(id) === uid),
      };
    },
  ),
  broken('ends a session for its former user', 'update: makes deleteOfUser see a changed uid at once', (intact) => {
    const owners = new Map<string, string | null>();
    return {
      create: async (record) => {
        await intact.create(record);
        owners.set(record.id, record.uid);
      },
      deleteOfUser: async (uid, except) => {
        const former = [...owners.keys()].filter((id) => owners.get(id) === uid);
        const ended = await intact.deleteOfUser(uid, except);
        for (const id of former) await intact.delete(id);
        return [...new Set([...ended, ...former])];
      },
    };
  }),
  broken(
    'keeps the very object',
    'update: is not affected by later changes to the object that was passed',
    (intact) => {
      const given = new Map<string, SessionRecord>();
      return {
        update: async (record) => {
          const outcome = await intact.update(record);
          if (outcome === 'ok') given.set(record.id, record);
          return outcome;
        },
        load: async (id, now) => {
          const record = given.get(id);
          return record === undefined ? intact.load(id, now) : { ...record, version: record.version + 1 };
        },
      };
    },
  ),
];
