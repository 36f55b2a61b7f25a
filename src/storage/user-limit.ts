import type { SessionRecord } from '../ports/store.js';
import { deleteSome } from './delete-some.js';
import type { GuardedStore } from './guarded-store.js';
import type { ServerSettings } from './server-session-options.js';
import type { SessionEnder } from './session-ender.js';

/** The reason of the event. */
const TOO_MANY = 'too many sessions';

/** Tells the sign-ins of one millisecond apart: the later has more. */
type OrderOf = (record: SessionRecord) => number;

/**
 * Holds users to `maxSessionsPerUser`. Called after a sign-in is stored and before its client learns of it: whoever stores last sees all the others, and
 * all agree on who came first, so of any number of sign-ins at once just the newest stay, and no client ever holds one too many.
 */
export class UserLimit {
  readonly #settings: ServerSettings;
  readonly #store: GuardedStore;
  readonly #ender: SessionEnder;
  readonly #orderOf: OrderOf;

  constructor(settings: ServerSettings, store: GuardedStore, ender: SessionEnder, orderOf: OrderOf) {
    this.#settings = settings;
    this.#store = store;
    this.#ender = ender;
    this.#orderOf = orderOf;
  }

  /** False when the session of this lineage is itself among those that had to end. */
  async hold(uid: string, lineage: string): Promise<boolean> {
    const { maxSessionsPerUser: most, clock } = this.#settings;
    if (most === null) return true;
    let isAmong = true;
    const ended = await deleteSome(this.#store, clock, uid, (records) => {
      const excess = beyond(most, records, this.#orderOf);
      isAmong &&= excess.every((record) => record.lineage !== lineage);
      return excess;
    });
    await Promise.all(ended.map((record) => this.#ender.announce(record, TOO_MANY)));
    return isAmong;
  }
}

/** The records of all lineages but the newest; a lineage that is being rotated has two for a moment. */
function beyond(most: number, records: readonly SessionRecord[], orderOf: OrderOf): readonly SessionRecord[] {
  const signedIn = new Map(records.map((record) => [record.lineage, [record.created, orderOf(record)] as const]));
  const newest = [...signedIn].sort(([a, [createdA, orderA]], [b, [createdB, orderB]]) => {
    return createdB - createdA || orderB - orderA || (a < b ? -1 : 1);
  });
  const stay = new Set(newest.slice(0, most).map(([lineage]) => lineage));
  return records.filter(({ lineage }) => !stay.has(lineage));
}
