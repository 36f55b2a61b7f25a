import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TabActivity } from '../../../src/ports/bus.js';
import { type BrokenBus, broken } from './broken-bus.js';

const HOUR = 3_600_000;

export const values: readonly BrokenBus[] = [
  broken('leaves what was taken', 'put and take: a value is returned once, and unknown keys have none', (intact) => ({
    take: async (key) => {
      const value = await intact.take(key);
      if (value !== undefined) await intact.put(key, value, HOUR);
      return value;
    },
  })),
  broken(
    'reads and removes in two steps',
    'put and take: of several that take at the same time, one gets the value',
    (intact) => {
      const stored = new Map<string, string>();
      return {
        put: async (key, value) => void stored.set(key, value),
        take: async (key) => {
          const value = stored.get(key);
          await nextTurn();
          stored.delete(key);
          return value;
        },
        close: () => intact.close(),
      };
    },
  ),
  broken('keeps values for ever', 'put and take: a value that is too old is gone', (intact) => ({
    put: (key, value) => intact.put(key, value, HOUR),
  })),
  broken('keeps the first value', 'put and take: a later put replaces the value', (intact) => {
    const known = new Set<string>();
    return {
      put: async (key, value, life) => {
        if (!known.has(key)) await intact.put(key, value, life);
        known.add(key);
      },
    };
  }),
  broken(
    'trims keys',
    'put and take: values may be any well-formed string, and similar keys are kept apart',
    (intact) => ({ put: (key, value, life) => intact.put(key.trim(), value, life) }),
  ),
];

export const activity: readonly BrokenBus[] = [
  broken(
    'forgets who uses a tab',
    'stamp: stores tabs with all that is known of them, for every process',
    (intact) => ({
      tabs: async (lineage) => (await intact.tabs(lineage)).map((tab): TabActivity => ({ ...tab, uid: undefined })),
    }),
  ),
  broken(
    'skips a stamp that is out of order',
    'stamp: never moves `at` back, replaces the other fields that are present, and keeps the rest, also within one call',
    (intact) => ({
      stamp: async (tabs, life) => {
        for (const tab of tabs) {
          const [known] = (await intact.tabs(tab.lineage)).filter(({ instance }) => instance === tab.instance);
          if (known === undefined || known.at <= (tab.at ?? 0)) await intact.stamp([tab], life);
        }
      },
    }),
  ),
  broken('says that a new tab has been active', 'stamp: takes 0 for what is not known of a new tab', (intact) => ({
    tabs: async (lineage) => (await intact.tabs(lineage)).map((tab) => ({ ...tab, at: tab.at || Date.now() })),
  })),
  broken('removes the newest tab', 'stamp: keeps the 1,000 tabs of a session that were active last', (intact) => ({
    stamp: async (tabs, life) => {
      for (const tab of tabs) {
        if ((await intact.tabs(tab.lineage)).length < 1_000) await intact.stamp([tab], life);
      }
    },
  })),
  broken(
    'lists the earliest tab first',
    'stamp: allTabs returns those active at or after a time, the latest first, at most `limit`',
    (intact) => ({ allTabs: async (since, limit) => [...(await intact.allTabs(since, limit))].reverse() }),
  ),
  broken(
    'lists users once for each tab',
    'stamp: users returns each user once, the latest first, at most `limit`, and countUsers counts all',
    (intact) => ({
      users: async (since, limit) =>
        (await intact.allTabs(since, limit)).map(({ uid, at }) => ({ uid: uid ?? '', at })),
    }),
  ),
  broken('remembers tabs for ever', 'stamp: what is too old is gone from every list', (intact) => ({
    stamp: (tabs) => intact.stamp(tabs, HOUR),
  })),
  broken(
    'keeps the tabs of a session for the life of its last stamp',
    'stamp: keeps each tab of a session for the life of its own last stamp',
    (intact) => ({
      stamp: async (tabs, life) => {
        await intact.stamp(tabs, life);
        for (const { lineage } of tabs) await intact.stamp(await intact.tabs(lineage), life);
      },
    }),
  ),
  broken(
    'keeps the first lineage of an id',
    'stamp: lineageOf returns the lineage that was named last for an id, until it is too old',
    (intact) => ({
      nameLineage: async (id, lineage, life) => {
        if ((await intact.lineageOf(id)) === undefined) await intact.nameLineage(id, lineage, life);
      },
    }),
  ),
];

const opened: { close(): Promise<void> }[] = [];

export const closing: readonly BrokenBus[] = [
  broken('cannot be closed twice', 'close: may be called twice, and stops every connection of the bus', (intact) => {
    let isClosed = false;
    return {
      close: async () => {
        if (isClosed) throw new Error('closed already');
        isClosed = true;
        await intact.close();
      },
    };
  }),
  broken('works on after it was closed', 'close: makes every later operation reject with StoreUnavailable', () => ({
    close: async () => undefined,
  })),
  broken('closes the buses of others', 'close: leaves the buses of other processes open', (intact) => {
    opened.push(intact);
    return {
      close: async () => {
        await Promise.all(opened.map((bus) => bus.close()));
      },
    };
  }),
];
