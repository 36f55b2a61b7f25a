import type { Bus, TabActivity, UserActivity } from '../ports/bus.js';
import type { Clock } from '../ports/clock.js';
import type { SessionEvents } from '../storage/events.js';

/** How long what happens is collected before it is shared: ms. */
const COLLECTING = 10_000;

/** A tab of a session, for lists. */
export interface Tab {
  readonly instance: string;
  /** When the tab was last active: its last request that was not passive, or the last input that its page reported. ms timestamp; 0 = never. */
  readonly lastActivity: number;
  /** Whether the page is visible; `undefined` if it has not said so. */
  readonly isVisible: boolean | undefined;
  /** Whether it has an open stream, as far as the last heartbeats show. */
  readonly isOpen: boolean;
}

/** What is learned of a tab at one moment. */
interface Sign {
  readonly lineage: string;
  readonly uid: string | undefined;
  readonly instance: string;
  readonly at?: number;
  readonly isVisible?: boolean;
  readonly openUntil?: number;
}

/**
 * What is known of the activity of tabs, in all processes. This process's part is collected, and shared at most every ten seconds;
 * reads here include what was not shared yet.
 */
export class Activity {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #window: number;
  /** What this process knows of the tabs that it heard of within the window, shared or not. */
  readonly #known = new Map<string, TabActivity>();
  readonly #unshared = new Set<string>();
  readonly #ids = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #lastShared = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  /** `window`: how long activity is remembered, ms. */
  constructor(bus: Bus, clock: Clock, window: number) {
    this.#bus = bus;
    this.#clock = clock;
    this.#window = window;
  }

  /** A request used the session. */
  accessed({ id, lineage, uid, instance = '', passive }: SessionEvents['accessed']): void {
    if (passive) return;
    if (id !== lineage) this.#ids.set(id, lineage);
    this.note({ lineage, uid, instance, at: this.#clock.now() });
  }

  /** `isUrgent`: other processes are to know at once, such as that a tab has a stream. */
  note({ lineage, uid, instance, ...sign }: Sign, isUrgent = false): void {
    const key = `${lineage} ${instance}`;
    const known = this.#known.get(key) ?? { at: 0, isVisible: undefined, openUntil: 0 };
    const at = Math.max(known.at, sign.at ?? 0);
    const { isVisible = known.isVisible, openUntil = known.openUntil } = sign;
    // Deleted first, so that the oldest are in front.
    this.#known.delete(key);
    this.#known.set(key, { lineage, uid, instance, at, isVisible, openUntil });
    this.#unshared.add(key);
    this.#shareSoon(isUrgent);
  }

  /** @throws StoreUnavailable */
  async lastActivity(lineage: string, instance: string | undefined): Promise<number | undefined> {
    const tabs = await this.#tabsOf(lineage);
    const times = tabs.filter((tab) => instance === undefined || tab.instance === instance).map(({ at }) => at);
    const last = Math.max(0, ...times);
    return last === 0 ? undefined : last;
  }

  /** @throws StoreUnavailable */
  async ofSession(lineage: string): Promise<Record<string, number>> {
    return byInstance(await this.#tabsOf(lineage));
  }

  /** Of at most `limit` tabs, the latest first. @throws StoreUnavailable */
  async ofAll(limit: number): Promise<Record<string, Record<string, number>>> {
    const since = this.#clock.now() - this.#window;
    const tabs = this.#merged(await this.#bus.allTabs(since, limit), () => true);
    const bySession = new Map<string, TabActivity[]>();
    for (const tab of tabs) bySession.set(tab.lineage, [...(bySession.get(tab.lineage) ?? []), tab]);
    return Object.fromEntries([...bySession].map(([lineage, own]) => [lineage, byInstance(own)]));
  }

  /** The tabs of a session, the last active first. @throws StoreUnavailable */
  async tabs(lineage: string): Promise<Tab[]> {
    const now = this.#clock.now();
    const tabs = await this.#tabsOf(lineage);
    return tabs
      .filter(({ instance }) => instance !== '')
      .sort((a, b) => b.at - a.at)
      .map(({ instance, at, isVisible, openUntil }) => {
        const isOpen = openUntil > now;
        return { instance, lastActivity: at, isVisible: isOpen ? isVisible : undefined, isOpen };
      });
  }

  /** @throws StoreUnavailable */
  async users(window: number, limit: number): Promise<readonly UserActivity[]> {
    await this.share();
    return await this.#bus.users(this.#clock.now() - window, limit);
  }

  /** @throws StoreUnavailable */
  async countUsers(window: number): Promise<number> {
    await this.share();
    return await this.#bus.countUsers(this.#clock.now() - window);
  }

  /** The lineage of a session that was seen under this id, here or elsewhere. @throws StoreUnavailable */
  async lineageOf(id: string): Promise<string | undefined> {
    return this.#ids.get(id) ?? (await this.#bus.lineageOf(id));
  }

  /** Another id of a session. */
  nameLineage(id: string, lineage: string): void {
    this.#ids.set(id, lineage);
    this.#shareSoon();
  }

  /** Shares what was collected. What cannot be shared now is tried again with what follows. */
  async share(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastShared = this.#clock.now();
    this.#forgetOld();
    const keys = [...this.#unshared];
    const tabs = keys.map((key) => this.#known.get(key)).filter((tab) => tab !== undefined);
    const ids = [...this.#ids];
    this.#unshared.clear();
    this.#ids.clear();
    try {
      if (tabs.length > 0) await this.#bus.stamp(tabs, this.#window);
      await Promise.all(ids.map(([id, lineage]) => this.#bus.nameLineage(id, lineage, this.#window)));
    } catch {
      for (const key of keys) if (this.#known.has(key)) this.#unshared.add(key);
      for (const [id, lineage] of ids) this.#ids.set(id, lineage);
    }
  }

  async close(): Promise<void> {
    await this.share();
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #tabsOf(lineage: string): Promise<TabActivity[]> {
    return this.#merged(await this.#bus.tabs(lineage), (tab) => tab.lineage === lineage);
  }

  /** What is shared, with what this process knows better. */
  #merged(shared: readonly TabActivity[], isMeant: (tab: TabActivity) => boolean): TabActivity[] {
    const oldest = this.#clock.now() - this.#window;
    const merged = new Map(shared.map((tab) => [`${tab.lineage} ${tab.instance}`, tab]));
    for (const key of this.#unshared) {
      const tab = this.#known.get(key);
      if (tab !== undefined && isMeant(tab))
        merged.set(key, { ...tab, at: Math.max(tab.at, merged.get(key)?.at ?? 0) });
    }
    return [...merged.values()].filter((tab) => Math.max(tab.at, tab.openUntil) > oldest);
  }

  #shareSoon(isUrgent = false): void {
    if (this.#isClosed || (this.#timer !== undefined && !isUrgent)) return;
    clearTimeout(this.#timer);
    const due = isUrgent ? 0 : this.#lastShared + COLLECTING - this.#clock.now();
    this.#timer = setTimeout(() => void this.share(), Math.min(COLLECTING, Math.max(0, due)));
    this.#timer.unref();
  }

  #forgetOld(): void {
    const oldest = this.#clock.now() - this.#window;
    for (const [key, { at, openUntil }] of this.#known) {
      if (Math.max(at, openUntil) > oldest) break;
      this.#known.delete(key);
    }
  }
}

function byInstance(tabs: readonly TabActivity[]): Record<string, number> {
  const active = tabs.filter(({ instance, at }) => instance !== '' && at > 0);
  return Object.fromEntries(active.map(({ instance, at }) => [instance, at]));
}
