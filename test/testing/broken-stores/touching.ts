import { type BrokenStore, broken, LATEST, put, sessionOf, wellFormed } from './broken-store.js';

export const touching: readonly BrokenStore[] = [
  broken('creates by a touch', 'touch: answers false when there is none, and never creates', (intact) => ({
    touch: async (id, uid, lastAccess, expiresAt) => {
      if ((await intact.load(id, 0)) !== undefined) return intact.touch(id, uid, lastAccess, expiresAt);
      const times = { created: 0, lastUpdate: 0, lastAccess, expiresAt };
      await intact.create({ id, lineage: id, uid, version: 0, body: '{}', ...times });
      return true;
    },
  })),
  broken(
    'moves back by a touch',
    'touch: changes nothing with a lastAccess not later than the one stored, and says that the record is there',
    (intact) => ({
      touch: async (id, uid, lastAccess, expiresAt) => {
        const there = await sessionOf(intact, id);
        if (there === undefined) return intact.touch(id, uid, lastAccess, expiresAt);
        await put(intact, { ...there, lastAccess, expiresAt });
        return true;
      },
    }),
  ),
  broken(
    'says of a touch whether it moved',
    'touch: changes nothing with a lastAccess not later than the one stored, and says that the record is there',
    (intact) => ({
      touch: async (id, uid, lastAccess, expiresAt) => {
        const there = await sessionOf(intact, id);
        if (there !== undefined && there.lastAccess >= lastAccess) return false;
        return intact.touch(id, uid, lastAccess, expiresAt);
      },
    }),
  ),
  broken(
    'counts a touch as an update',
    'touch: moves lastAccess and expiresAt of a record and nothing else; its version stays',
    (intact) => ({
      touch: async (id, _uid, lastAccess, expiresAt) => {
        const there = await sessionOf(intact, id);
        return there !== undefined && (await intact.update({ ...there, lastAccess, expiresAt })) === 'ok';
      },
    }),
  ),
  broken(
    'touches lastAccess only',
    'touch: moves lastAccess and expiresAt of a record and nothing else; its version stays',
    (intact) => ({
      touch: async (id, uid, lastAccess, expiresAt) =>
        intact.touch(id, uid, lastAccess, (await sessionOf(intact, id))?.expiresAt ?? expiresAt),
    }),
  ),
  broken(
    'takes a tombstone for something to touch',
    'touch: answers false when there is a tombstone, which stays as it is',
    (intact) => ({
      touch: async (id, uid, lastAccess, expiresAt) =>
        (await intact.touch(id, uid, lastAccess, expiresAt)) || (await intact.load(id, 0)) !== undefined,
    }),
  ),
  broken(
    'moves the expiry forward only',
    'touch: takes the expiry as it is given: none in place of one, one in place of none, an earlier one',
    (intact) => ({
      touch: async (id, uid, lastAccess, expiresAt) => {
        const there = await sessionOf(intact, id);
        const isEarlier = there !== undefined && expiresAt !== null && (there.expiresAt ?? LATEST) > expiresAt;
        return intact.touch(id, uid, lastAccess, isEarlier ? there.expiresAt : expiresAt);
      },
    }),
  ),
  broken('rejects malformed ids', 'touch: answers false for an id that is malformed, which is no error', (intact) => ({
    touch: async (id, ...rest) => intact.touch(wellFormed(id), ...rest),
  })),
];
