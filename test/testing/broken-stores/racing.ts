import { setImmediate as nextTurn } from 'node:timers/promises';
import { SessionAlreadyExists } from '../../../src/errors.js';
import type { Store } from '../../../src/ports/store.js';
import { type BrokenStore, broken, put, sessionOf } from './broken-store.js';

/** Alone it does right. */
function updatingInTwoSteps(intact: Store): Partial<Store> {
  return {
    update: async (record) => {
      const there = await sessionOf(intact, record.id);
      if (there?.version !== record.version) return there === undefined ? 'gone' : 'conflict';
      await nextTurn();
      await put(intact, { ...record, version: record.version + 1 });
      return 'ok';
    },
  };
}

/** Alone it does right. */
function touchingInTwoSteps(intact: Store): Partial<Store> {
  return {
    touch: async (id, _uid, lastAccess, expiresAt) => {
      const there = await sessionOf(intact, id);
      await nextTurn();
      if (there !== undefined && lastAccess > there.lastAccess) await put(intact, { ...there, lastAccess, expiresAt });
      return there !== undefined;
    },
  };
}

export const racing: readonly BrokenStore[] = [
  broken(
    'looks before it creates',
    'two operations on one id at the same time: one of two creates succeeds, and the other rejects with SessionAlreadyExists',
    (intact) => ({
      create: async (record) => {
        if ((await intact.load(record.id, 0)) !== undefined) throw new SessionAlreadyExists();
        await nextTurn();
        await put(intact, record);
      },
    }),
  ),
  broken(
    'looks before it updates',
    "two operations on one id at the same time: one of two updates with the same version returns 'ok', and the other 'conflict'",
    updatingInTwoSteps,
  ),
  broken(
    'looks before it counts',
    'two operations on one id at the same time: no increment is lost when 50 clients retry updates of one counter',
    updatingInTwoSteps,
  ),
  broken(
    'updates in two steps',
    'two operations on one id at the same time: load sees an update completely or not at all',
    (intact) => ({
      update: async (record) => {
        const outcome = await intact.update({ ...record, body: '"half"' });
        await nextTurn();
        if (outcome === 'ok') await put(intact, { ...record, version: record.version + 1 });
        return outcome;
      },
    }),
  ),
  broken(
    'brings back what was deleted',
    'two operations on one id at the same time: update and touch do not bring back what delete removed',
    updatingInTwoSteps,
  ),
  broken(
    'writes back the whole record at a touch',
    'two operations on one id at the same time: touch and update do not lose what the other wrote',
    touchingInTwoSteps,
  ),
  broken(
    'takes the last of many touches',
    'two operations on one id at the same time: of many touches, the latest lastAccess stays',
    touchingInTwoSteps,
  ),
  broken(
    'updates although it retired',
    'two operations on one id at the same time: either update or retire succeeds, never both',
    updatingInTwoSteps,
  ),
  broken(
    'retires at once for two',
    "two operations on one id at the same time: one of two calls of retire returns 'ok' and stores its tombstone, and the other 'gone'",
    (intact) => ({
      retire: async (id, version, tombstone) => {
        const there = await sessionOf(intact, id);
        if (there?.version !== version) return there === undefined ? 'gone' : 'conflict';
        await nextTurn();
        await put(intact, there);
        return intact.retire(id, version, tombstone);
      },
    }),
  ),
  broken(
    'touches a tombstone back to life',
    'two operations on one id at the same time: touch does not turn a tombstone into a session',
    touchingInTwoSteps,
  ),
  broken(
    'ends the sessions that it saw a moment ago',
    "while the sessions of a user are removed: a session that is being rotated ends too: its new record is removed, or retire of the old one returns 'gone'",
    (intact) => ({
      deleteOfUser: async (uid) => {
        const seen = await intact.ofUser(uid, 0);
        await nextTurn();
        for (const { id } of seen) await intact.delete(id);
        return seen.map(({ id }) => id);
      },
    }),
  ),
  broken(
    'ends a spared session that is being rotated',
    'while the sessions of a user are removed: a session that except names can be rotated normally',
    (intact) => ({
      deleteOfUser: async (uid, except) => {
        const spared = (await intact.ofUser(uid, 0)).filter(({ id }) => id === except).map(({ lineage }) => lineage);
        const seen = (await intact.ofUser(uid, 0))
          .filter(({ lineage }) => spared.includes(lineage))
          .map(({ id }) => id);
        await nextTurn();
        const ended = (await intact.ofUser(uid, 0)).map(({ id }) => id).filter((id) => !seen.includes(id));
        for (const id of ended) await intact.delete(id);
        return ended;
      },
    }),
  ),
  broken(
    'brings back an ended session by an update',
    'while the sessions of a user are removed: update does not bring back a session that was removed',
    updatingInTwoSteps,
  ),
  broken(
    'leaves it to the other who ends them too',
    'while the sessions of a user are removed: two calls at the same time return each session at least once, and leave none',
    (intact) => {
      let running = 0;
      return {
        deleteOfUser: async (uid, except) => {
          running += 1;
          await nextTurn();
          const isAlone = running === 1;
          await nextTurn();
          running -= 1;
          return isAlone ? intact.deleteOfUser(uid, except) : [];
        },
      };
    },
  ),
];
