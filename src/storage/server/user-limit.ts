import { setImmediate as nextTurn } from 'node:timers/promises';
import { inTurns } from '../../lib/in-turns.js';
import type { SessionRecord } from '../../ports/store.js';
import type { SessionFacts } from '../events.js';
import type { SessionEnder } from './ender.js';
import type { GuardedStore } from './guarded-store.js';
import type { ServerSettings } from './options.js';
import type { Glance } from './record-codec.js';
import { isRetired } from './record-reader.js';

/** The `reason` of the event `ended`. */
const TOO_MANY = 'too many sessions';
/**
 * How many sessions end at the same time, and before the sign-in is answered. One user never has so many concurrent
 * sign-ins.
 */
const MOST_AT_ONCE = 100;
/** In ms. The rotation of an older sign-in has completed or failed. */
const LONGEST_SIGN_IN = 60_000;

/** A session that was just stored, and the id from which its user signed in. */
export interface SignIn {
  readonly uid: string;
  readonly lineage: string;
  readonly replaces: string | undefined;
}

/** A session of the user: all records of its lineage. During a rotation there are two. */
interface Counted extends SessionFacts {
  readonly created: number;
  readonly order: number;
  readonly replaces: string | undefined;
}

/**
 * Enforces `maxSessionsPerUser`, after a sign-in is stored and before the client gets its sid.
 *
 * The sign-in that is stored last sees all others, and all of them use the same order. So the newest of any number of
 * concurrent sign-ins stay, and no client ever gets a session too many.
 *
 * A sign-in counts when its rotation has succeeded. Of several sign-ins from one id only one can succeed; the others
 * are about to be removed.
 */
export class UserLimit {
  readonly #settings: ServerSettings;
  readonly #ender: SessionEnder;
  readonly #glance: (record: SessionRecord) => Glance;
  /** The users whose older sessions are being ended in the background. */
  readonly #underWay = new Set<string>();

  constructor(settings: ServerSettings, ender: SessionEnder, glance: (record: SessionRecord) => Glance) {
    this.#settings = settings;
    this.#ender = ender;
    this.#glance = glance;
  }

  /** Returns false if the session that has just signed in is one of those that end. */
  async hold(store: GuardedStore, signIn: SignIn): Promise<boolean> {
    const { maxSessionsPerUser: most, clock } = this.#settings;
    if (most === null) return true;
    const now = clock.now();
    const sessions = await this.#byLineage(await store.ofUser(signIn.uid, now));
    if (sessions.length <= most) return true;
    const { newest, older } = await newestOf(await settledOf(store, sessions, signIn, now), most + MOST_AT_ONCE);
    const excess = newest.slice(most).flat();
    await this.#end(store, excess);
    const others = older.flat();
    if (others.length > 0) this.#endLater(store, signIn.uid, others);
    return [...excess, ...others].every(({ lineage }) => lineage !== signIn.lineage);
  }

  async #end(store: GuardedStore, sessions: readonly Counted[]): Promise<void> {
    await Promise.all(sessions.map((session) => this.#ender.endStored(store, session, TOO_MANY)));
  }

  /**
   * For a user who had many sessions when the limit was introduced or lowered: no sign-in waits until all of them have
   * ended.
   */
  async #endLater(store: GuardedStore, uid: string, sessions: readonly Counted[]): Promise<void> {
    if (this.#underWay.has(uid)) return;
    this.#underWay.add(uid);
    try {
      for (let from = 0; from < sessions.length; from += MOST_AT_ONCE) {
        await this.#end(store.afresh(), sessions.slice(from, from + MOST_AT_ONCE));
        await nextTurn();
      }
    } catch {
      // The next sign-in ends the rest.
    } finally {
      this.#underWay.delete(uid);
    }
  }

  async #byLineage(records: readonly SessionRecord[]): Promise<readonly Counted[]> {
    const sessions = new Map<string, Counted>();
    for await (const record of inTurns(records)) {
      const { id, lineage, created } = record;
      const { order, replaces } = this.#glance(record);
      const known = sessions.get(lineage);
      sessions.set(lineage, {
        id,
        lineage,
        uid: record.uid ?? undefined,
        created,
        order: Math.max(order, known?.order ?? 0),
        replaces: replaces ?? known?.replaces,
      });
    }
    return [...sessions.values()];
  }
}

/** The sign-ins that have succeeded. Sign-ins from the same id count as one, because only one of them can succeed. */
async function settledOf(
  store: GuardedStore,
  sessions: readonly Counted[],
  signIn: SignIn,
  now: number,
): Promise<Iterable<readonly Counted[]>> {
  const isLost = ({ lineage, replaces }: Counted): boolean =>
    lineage !== signIn.lineage && replaces !== undefined && replaces === signIn.replaces;
  const origins = new Set<string>();
  for await (const { lineage, replaces, created } of inTurns(sessions)) {
    if (lineage !== signIn.lineage && replaces !== undefined && now - created < LONGEST_SIGN_IN) origins.add(replaces);
  }
  const pending = await livingOf(store, origins, now);
  const settled = new Map<string, Counted[]>();
  for await (const session of inTurns(sessions)) {
    const { lineage, replaces } = session;
    if (isLost(session) || (lineage !== signIn.lineage && replaces !== undefined && pending.has(replaces))) continue;
    const key = replaces ?? lineage;
    const others = settled.get(key);
    if (others === undefined) settled.set(key, [session]);
    else others.push(session);
  }
  return settled.values();
}

async function livingOf(store: GuardedStore, ids: ReadonlySet<string>, now: number): Promise<ReadonlySet<string>> {
  const living = new Set<string>();
  const look = async (id: string): Promise<void> => {
    const found = await store.load(id, now);
    if (found !== undefined && !isRetired(found)) living.add(id);
  };
  await Promise.all(Array.from(ids, look));
  return living;
}

/**
 * Returns the `most` newest sessions, newest first, and the others in any order. Sorting all would block the event
 * loop.
 */
async function newestOf(
  sessions: Iterable<readonly Counted[]>,
  most: number,
): Promise<{ readonly newest: readonly (readonly Counted[])[]; readonly older: readonly (readonly Counted[])[] }> {
  const newest: (readonly Counted[])[] = [];
  const older: (readonly Counted[])[] = [];
  for await (const session of inTurns(sessions)) {
    let low = 0;
    for (let high = newest.length; low < high; ) {
      const middle = (low + high) >> 1;
      const other = newest[middle];
      if (other !== undefined && newestFirst(other, session) <= 0) low = middle + 1;
      else high = middle;
    }
    newest.splice(low, 0, session);
    if (newest.length > most) older.push(...newest.splice(most));
  }
  return { newest, older };
}

function newestFirst([a]: readonly Counted[], [b]: readonly Counted[]): number {
  if (a === undefined || b === undefined) return 0;
  return b.created - a.created || b.order - a.order || (a.lineage < b.lineage ? -1 : 1);
}

let lastOrder = 0;

/** Returns a number greater than all before in this process: µs of the machine's clock. */
export function nextOrder(): number {
  lastOrder = Math.max(lastOrder + 1, Math.floor((performance.timeOrigin + performance.now()) * 1000));
  return lastOrder;
}
