import type { SessionRecord } from '../ports/store.js';
import { deleteSome } from './delete-some.js';
import type { GuardedStore } from './guarded-store.js';
import type { ServerSettings } from './server-session-options.js';
import type { SessionEnder } from './session-ender.js';

/** The reason of the event. */
const TOO_MANY = 'too many sessions';

/**
 * Holds users to `maxSessionsPerUser`. Called after a sign-in is stored and before its client learns of it: whoever stores last sees all the others, and
 * all agree on who came first, so of any number of sign-ins at once just the newest stay, and no client ever holds one too many.
 */
export class UserLimit {
  readonly #settings: ServerSettings;
  readonly #store: GuardedStore;
  readonly #ender: SessionEnder;

  constructor(settings: ServerSettings, store: GuardedStore, ender: SessionEnder) {
    this.#settings = settings;
    this.#store = store;
    this.#ender = ender;
  }

  /** False when the session of this lineage is itself among those that had to end. */
  async hold(uid: string, lineage: string): Promise<boolean> {
    const { maxSessionsPerUser: most, clock } = this.#settings;
    if (most === null) return true;
    let isAmong = true;
    const ended = await deleteSome(this.#store, clock, uid, (records) => {
      const excess = beyond(most, records);
      isAmong &&= excess.every((record) => record.lineage !== lineage);
      return excess;
    });
    await Promise.all(ended.map((record) => this.#ender.announce(record, TOO_MANY)));
    return isAmong;
  }
}

/** The records of all lineages but the newest; a lineage that is being rotated has two for a moment. */
function beyond(most: number, records: readonly SessionRecord[]): readonly SessionRecord[] {
  const signedIn = new Map(records.map(({ lineage, created }) => [lineage, created]));
  const newest = [...signedIn].sort(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1)).slice(0, most);
  const stay = new Set(newest.map(([lineage]) => lineage));
  return records.filter(({ lineage }) => !stay.has(lineage));
}
