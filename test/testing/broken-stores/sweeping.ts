import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionRecord, Swept } from '../../../src/ports/store.js';
import { type BrokenStore, broken, LATEST } from './broken-store.js';

export const sweeping: readonly BrokenStore[] = [
  broken('sweeps the living', 'sweep: leaves what has not expired', (intact) => ({
    sweep: (_now, limit) => intact.sweep(LATEST, limit),
  })),
  broken(
    'sweeps a ms too early',
    'with nobody else on the backend: sweep takes exactly what has expired at now, by the millisecond',
    (intact) => ({
      sweep: (now, limit) => intact.sweep(now + 1, limit),
    }),
  ),
  broken(
    'sweeps a ms too late',
    'with nobody else on the backend: sweep takes exactly what has expired at now, by the millisecond',
    (intact) => ({
      sweep: (now, limit) => intact.sweep(now - 1, limit),
    }),
  ),
  broken(
    'never sweeps',
    'sweep: removes what has expired, and says what; or leaves that to a backend that does it by itself',
    () => ({
      sweep: async () => [],
    }),
  ),
  broken(
    'sweeps without a word',
    'sweep: removes what has expired, and says what; or leaves that to a backend that does it by itself',
    (intact) => ({
      sweep: async (now, limit) => {
        await intact.sweep(now, limit);
        return [];
      },
    }),
  ),
  broken(
    'does not tell tombstones from sessions',
    'sweep: removes what has expired, and says what; or leaves that to a backend that does it by itself',
    (intact) => ({
      sweep: async (now, limit) => (await intact.sweep(now, limit)).map(({ id, uid }) => ({ id, uid })),
    }),
  ),
  broken(
    'does not tell whose the swept were',
    'sweep: removes what has expired, and says what; or leaves that to a backend that does it by itself',
    (intact) => ({
      sweep: async (now, limit) => (await intact.sweep(now, limit)).map((swept) => ({ ...swept, uid: null })),
    }),
  ),
  broken('knows no limit', 'sweep: removes no more than limit, and fewer only when no others are left', (intact) => ({
    sweep: (now) => intact.sweep(now, Number.POSITIVE_INFINITY),
  })),
  broken(
    'leaves half of what it should sweep',
    'sweep: removes no more than limit, and fewer only when no others are left',
    (intact) => ({
      sweep: (now, limit) => intact.sweep(now, Math.floor(limit / 2)),
    }),
  ),
  broken(
    'sweeps what another is sweeping',
    'sweep: removes nothing that another removed, when two sweep at once',
    (intact) => {
      const created = new Map<string, SessionRecord>();
      return {
        create: async (record) => {
          await intact.create(record);
          created.set(record.id, record);
        },
        sweep: async (now, limit) => {
          const expired = [...created.values()].filter(({ expiresAt }) => expiresAt !== null && expiresAt <= now);
          const swept = expired.slice(0, limit);
          await nextTurn();
          for (const { id } of swept) {
            created.delete(id);
            await intact.delete(id);
          }
          return swept.map(({ id, uid }) => ({ id, uid }));
        },
      };
    },
  ),
  broken(
    'sweeps what it saw expired a moment ago',
    'sweep: takes nothing that a touch or an update has given a longer life meanwhile',
    (intact) => {
      const expired = new Set<string>();
      return {
        create: async (record) => {
          await intact.create(record);
          if (record.expiresAt === 1) expired.add(record.id);
        },
        sweep: async () => {
          const seen = [...expired];
          await nextTurn();
          for (const id of seen) await intact.delete(id);
          expired.clear();
          return [];
        },
      };
    },
  ),
  broken('lists what it swept', "sweep: leaves the swept no more among their user's, and their ids free", (intact) => {
    const expired: SessionRecord[] = [];
    return {
      create: async (record) => {
        await intact.create(record);
        if (record.expiresAt === 1) expired.push(record);
      },
      ofUser: async (uid, now) => [
        ...(await intact.ofUser(uid, now)),
        ...expired.filter((record) => record.uid === uid && now < 1),
      ],
    };
  }),
  broken(
    'says twice what it swept',
    'with nobody else on the backend: sweep removes a backlog in many calls, and everything once',
    (intact) => {
      let last: readonly Swept[] = [];
      return {
        sweep: async (now, limit) => {
          const swept = await intact.sweep(now, limit);
          const said = [...last.slice(0, 1), ...swept].slice(0, swept.length);
          last = swept;
          return said;
        },
      };
    },
  ),
  broken(
    'says too early that nothing is left',
    'with nobody else on the backend: sweep takes one after the other with a limit, and misses none',
    (intact) => ({
      sweep: (now, limit) => intact.sweep(now, Math.min(limit, 2)),
    }),
  ),
];
