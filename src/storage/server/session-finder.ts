import { SessionNotFound } from '../../errors.js';
import { inTurns } from '../../lib/in-turns.js';
import type { SessionRecord } from '../../ports/store.js';
import { hostOf, SessionModel } from '../../session/session.js';
import { hadId, hasForgottenIds } from './earlier-ids.js';
import type { GuardedStore } from './guarded-store.js';
import { ServerHandle } from './handle.js';
import type { RecordCodec } from './record-codec.js';
import { followEntry, isRetired } from './record-reader.js';

/** A session by some of its names: a session, an entry of a list, or a reference that an application kept. */
export interface SessionNames {
  readonly id: string;
  readonly lineage?: string | undefined;
  readonly uid?: string | undefined;
}

/** Finds the record of a session that is named without its sid, under whichever id it lives on. */
export class SessionFinder<Data, User> {
  readonly #codec: RecordCodec<Data, User>;

  constructor(codec: RecordCodec<Data, User>) {
    this.#codec = codec;
  }

  /**
   * Looks under the id and follows the tombstones of rotations. When those are gone, it looks among the user's sessions, if the names include
   * the uid. All names given must fit.
   * @throws SessionNotFound for `{ id, uid }` of which nobody can say whether the session still lives
   */
  async find(store: GuardedStore, { id, lineage, uid }: SessionNames, now: number): Promise<SessionRecord | undefined> {
    const found = await followEntry(store, id, now);
    if (isRetired(found) && found.retired.successor === null) return undefined;
    const isMeant = (record: SessionRecord): boolean =>
      (lineage === undefined || record.lineage === lineage) && (uid === undefined || record.uid === uid);
    if (found !== undefined && !isRetired(found)) return isMeant(found) ? found : undefined;
    if (uid === undefined) return undefined;
    // The first id of a session is its lineage.
    const [ofLineage] = await store.ofUser(uid, now, lineage ?? id);
    if (ofLineage !== undefined || lineage !== undefined) return ofLineage;
    return await this.#byEarlierId(store, id, uid, now);
  }

  async #byEarlierId(store: GuardedStore, id: string, uid: string, now: number): Promise<SessionRecord | undefined> {
    let isCertain = true;
    for await (const record of inTurns(await store.ofUser(uid, now))) {
      const { earlier } = this.#codec.glance(record);
      if (hadId(earlier, id)) return record;
      if (hasForgottenIds(earlier)) isCertain = false;
    }
    if (isCertain) return undefined;
    throw new SessionNotFound(undefined, { reason: 'unknown' });
  }
}

/** The names under which the store has the session: the id of the object may be one that is not stored yet. */
export function storedNames(ref: SessionNames): SessionNames {
  const host = ref instanceof SessionModel ? hostOf(ref) : undefined;
  return (host instanceof ServerHandle ? host.stored : undefined) ?? ref;
}
