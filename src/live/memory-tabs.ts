import type { TabActivity, TabSign, UserActivity } from '../ports/bus.js';
import { LastingMap } from './lasting-map.js';
import { keyOfTab, withSign } from './tab-signs.js';

/** The most tabs of one session that are kept. */
const MOST_TABS = 1_000;

/** What a MemoryBus knows of tabs, each for its own time. */
export class MemoryTabs {
  readonly #tabs = new LastingMap<TabActivity>((tab) => this.#forget(tab));
  /** The keys of the tabs of each lineage. */
  readonly #keys = new Map<string, Set<string>>();

  stamp(sign: TabSign, life: number): void {
    const key = keyOfTab(sign);
    this.#tabs.set(key, withSign(this.#tabs.get(key), sign), life);
    const keys = this.#keys.get(sign.lineage) ?? new Set();
    this.#keys.set(sign.lineage, keys.add(key));
    if (keys.size > MOST_TABS) this.#removeOldest(sign.lineage);
  }

  ofSession(lineage: string): TabActivity[] {
    const keys = [...(this.#keys.get(lineage) ?? [])];
    return keys.map((key) => this.#tabs.get(key)).filter((tab) => tab !== undefined);
  }

  /** Those active at or after `since`, the latest first. */
  active(since: number): TabActivity[] {
    const tabs = this.#tabs.latest();
    return tabs.filter(({ at }) => at >= since).sort((a, b) => b.at - a.at);
  }

  activeUsers(since: number): UserActivity[] {
    const users = new Map<string, number>();
    for (const { uid, at } of this.active(since)) {
      if (uid !== undefined && !users.has(uid)) users.set(uid, at);
    }
    return Array.from(users, ([uid, at]) => ({ uid, at }));
  }

  clear(): void {
    this.#tabs.clear();
    this.#keys.clear();
  }

  #removeOldest(lineage: string): void {
    const tabs = this.ofSession(lineage);
    if (tabs.length <= MOST_TABS) return;
    const oldest = tabs.reduce((a, b) => (b.at < a.at ? b : a));
    this.#tabs.delete(keyOfTab(oldest));
    this.#forget(oldest);
  }

  #forget(tab: TabActivity): void {
    const keys = this.#keys.get(tab.lineage);
    keys?.delete(keyOfTab(tab));
    if (keys?.size === 0) this.#keys.delete(tab.lineage);
  }
}
