import type { TabActivity, TabSign, UserActivity } from '../ports/bus.js';
import { keyOfTab, MOST_TABS } from '../ports/tab-signs.js';
import { LastingMap } from './lasting-map.js';
import { withSign } from './with-sign.js';

/** What a MemoryBus knows of tabs, each for its own time. */
export class MemoryTabs {
  readonly #tabs = new LastingMap<TabActivity>((tab) => this.#forget(tab));
  /** The keys of the tabs of each lineage. Nearly every session has few: a set for each takes several times the memory. */
  readonly #keys = new Map<string, readonly string[]>();

  stamp(sign: TabSign, life: number): void {
    const key = keyOfTab(sign);
    const known = this.#tabs.get(key);
    this.#tabs.set(key, withSign(known, sign), life);
    if (known !== undefined) return;
    const keys = (this.#keys.get(sign.lineage) ?? []).concat(key);
    this.#keys.set(sign.lineage, keys);
    if (keys.length > MOST_TABS) this.#removeOldest(sign.lineage);
  }

  ofSession(lineage: string): TabActivity[] {
    const keys = this.#keys.get(lineage) ?? [];
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
    const key = keyOfTab(tab);
    const left = this.#keys.get(tab.lineage)?.filter((one) => one !== key) ?? [];
    if (left.length === 0) this.#keys.delete(tab.lineage);
    else this.#keys.set(tab.lineage, left);
  }
}
