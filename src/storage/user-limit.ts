import type { SessionRecord } from '../ports/store.js';
import type { GuardedStore } from './guarded-store.js';
import type { ServerSettings } from './server-session-options.js';
import type { SessionEnder } from './session-ender.js';

/** The reason of the event. */
const TOO_MANY = 'too many sessions';
/** How often a session may be rotated by its owner just as it is to end. */
const MOST_PASSES = 20;

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
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const excess = beyond(most, await this.#store.ofUser(uid, clock.now()));
      isAmong &&= excess.every((record) => record.lineage !== lineage);
      const ended = await Promise.all(excess.map(({ id }) => this.#store.delete(id)));
      await Promise.all(excess.filter((_, index) => ended[index]).map((one) => this.#ender.announce(one, TOO_MANY)));
      // One that was not there any more may have been rotated: then it goes on under another id.
      if (ended.every(Boolean)) break;
    }
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
