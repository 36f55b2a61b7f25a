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
    'of two operations on one id at the same time: one of two creates wins, and the other rejects with SessionAlreadyExists',
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
    "of two operations on one id at the same time: one of two updates with the same version is 'ok', and the other 'conflict'",
    updatingInTwoSteps,
  ),
  broken(
    'looks before it counts',
    'of two operations on one id at the same time: none is lost when 50 count up at once, each until its update is ok',
    updatingInTwoSteps,
  ),
  broken(
    'updates in two steps',
    'of two operations on one id at the same time: a load sees an update whole or not at all',
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
    'of two operations on one id at the same time: a delete leaves nothing that an update or a touch brings back',
    updatingInTwoSteps,
  ),
  broken(
    'writes back the whole record at a touch',
    'of two operations on one id at the same time: neither a touch nor an update loses what the other wrote',
    touchingInTwoSteps,
  ),
  broken(
    'takes the last of many touches',
    'of two operations on one id at the same time: of many touches the latest counts',
    touchingInTwoSteps,
  ),
  broken(
    'updates although it retired',
    'of two operations on one id at the same time: either the update is made or the tombstone put, never both',
    updatingInTwoSteps,
  ),
  broken(
    'retires at once for two',
    "of two operations on one id at the same time: one of two retirements is 'ok', the other 'gone', and its tombstone stays",
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
    'of two operations on one id at the same time: a touch makes no session of a tombstone',
    touchingInTwoSteps,
  ),
  broken(
    'ends the sessions that it saw a moment ago',
    "while a user's sessions are removed: none slips through that is being rotated: its new record is removed too, or the old one is gone",
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
    "while a user's sessions are removed: one that is spared may be rotated as if nothing happened",
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
    "while a user's sessions are removed: an update brings none of them back",
    updatingInTwoSteps,
  ),
  broken(
    'leaves it to the other who ends them too',
    "while a user's sessions are removed: two that remove them at once tell each of them at least once, and none is left",
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
