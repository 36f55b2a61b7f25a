import { inTurns } from '../../lib/in-turns.js';
import type { SessionRecord } from '../../ports/store.js';
import type { GuardedStore } from '../guarded-store.js';
import { type LimitedSession, SessionLimit, TOO_MANY } from '../session-limit.js';
import type { SessionEnder } from './ender.js';
import type { ServerSettings } from './options.js';
import type { Glance } from './record-codec.js';
import { isRetired } from './record-reader.js';

/** In ms. The rotation of an older sign-in has completed or failed. */
const LONGEST_SIGN_IN = 60_000;

/** A session that was just stored, and the id from which its user signed in. */
export interface SignIn {
  readonly uid: string;
  readonly lineage: string;
  readonly replaces: string | undefined;
}

/** A session of the user: all records of its lineage. During a rotation there are two. */
interface Counted extends LimitedSession {
  readonly replaces: string | undefined;
}

/**
 * Applies the rule of {@link SessionLimit} to the sessions of a store.
 *
 * A sign-in counts when its rotation has succeeded. Of several sign-ins from one id only one can succeed; the others
 * are about to be removed.
 */
export class UserLimit {
  readonly #settings: ServerSettings;
  readonly #ender: SessionEnder;
  readonly #glance: (record: SessionRecord) => Glance;
  readonly #limit: SessionLimit<Counted>;

  constructor(settings: ServerSettings, ender: SessionEnder, glance: (record: SessionRecord) => Glance) {
    this.#settings = settings;
    this.#ender = ender;
    this.#glance = glance;
    this.#limit = new SessionLimit(settings.maxSessionsPerUser ?? Number.POSITIVE_INFINITY);
  }

  /** Returns false if the session that has just signed in is one of those that end. */
  async hold(store: GuardedStore, signIn: SignIn): Promise<boolean> {
    const { maxSessionsPerUser: most, clock } = this.#settings;
    if (most === null) return true;
    const now = clock.now();
    const sessions = await this.#byLineage(await store.ofUser(signIn.uid, now));
    if (sessions.length <= most) return true;
    const settled = await settledOf(store, sessions, signIn, now);
    return await this.#limit.hold(signIn, settled, async (batch, isLate) => {
      const ending = isLate ? store.afresh() : store;
      await Promise.all(batch.map((session) => this.#ender.endStored(ending, session, TOO_MANY)));
    });
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
