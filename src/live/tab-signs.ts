import type { TabActivity, TabSign } from '../ports/bus.js';

/** What is known of a tab with what was learned of it. */
export function withSign(known: TabActivity | undefined, sign: TabSign): TabActivity {
  const { lineage, uid, instance } = sign;
  return {
    lineage,
    uid,
    instance,
    at: Math.max(known?.at ?? 0, sign.at ?? 0),
    isVisible: sign.isVisible ?? known?.isVisible,
    openUntil: sign.openUntil ?? known?.openUntil ?? 0,
  };
}

/** Two signs as one: what the later one says counts. */
export function bothSigns(earlier: TabSign | undefined, later: TabSign): TabSign {
  if (earlier === undefined) return later;
  return {
    ...later,
    at: Math.max(earlier.at ?? 0, later.at ?? 0),
    isVisible: later.isVisible ?? earlier.isVisible,
    openUntil: later.openUntil ?? earlier.openUntil,
  };
}

/** A string for each tab. */
export function keyOfTab({ lineage, instance }: Pick<TabSign, 'lineage' | 'instance'>): string {
  return `${lineage} ${instance}`;
}
