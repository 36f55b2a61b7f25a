import type { TabActivity, TabSign } from '../ports/bus.js';
import { bothSigns } from '../ports/tab-signs.js';

/** What is known of a tab with what was learned of it. */
export function withSign(known: TabActivity | undefined, sign: TabSign): TabActivity {
  const { lineage, uid, instance, at = 0, isVisible, openUntil = 0 } = bothSigns(known, sign);
  return { lineage, uid, instance, at, isVisible, openUntil };
}
