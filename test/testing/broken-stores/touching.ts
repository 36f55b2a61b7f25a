import { type BrokenStore, broken, LATEST, put, sessionOf, wellFormed } from './broken-store.js';

export const touching: readonly BrokenStore[] = [
  broken('creates by a touch', 'touch: returns false when there is no record, and does not create one', (intact) => ({
    touch: async (id, uid, lastAccess, expiresAt) => {
      if ((await intact.load(id, 0)) !== undefined) return intact.touch(id, uid, lastAccess, expiresAt);
      const times = { created: 0, lastUpdate: 0, lastAccess, expiresAt };
      await intact.create({ id, lineage: id, uid, version: 0, body: '{}', ...times });
      return true;
    },
  })),
  broken(
    'moves back by a touch',
    'touch: changes nothing when lastAccess is not later than the stored one, and returns true',
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
    'touch: changes nothing when lastAccess is not later than the stored one, and returns true',
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
    'touch: sets lastAccess and expiresAt of a record and nothing else; the version stays',
    (intact) => ({
      touch: async (id, _uid, lastAccess, expiresAt) => {
        const there = await sessionOf(intact, id);
        return there !== undefined && (await intact.update({ ...there, lastAccess, expiresAt })) === 'ok';
      },
    }),
  ),
  broken(
    'touches lastAccess only',
    'touch: sets lastAccess and expiresAt of a record and nothing else; the version stays',
    (intact) => ({
      touch: async (id, uid, lastAccess, expiresAt) =>
        intact.touch(id, uid, lastAccess, (await sessionOf(intact, id))?.expiresAt ?? expiresAt),
    }),
  ),
  broken(
    'takes a tombstone for something to touch',
    'touch: returns false when there is a tombstone, which stays unchanged',
    (intact) => ({
      touch: async (id, uid, lastAccess, expiresAt) =>
        (await intact.touch(id, uid, lastAccess, expiresAt)) || (await intact.load(id, 0)) !== undefined,
    }),
  ),
  broken(
    'moves the expiry forward only',
    'touch: sets the expiry as given: from a time to null, from null to a time, or to an earlier time',
    (intact) => ({
      touch: async (id, uid, lastAccess, expiresAt) => {
        const there = await sessionOf(intact, id);
        const isEarlier = there !== undefined && expiresAt !== null && (there.expiresAt ?? LATEST) > expiresAt;
        return intact.touch(id, uid, lastAccess, isEarlier ? there.expiresAt : expiresAt);
      },
    }),
  ),
  broken('rejects malformed ids', 'touch: returns false for a malformed id', (intact) => ({
    touch: async (id, ...rest) => intact.touch(wellFormed(id), ...rest),
  })),
];
