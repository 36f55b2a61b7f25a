import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreUnavailable } from '../../../src/errors.js';
import type { SessionRecord } from '../../../src/ports/store.js';
import { type BrokenStore, broken, sessionOf } from './broken-store.js';

export const users: readonly BrokenStore[] = [
  broken(
    'lists a record a ms too long',
    'ofUser: returns a record until the millisecond at which it expires',
    (intact) => ({
      ofUser: (uid, now) => intact.ofUser(uid, Math.max(0, now - 1)),
    }),
  ),
  broken(
    'lists in pages, and goes by position',
    'ofUser: returns all of 200 sessions of a user while other sessions come and go',
    (intact) => ({
      ofUser: async (uid, now) => {
        const pages: SessionRecord[] = [];
        for (;;) {
          const page = (await intact.ofUser(uid, now)).slice(pages.length, pages.length + 50);
          if (page.length === 0) return pages;
          pages.push(...page);
          await nextTurn();
        }
      },
    }),
  ),
  broken(
    'lists all where one lineage is wanted',
    'ofUser: returns only the records of the lineage that is named',
    (intact) => ({
      ofUser: (uid, now) => intact.ofUser(uid, now),
    }),
  ),
  broken(
    'lists nobody by a lineage under which no id is stored',
    'ofUser: returns only the records of the lineage that is named',
    (intact) => ({
      ofUser: async (uid, now, lineage) => {
        if (lineage !== undefined && (await intact.load(lineage, now)) === undefined) return [];
        return intact.ofUser(uid, now, lineage);
      },
    }),
  ),
  broken(
    'lists by the lineage that a record had first',
    'ofUser: returns records by their current lineage, and none that ended',
    (intact) => {
      const first = new Map<string, string>();
      return {
        create: async (record) => {
          await intact.create(record);
          first.set(record.id, record.lineage);
        },
        ofUser: async (uid, now, lineage) => {
          const all = await intact.ofUser(uid, now);
          return all.filter(({ id }) => lineage === undefined || first.get(id) === lineage);
        },
      };
    },
  ),
  broken(
    'lists ids, and loads them afterwards',
    'ofUser: returns a session that is being rotated under its old or its new id',
    (intact) => ({
      ofUser: async (uid, now, lineage) => {
        const listed = await intact.ofUser(uid, now, lineage);
        await nextTurn();
        const loaded = await Promise.all(listed.map(({ id }) => sessionOf(intact, id)));
        return loaded.filter((record) => record !== undefined);
      },
    }),
  ),
  broken(
    'takes except for an id only',
    'deleteOfUser: keeps the session that except names by its lineage, with all records of that lineage',
    (intact) => ({
      deleteOfUser: async (uid, except) => {
        const isId = except !== undefined && (await intact.load(except, 0)) !== undefined;
        return intact.deleteOfUser(uid, isId ? except : undefined);
      },
    }),
  ),
  broken(
    'spares the one session only',
    'deleteOfUser: keeps the session that except names by its current id, with all records of its lineage',
    (intact) => ({
      deleteOfUser: async (uid, except) => {
        const ended = (await intact.ofUser(uid, 0)).map(({ id }) => id).filter((id) => id !== except);
        for (const id of ended) await intact.delete(id);
        return ended;
      },
    }),
  ),
  broken(
    'spares everyone for the sake of a stranger',
    'deleteOfUser: keeps no session when except names no session of the user',
    (intact) => ({
      deleteOfUser: async (uid, except) => {
        if (except !== undefined && (await intact.load(except, 0)) === undefined) return [];
        return intact.deleteOfUser(uid, except);
      },
    }),
  ),
  broken('leaves expired ones', 'deleteOfUser: removes expired sessions too', (intact) => ({
    deleteOfUser: async (uid, except) => {
      const expired = (await intact.ofUser(uid, 0)).filter(({ expiresAt }) => expiresAt === 1);
      const ended = await intact.deleteOfUser(uid, except);
      for (const record of expired) await intact.create(record);
      return ended.filter((id) => !expired.some((record) => record.id === id));
    },
  })),
  broken(
    'tells less than it ended',
    'deleteOfUser: removes the sessions of a user, returns their ids, and keeps those of others',
    (intact) => ({
      deleteOfUser: async (uid, except) => (await intact.deleteOfUser(uid, except)).slice(1),
    }),
  ),
  broken(
    'lists without the data',
    'ofUser: returns the records of a user exactly as stored, and no others',
    (intact) => ({
      ofUser: async (uid, now) => (await intact.ofUser(uid, now)).map((record) => ({ ...record, body: '{}' })),
    }),
  ),
  broken('lists what was retired', 'ofUser: returns no tombstones', (intact) => {
    const retired: SessionRecord[] = [];
    return {
      retire: async (id, version, tombstone) => {
        const there = await sessionOf(intact, id);
        if (there !== undefined) retired.push(there);
        return intact.retire(id, version, tombstone);
      },
      ofUser: async (uid, now) => [...(await intact.ofUser(uid, now)), ...retired.filter((one) => one.uid === uid)],
    };
  }),
  broken(
    'rejects malformed uids',
    'ofUser: returns an empty list for a uid that is unknown or malformed',
    (intact) => ({
      ofUser: async (uid, now) => {
        if (uid.includes('\u0000')) throw new StoreUnavailable('invalid byte sequence');
        return intact.ofUser(uid, now);
      },
    }),
  ),
  broken(
    'lists records as they were in the beginning',
    'ofUser: returns records as updates and touches left them',
    (intact) => {
      const first = new Map<string, SessionRecord>();
      return {
        create: async (record) => {
          await intact.create(record);
          first.set(record.id, record);
        },
        ofUser: async (uid, now) => (await intact.ofUser(uid, now)).map((record) => first.get(record.id) ?? record),
      };
    },
  ),
  broken('ends tombstones too', 'deleteOfUser: keeps tombstones', (intact) => {
    const retired = new Map<string, string | null>();
    return {
      retire: async (id, version, tombstone) => {
        retired.set(id, (await sessionOf(intact, id))?.uid ?? null);
        return intact.retire(id, version, tombstone);
      },
      deleteOfUser: async (uid, except) => {
        for (const [id, owner] of retired) if (owner === uid) await intact.delete(id);
        return intact.deleteOfUser(uid, except);
      },
    };
  }),
  broken(
    'rejects malformed uids',
    'deleteOfUser: returns an empty list for a uid that is unknown or malformed',
    (intact) => ({
      deleteOfUser: async (uid, except) => {
        if (uid.includes('\u0000')) throw new StoreUnavailable('invalid byte sequence');
        return intact.deleteOfUser(uid, except);
      },
    }),
  ),
  broken(
    'does not let a user begin anew',
    'deleteOfUser: lets the user start new sessions under the same ids',
    (intact) => {
      const ended = new Set<string>();
      return {
        deleteOfUser: async (uid, except) => {
          const ids = await intact.deleteOfUser(uid, except);
          for (const id of ids) ended.add(id);
          return ids;
        },
        ofUser: async (uid, now) => (await intact.ofUser(uid, now)).filter(({ id }) => !ended.has(id)),
      };
    },
  ),
];
