import { SessionNotFound } from '../../errors.js';
import { inTurns } from '../../lib/in-turns.js';
import type { SessionRecord } from '../../ports/store.js';
import { hostOf, SessionModel } from '../../session/session.js';
import type { GuardedStore } from '../guarded-store.js';
import { hadId, hasForgottenIds } from './earlier-ids.js';
import { ServerHandle } from './handle.js';
import type { RecordCodec } from './record-codec.js';
import { followEntry, isRetired } from './record-reader.js';

/** Names of a session: of a session itself, an entry of `listOfUser`, or a reference that an application stored. */
export interface SessionNames {
  readonly id: string;
  readonly lineage?: string | undefined;
  readonly uid?: string | undefined;
}

/** Finds the record of a session without its sid, also under an id that it got later. */
export class SessionFinder<Data, User> {
  readonly #codec: RecordCodec<Data, User>;

  constructor(codec: RecordCodec<Data, User>) {
    this.#codec = codec;
  }

  /**
   * Looks under the id and follows the tombstones of rotations. If they have expired, it searches the sessions of the
   * user, provided that the names include the uid. All given names must match.
   * @throws SessionNotFound for `{ id, uid }` if the id may be older than the ids that a session remembers
   */
  async find(store: GuardedStore, { id, lineage, uid }: SessionNames, now: number): Promise<SessionRecord | undefined> {
    const found = await followEntry(store, id, now);
    if (isRetired(found) && found.retired.successor === null) return undefined;
    const isMeant = (record: SessionRecord): boolean =>
      (lineage === undefined || record.lineage === lineage) && (uid === undefined || record.uid === uid);
    if (found !== undefined && !isRetired(found)) return isMeant(found) ? found : undefined;
    if (uid === undefined) return undefined;
    // The lineage of a session is its first id.
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

/** Returns the names under which the session is stored. The object itself may have a new id that is not stored yet. */
export function storedNames(ref: SessionNames): SessionNames {
  const host = ref instanceof SessionModel ? hostOf(ref) : undefined;
  return (host instanceof ServerHandle ? host.stored : undefined) ?? ref;
}
