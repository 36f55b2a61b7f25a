import type { Clock } from '../ports/clock.js';
import type { SessionRecord } from '../ports/store.js';
import { hostOf, SessionModel } from '../session/session.js';
import type { GuardedStore } from './guarded-store.js';
import { isRetired, type RecordLoader } from './record-loader.js';
import { ServerHandle } from './server-handle.js';

/** A session by some of its names: a session, an entry of a list, or what an application kept of one. */
export interface SessionNames {
  readonly id: string;
  readonly lineage?: string | undefined;
  readonly uid?: string | undefined;
}

/** Finds the record of a session that is named without its sid, under whichever id it goes on. */
export class SessionFinder {
  readonly #store: GuardedStore;
  readonly #loader: RecordLoader;
  readonly #clock: Clock;

  constructor(store: GuardedStore, loader: RecordLoader, clock: Clock) {
    this.#store = store;
    this.#loader = loader;
    this.#clock = clock;
  }

  /**
   * By its id and the traces that rotations left; when these are forgotten, among its user's sessions, if the names say whose it is. All
   * names that are given must fit.
   */
  async find({ id, lineage, uid }: SessionNames): Promise<SessionRecord | undefined> {
    const now = this.#clock.now();
    const found = await this.#loader.follow(id, now);
    if (isRetired(found) && found.retired.successor === null) return undefined;
    const isMeant = (record: SessionRecord): boolean =>
      (lineage === undefined || record.lineage === lineage) && (uid === undefined || record.uid === uid);
    if (found !== undefined && !isRetired(found)) return isMeant(found) ? found : undefined;
    if (uid === undefined || lineage === undefined) return undefined;
    return (await this.#store.ofUser(uid, now)).find(isMeant);
  }
}

/** What names the session in the store: an object's own id may be one that nothing is stored under yet. */
export function storedNames(ref: SessionNames): SessionNames {
  const host = ref instanceof SessionModel ? hostOf(ref) : undefined;
  return (host instanceof ServerHandle ? host.stored : undefined) ?? ref;
}
