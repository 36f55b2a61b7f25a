import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionRecord } from '../../../src/ports/store.js';
import { type BrokenStore, broken, put, sessionOf } from './broken-store.js';

const STEPS = 'deleteOfUser with a limit or a tombstone';

/** Stores that end a user's sessions wrongly in steps, or with tombstones. */
export const inSteps: readonly BrokenStore[] = [
  broken(
    'knows no limit',
    `${STEPS}: ends at most limit sessions a call, fewer only when none are left, and each once`,
    (intact) => ({
      deleteOfUser: (uid, except, options) => intact.deleteOfUser(uid, except, { ...options, limit: undefined }),
    }),
  ),
  broken(
    'ends fewer than the limit although more are left',
    `${STEPS}: ends at most limit sessions a call, fewer only when none are left, and each once`,
    (intact) => ({
      deleteOfUser: (uid, except, options) =>
        intact.deleteOfUser(uid, except, { ...options, limit: Math.min(options?.limit ?? 2, 2) }),
    }),
  ),
  broken(
    'says again what it ended before',
    `${STEPS}: ends at most limit sessions a call, fewer only when none are left, and each once`,
    (intact) => {
      let last: readonly string[] = [];
      return {
        deleteOfUser: async (uid, except, options) => {
          const ended = await intact.deleteOfUser(uid, except, options);
          const said = [...last, ...ended].slice(0, ended.length);
          last = ended;
          return said;
        },
      };
    },
  ),
  broken(
    'counts the spared session for the limit',
    `${STEPS}: leaves the session that except names, which does not count for limit`,
    (intact) => ({
      deleteOfUser: (uid, except, options) =>
        intact.deleteOfUser(uid, except, { ...options, limit: (options?.limit ?? 100) - 1 }),
    }),
  ),
  broken(
    'leaves nothing where it was given a tombstone',
    `${STEPS}: puts the tombstone in the place of each session, as retire would`,
    (intact) => ({
      deleteOfUser: (uid, except, options) => intact.deleteOfUser(uid, except, { ...options, tombstone: undefined }),
    }),
  ),
  broken(
    'forgets why it ended all of them',
    `${STEPS}: puts the tombstone in the place of each session, as retire would`,
    (intact) => ({
      deleteOfUser: (uid, except, { tombstone, limit } = {}) => {
        if (tombstone === undefined) return intact.deleteOfUser(uid, except, { limit });
        const { successor, at } = tombstone.retired;
        const retired = { successor, at };
        return intact.deleteOfUser(uid, except, { limit, tombstone: { ...tombstone, retired } });
      },
    }),
  ),
  broken(
    'puts a tombstone where one is already',
    `${STEPS}: puts no tombstone in the place of another, and with a limit goes on to the sessions that are left`,
    (intact) => {
      const retired = new Map<string, SessionRecord>();
      return {
        retire: async (id, version, tombstone) => {
          const there = await sessionOf(intact, id);
          if (there !== undefined) retired.set(id, there);
          return intact.retire(id, version, tombstone);
        },
        deleteOfUser: async (uid, except, options) => {
          for (const record of retired.values()) {
            if (record.uid === uid && options?.tombstone !== undefined) {
              await put(intact, record);
              await intact.retire(record.id, null, { id: record.id, ...options.tombstone });
            }
          }
          return intact.deleteOfUser(uid, except, options);
        },
      };
    },
  ),
  broken(
    'ends in later calls what it saw at the first',
    "while a user's sessions are removed: none slips through calls with a limit that is being rotated, when the last of them leaves none",
    (intact) => {
      const due = new Map<string, string[]>();
      return {
        deleteOfUser: async (uid, _except, { limit = Number.POSITIVE_INFINITY } = {}) => {
          const seen = due.get(uid) ?? (await intact.ofUser(uid, 0)).map(({ id }) => id);
          due.set(uid, seen);
          const ids = seen.splice(0, limit);
          await nextTurn();
          for (const id of ids) await intact.delete(id);
          return ids;
        },
      };
    },
  ),
  broken(
    'ends all of them in one turn of the loop',
    'size: the loop keeps turning while 2000 sessions of a user are listed, ended but for one, and swept',
    (intact) => {
      const created: SessionRecord[] = [];
      return {
        create: async (record) => {
          await intact.create(record);
          created.push(record);
        },
        deleteOfUser: async (uid, except, options) => {
          const ids = created.filter((one) => one.uid === uid && one.id !== except).map(({ id }) => id);
          for (const id of ids) {
            if (options?.tombstone === undefined) await intact.delete(id);
            else await intact.retire(id, null, { id, ...options.tombstone });
          }
          return ids;
        },
      };
    },
  ),
];
