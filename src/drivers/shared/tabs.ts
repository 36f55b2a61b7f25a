import type { TabSign } from '../../ports/bus.js';

/** The signs of each tab as one: the latest `at`, and of the other fields the last that is present. */
export function mergedTabs(signs: readonly TabSign[]): readonly TabSign[] {
  const merged = new Map<string, TabSign>();
  for (const sign of signs) {
    const key = tabKey(sign);
    const known = merged.get(key) ?? sign;
    merged.set(key, {
      ...sign,
      at: Math.max(sign.at ?? 0, known.at ?? 0),
      isVisible: sign.isVisible ?? known.isVisible,
      openUntil: sign.openUntil ?? known.openUntil,
    });
  }
  return [...merged.values()];
}

/** A string for each tab. */
export function tabKey({ lineage, instance }: Pick<TabSign, 'lineage' | 'instance'>): string {
  return JSON.stringify([lineage, instance]);
}
