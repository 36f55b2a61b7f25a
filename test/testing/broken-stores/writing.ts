import { SessionAlreadyExists, StoreUnavailable } from '../../../src/errors.js';
import type { SessionRecord } from '../../../src/ports/store.js';
import { type BrokenStore, broken, put, sessionOf } from './broken-store.js';

export const writing: readonly BrokenStore[] = [
  broken(
    'creates over a session',
    'create: rejects with SessionAlreadyExists when there is a session with this id, which stays as it was',
    (intact) => ({
      create: (record) => put(intact, record),
    }),
  ),
  broken(
    'creates over a tombstone',
    'create: rejects with SessionAlreadyExists when there is a tombstone with this id, which stays as it was',
    (intact) => ({
      create: async (record) => {
        if ((await sessionOf(intact, record.id)) === undefined) await intact.delete(record.id);
        await intact.create(record);
      },
    }),
  ),
  broken(
    'refuses with an error of its own',
    'create: rejects with SessionAlreadyExists when there is a session with this id, which stays as it was',
    (intact) => ({
      create: (record) =>
        intact.create(record).catch(() => {
          throw new Error('duplicate key');
        }),
    }),
  ),
  broken(
    'lists a refused record',
    'create: leaves nothing of a rejected record behind, also not among the sessions of its user',
    (intact) => {
      const refused: SessionRecord[] = [];
      return {
        create: async (record) => {
          await intact.create(record).catch((error: unknown) => {
            refused.push(record);
            throw error;
          });
        },
        ofUser: async (uid, now) => [...(await intact.ofUser(uid, now)), ...refused.filter((one) => one.uid === uid)],
      };
    },
  ),
  broken(
    'keeps the very object',
    'create: is not affected by later changes to the object that was passed',
    (intact) => {
      const given = new Map<string, SessionRecord>();
      return {
        create: async (record) => {
          await intact.create(record);
          given.set(record.id, record);
        },
        load: async (id, now) => given.get(id) ?? intact.load(id, now),
      };
    },
  ),
  broken(
    'makes room by what is to be replaced',
    'create: keeps the session named by replaces until it is retired',
    (intact) => ({
      create: async (record, replaces) => {
        if (replaces !== undefined) await intact.delete(replaces);
        await intact.create(record);
      },
    }),
  ),
  broken(
    'creates nothing in the place of what is gone',
    'create: stores the record when replaces names no session, or is malformed',
    (intact) => ({
      create: async (record, replaces) => {
        const isGone = replaces !== undefined && (await sessionOf(intact, replaces)) === undefined;
        if (isGone) throw new StoreUnavailable('gone');
        await intact.create(record);
      },
    }),
  ),
  broken('rounds times to seconds', 'create: stores a new record unchanged', (intact) => ({
    create: (record) => intact.create({ ...record, created: Math.floor(record.created / 1000) * 1000 }),
  })),
  broken(
    'refuses what has expired',
    'create: stores a record that has already expired, which load never returns',
    (intact) => ({
      create: async (record) => {
        if (record.expiresAt !== null && record.expiresAt <= Date.now()) throw new RangeError('expired');
        await intact.create(record);
      },
    }),
  ),
  broken('does not give a deleted id again', 'create: stores a record under an id that was deleted', (intact) => {
    const deleted = new Set<string>();
    return {
      create: async (record) => {
        if (deleted.has(record.id)) throw new SessionAlreadyExists();
        await intact.create(record);
      },
      delete: (id) => {
        deleted.add(id);
        return intact.delete(id);
      },
    };
  }),
];
