import type { TabActivity } from '../../ports/bus.js';

/** One entry for each tab: the latest `at`, and the other fields of the last one. */
export function mergedTabs(tabs: readonly TabActivity[]): readonly TabActivity[] {
  const merged = new Map<string, TabActivity>();
  for (const tab of tabs) {
    const key = tabKey(tab);
    merged.set(key, { ...tab, at: Math.max(tab.at, merged.get(key)?.at ?? 0) });
  }
  return [...merged.values()];
}

/** A text that names a tab, and no other one. */
export function tabKey({ lineage, instance }: Pick<TabActivity, 'lineage' | 'instance'>): string {
  return JSON.stringify([lineage, instance]);
}
