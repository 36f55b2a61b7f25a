import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionRecord } from '../../../src/ports/store.js';
import { type BrokenStore, broken, put, sessionOf } from './broken-store.js';

const STEPS = 'deleteOfUser with a limit or a tombstone';

/** Stores that end a user's sessions wrongly in steps, or with tombstones. */
export const inSteps: readonly BrokenStore[] = [
  broken(
    'knows no limit',
    `${STEPS}: ends at most limit sessions per call, fewer only when none is left, and each once`,
    (intact) => ({
      deleteOfUser: (uid, except, options) => intact.deleteOfUser(uid, except, { ...options, limit: undefined }),
    }),
  ),
  broken(
    'ends fewer than the limit although more are left',
    `${STEPS}: ends at most limit sessions per call, fewer only when none is left, and each once`,
    (intact) => ({
      deleteOfUser: (uid, except, options) =>
        intact.deleteOfUser(uid, except, { ...options, limit: Math.min(options?.limit ?? 2, 2) }),
    }),
  ),
  broken(
    'says again what it ended before',
    `${STEPS}: ends at most limit sessions per call, fewer only when none is left, and each once`,
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
    `${STEPS}: keeps the session that except names, and does not count it towards limit`,
    (intact) => ({
      deleteOfUser: (uid, except, options) =>
        intact.deleteOfUser(uid, except, { ...options, limit: (options?.limit ?? 100) - 1 }),
    }),
  ),
  broken(
    'leaves nothing where it was given a tombstone',
    `${STEPS}: replaces each session with the tombstone, as retire does`,
    (intact) => ({
      deleteOfUser: (uid, except, options) => intact.deleteOfUser(uid, except, { ...options, tombstone: undefined }),
    }),
  ),
  broken(
    'forgets why it ended all of them',
    `${STEPS}: replaces each session with the tombstone, as retire does`,
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
    `${STEPS}: replaces no tombstone, and with a limit continues with the sessions that are left`,
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
    'while the sessions of a user are removed: a session that is being rotated ends too when calls with a limit have left no session',
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
    'size: the event loop keeps running while 2000 sessions of a user are listed, ended except one, and swept',
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
