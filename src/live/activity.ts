import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bus, TabActivity, TabSign, UserActivity } from '../ports/bus.js';
import type { Clock } from '../ports/clock.js';
import { keyOfTab } from '../ports/tab-signs.js';
import type { SessionEvents } from '../storage/events.js';
import { isSessionId } from './session-id.js';
import { Unshared } from './unshared.js';
import { withSign } from './with-sign.js';

/** How long what happens is collected before it is shared, at most: ms. */
const LONGEST_COLLECTING = 10_000;
/** How many tabs and ids the bus is given at a time. */
const AT_ONCE = 500;

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

/**
 * What is known of the activity of tabs, in all processes. This process's part is collected, and shared at most every ten seconds;
 * reads here include what was not shared yet.
 */
export class Activity {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #window: number;
  readonly #collecting: number;
  readonly #unshared = new Unshared();
  /** Settles when the bus has answered. */
  #sharing: Promise<void> = Promise.resolve();
  /** Shares what was collected meanwhile; `undefined` unless it waits for `#sharing`. */
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastShared = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  /**
   * `window`: how long activity is remembered, ms. `heartbeat`: how often streams are said to be open, ms. Other processes believe that for some
   * heartbeats only, so it is shared as often.
   */
  constructor(bus: Bus, clock: Clock, window: number, heartbeat: number) {
    this.#bus = bus;
    this.#clock = clock;
    this.#window = window;
    this.#collecting = Math.min(LONGEST_COLLECTING, heartbeat);
  }

  /** A request used the session. */
  accessed({ id, lineage, uid, instance = '', passive }: SessionEvents['accessed']): void {
    if (passive) return;
    if (id !== lineage) this.#unshared.nameLineage(id, lineage);
    this.note({ lineage, uid, instance, at: this.#clock.now() });
  }

  /** `isUrgent`: other processes are to know at once, such as that a tab has a stream. */
  note(sign: TabSign, isUrgent = false): void {
    this.#unshared.note(sign);
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
    const own = this.#unshared.signs();
    const tabs = this.#merged(await this.#bus.allTabs(since, limit), own);
    const bySession = new Map<string, TabActivity[]>();
    for (const tab of tabs) bySession.set(tab.lineage, [...(bySession.get(tab.lineage) ?? []), tab]);
    return Object.fromEntries([...bySession].map(([lineage, ofSession]) => [lineage, byInstance(ofSession)]));
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
    if (!isSessionId(id)) return undefined;
    return this.#unshared.lineageOf(id) ?? (await this.#bus.lineageOf(id));
  }

  /** Another id of a session. */
  nameLineage(id: string, lineage: string): void {
    this.#unshared.nameLineage(id, lineage);
    this.#shareSoon();
  }

  /** Shares what was collected, after what is being shared. What cannot be shared now is tried again with what follows. */
  share(): Promise<void> {
    this.#next ??= this.#sharing.then(() => {
      this.#next = undefined;
      this.#sharing = this.#shareNow();
      return this.#sharing;
    });
    return this.#next;
  }

  async close(): Promise<void> {
    await this.share();
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #shareNow(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastShared = this.#clock.now();
    const { signs, ids } = this.#unshared.send();
    try {
      await inSlices(signs, (some) => this.#bus.stamp(some, this.#window));
      await inSlices(ids, (some) =>
        Promise.all(some.map(([id, lineage]) => this.#bus.nameLineage(id, lineage, this.#window))),
      );
      this.#unshared.confirm();
    } catch {
      this.#unshared.takeBack();
    }
  }

  async #tabsOf(lineage: string): Promise<TabActivity[]> {
    if (!isSessionId(lineage)) return [];
    const own = this.#unshared.signs().filter((sign) => sign.lineage === lineage);
    return this.#merged(await this.#bus.tabs(lineage), own);
  }

  /** What is shared, with what this process knew when it asked: the bus may get that only after its answer. */
  #merged(shared: readonly TabActivity[], own: readonly TabSign[]): TabActivity[] {
    const oldest = this.#clock.now() - this.#window;
    const merged = new Map(shared.map((tab) => [keyOfTab(tab), tab]));
    for (const sign of own) {
      const key = keyOfTab(sign);
      merged.set(key, withSign(merged.get(key), sign));
    }
    return [...merged.values()].filter((tab) => Math.max(tab.at, tab.openUntil) > oldest);
  }

  #shareSoon(isUrgent = false): void {
    if (this.#isClosed || (this.#timer !== undefined && !isUrgent)) return;
    clearTimeout(this.#timer);
    const due = isUrgent ? 0 : this.#lastShared + this.#collecting - this.#clock.now();
    this.#timer = setTimeout(() => void this.share(), Math.min(this.#collecting, Math.max(0, due)));
    this.#timer.unref();
  }
}

/** One slice after the other, each in another turn of the event loop. */
async function inSlices<Item>(
  items: readonly Item[],
  share: (some: readonly Item[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    if (start > 0) await nextTurn();
    await share(items.slice(start, start + AT_ONCE));
  }
}

function byInstance(tabs: readonly TabActivity[]): Record<string, number> {
  const active = tabs.filter(({ instance, at }) => instance !== '' && at > 0);
  return Object.fromEntries(active.map(({ instance, at }) => [instance, at]));
}
