import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionRecord, Swept } from '../../../src/ports/store.js';
import { type BrokenStore, broken, LATEST } from './broken-store.js';

export const sweeping: readonly BrokenStore[] = [
  broken('sweeps the living', 'sweep: keeps entries that have not expired', (intact) => ({
    sweep: (_now, limit) => intact.sweep(LATEST, limit),
  })),
  broken(
    'sweeps a ms too early',
    'on a backend of its own: sweep removes exactly the entries that have expired at now, to the millisecond',
    (intact) => ({
      sweep: (now, limit) => intact.sweep(now + 1, limit),
    }),
  ),
  broken(
    'sweeps a ms too late',
    'on a backend of its own: sweep removes exactly the entries that have expired at now, to the millisecond',
    (intact) => ({
      sweep: (now, limit) => intact.sweep(now - 1, limit),
    }),
  ),
  broken(
    'never sweeps',
    'sweep: removes and returns expired entries, or leaves them to a backend that removes them by itself',
    () => ({
      sweep: async () => [],
    }),
  ),
  broken(
    'sweeps without a word',
    'sweep: removes and returns expired entries, or leaves them to a backend that removes them by itself',
    (intact) => ({
      sweep: async (now, limit) => {
        await intact.sweep(now, limit);
        return [];
      },
    }),
  ),
  broken(
    'does not tell tombstones from sessions',
    'sweep: removes and returns expired entries, or leaves them to a backend that removes them by itself',
    (intact) => ({
      sweep: async (now, limit) => (await intact.sweep(now, limit)).map(({ id, uid }) => ({ id, uid })),
    }),
  ),
  broken(
    'does not tell whose the swept were',
    'sweep: removes and returns expired entries, or leaves them to a backend that removes them by itself',
    (intact) => ({
      sweep: async (now, limit) => (await intact.sweep(now, limit)).map((swept) => ({ ...swept, uid: null })),
    }),
  ),
  broken('knows no limit', 'sweep: removes at most limit entries, and fewer only when no other is left', (intact) => ({
    sweep: (now) => intact.sweep(now, Number.POSITIVE_INFINITY),
  })),
  broken(
    'leaves half of what it should sweep',
    'sweep: removes at most limit entries, and fewer only when no other is left',
    (intact) => ({
      sweep: (now, limit) => intact.sweep(now, Math.floor(limit / 2)),
    }),
  ),
  broken(
    'sweeps what another is sweeping',
    'sweep: removes and returns each entry once when two clients sweep at the same time',
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
    'sweep: keeps a session whose expiry a touch or an update moves meanwhile',
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
  broken(
    'lists what it swept',
    'sweep: removes swept sessions from those of their user, and frees their ids',
    (intact) => {
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
    },
  ),
  broken(
    'says twice what it swept',
    'on a backend of its own: sweep removes a backlog in many calls, and returns each entry once',
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
    'on a backend of its own: sweep with a limit removes every expired entry in consecutive calls',
    (intact) => ({
      sweep: (now, limit) => intact.sweep(now, Math.min(limit, 2)),
    }),
  ),
];
