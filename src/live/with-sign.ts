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
