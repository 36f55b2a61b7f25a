import type { TabActivity, TabSign, UserActivity } from '../../../ports/bus.js';
import { keyOfTab, mergedSigns } from '../../../ports/tab-signs.js';
import type { Script } from '../script.js';
import { ALL_TABS, COUNT_USERS, STAMP, TABS, USERS } from './activity-scripts.js';
import type { BusKeys } from './keys.js';

/** Runs a script on keys of the bus. */
export type RunScript = (script: Script, keys: string[], args: string[]) => Promise<unknown>;

/** The maximum number of tabs in one round trip, so that other commands do not wait for long. */
const AT_ONCE = 200;

/** What is known of tabs and users. */
export class RedisActivity {
  readonly #keys: BusKeys;
  readonly #run: RunScript;

  constructor(keys: BusKeys, run: RunScript) {
    this.#keys = keys;
    this.#run = run;
  }

  async stamp(tabs: readonly TabSign[], life: number): Promise<void> {
    const merged = mergedSigns(tabs);
    for (let at = 0; at < merged.length; at += AT_ONCE) await this.#stampSome(merged.slice(at, at + AT_ONCE), life);
  }

  async tabs(lineage: string): Promise<readonly TabActivity[]> {
    return asTabs(await this.#run(TABS, [...this.#keys.activity, this.#keys.session(lineage)], []));
  }

  async allTabs(since: number, limit: number): Promise<readonly TabActivity[]> {
    return asTabs(await this.#run(ALL_TABS, this.#keys.activity, [String(since), String(limit)]));
  }

  async users(since: number, limit: number): Promise<readonly UserActivity[]> {
    const reply = textsOf(await this.#run(USERS, this.#keys.activity, [String(since), String(limit)]));
    return inGroups(reply, 2).map(([uid = '', at]) => ({ uid, at: Number(at) }));
  }

  async countUsers(since: number): Promise<number> {
    return Number(await this.#run(COUNT_USERS, this.#keys.activity, [String(since)]));
  }

  async #stampSome(tabs: readonly TabSign[], life: number): Promise<void> {
    const keys = this.#keys.activity;
    const places = new Map<string, string>();
    for (const { lineage } of tabs) {
      if (!places.has(lineage)) places.set(lineage, String(keys.push(this.#keys.session(lineage))));
    }
    const args = tabs.flatMap((tab) => {
      const { uid, isVisible, openUntil } = tab;
      // Without the fields that are absent, which stay as they are.
      const rest = JSON.stringify({ uid: uid ?? null, isVisible, openUntil });
      return [places.get(tab.lineage) ?? '', keyOfTab(tab), String(tab.at ?? 0), rest, uid ?? ''];
    });
    await this.#run(STAMP, keys, [String(life), ...args]);
  }
}

function asTabs(reply: unknown): readonly TabActivity[] {
  return inGroups(textsOf(reply), 3).map(([tab = '', at, rest = '']) => {
    const [lineage, instance] = JSON.parse(tab);
    const { uid, isVisible, openUntil = 0 } = JSON.parse(rest);
    return { lineage, uid: uid ?? undefined, instance, at: Number(at), isVisible, openUntil };
  });
}

/** The strings of a reply that is a list. */
export function textsOf(reply: unknown): readonly string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}

/** The items in groups of `size`. */
export function inGroups<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: items.length / size }, (_, at) => items.slice(at * size, (at + 1) * size));
}
