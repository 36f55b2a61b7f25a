import type { TabSign } from './bus.js';

/** The most tabs of one session that a bus keeps. */
export const MOST_TABS = 1_000;

/** A string for each tab. */
export function keyOfTab({ lineage, instance }: Pick<TabSign, 'lineage' | 'instance'>): string {
  return JSON.stringify([lineage, instance]);
}

/** Two signs of a tab as one: the latest `at`, and of the other fields the last that is present. */
export function bothSigns(earlier: TabSign | undefined, later: TabSign): TabSign {
  if (earlier === undefined) return later;
  return {
    ...later,
    at: Math.max(earlier.at ?? 0, later.at ?? 0),
    isVisible: later.isVisible ?? earlier.isVisible,
    openUntil: later.openUntil ?? earlier.openUntil,
  };
}

/** The signs of each tab as one. */
export function mergedSigns(signs: readonly TabSign[]): readonly TabSign[] {
  const merged = new Map<string, TabSign>();
  for (const sign of signs) {
    const key = keyOfTab(sign);
    merged.set(key, bothSigns(merged.get(key), sign));
  }
  return [...merged.values()];
}
