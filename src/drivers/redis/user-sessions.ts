import type { EndOfUser, SessionRecord } from '../../ports/store.js';
import { hasExpired } from '../shared/expiry.js';
import type { Keyspace } from './keyspace.js';
import { newNonce } from './nonce.js';
import { END } from './record-scripts.js';
import { lineageIn, readStored, tombstoneArgs, uidText } from './record-text.js';
import type { SessionIndex } from './session-index.js';

/** The maximum number of sessions in one round trip, so that the commands of other operations do not wait for long. */
const AT_ONCE = 250;

/** Returns the records of a user that have not expired. */
export function sessionsOfUser(space: Keyspace, uid: string, now: number): Promise<readonly SessionRecord[]> {
  return recordsIn(space, space.ofUser(uidText(uid)), [], (record) => record.uid === uid && !hasExpired(record, now));
}

/** Returns those of one lineage: the record whose id equals the lineage, and those in the index of the lineage. */
export function sessionsOfLineage(
  space: Keyspace,
  uid: string,
  now: number,
  lineage: string,
): Promise<readonly SessionRecord[]> {
  return recordsIn(space, space.ofLineage(lineage), [lineage], (record) => {
    return record.uid === uid && record.lineage === lineage && !hasExpired(record, now);
  });
}

/**
 * Does not miss a session that is being rotated. An id without a session may have been replaced by an id that was added to the index meanwhile,
 * so the index is read again until every new id has a session.
 */
async function recordsIn(
  space: Keyspace,
  index: SessionIndex,
  known: readonly string[],
  isMeant: (record: SessionRecord) => boolean,
): Promise<readonly SessionRecord[]> {
  const found: SessionRecord[] = [];
  const seen = new Set<string>();
  let next = known;
  for (let isSure = false; !isSure; next = []) {
    isSure = true;
    const fresh = [...next, ...(await index.ids())].filter((id) => !seen.has(id));
    for (const ids of batches(fresh)) {
      const texts = await Promise.all(ids.map((id) => space.get(id)));
      for (const [at, id] of ids.entries()) {
        seen.add(id);
        const stored = readStored(id, texts[at] ?? null);
        if (stored === undefined || 'retired' in stored) isSure = false;
        else if (isMeant(stored)) found.push(stored);
      }
    }
  }
  return found;
}

/**
 * Ends a user's sessions and returns their ids.
 *
 * It works first in steps. Each step reads as many ids as it may end, and removes the ended ones from the index. Ids of sessions that are kept
 * or missing stay, and are skipped. So a call reads about as many ids as it ends, and repeated calls do not read the same ids again.
 *
 * Then it works in passes over an index that Redis reads in one step, until a pass finds no session that another call ended. Only such a pass
 * proves that none is left. A rotation adds the new id to the index, creates the new record, retires the old one, and then removes the old id.
 * No id is removed before its session has ended. There are two cases for the last pass:
 * - The old record was retired before the pass read the index. Then the new id was in the index, and the pass ended the new record.
 * - It was retired later. Then the index contained the old id. Either the pass ended the old record and `retire` returns 'gone'; or the pass
 *   found its tombstone or trace, and was not the last one.
 *
 * A session that is rotated in every pass can prolong this until the deadline.
 */
export async function endSessionsOfUser(
  space: Keyspace,
  uid: string,
  except: string | undefined,
  { limit = Number.POSITIVE_INFINITY, tombstone }: EndOfUser,
): Promise<readonly string[]> {
  const owner = uidText(uid);
  const index = space.ofUser(owner);
  const spared = except === undefined ? undefined : lineageIn(await space.get(except), owner);
  const replacement = tombstone === undefined ? ['', '', ''] : tombstoneArgs(tombstone);
  const args = [newNonce(), owner, except ?? '', spared ?? '', ...replacement];
  const ended = new Set<string>();
  const mayEnd = (): number => Math.min(AT_ONCE, limit - ended.size);

  /** Ends these sessions. Returns how many stayed, and how many another call had ended before. */
  const end = async (ids: readonly string[]): Promise<{ stayed: number; before: number }> => {
    const replies = await Promise.all(ids.map((id) => (id === except ? ['stays'] : space.run(END, id, args))));
    const gone: string[] = [];
    let before = 0;
    const leaving: Promise<void>[] = [];
    for (const [at, id] of ids.entries()) {
      const [outcome, , lineage = ''] = replies[at] ?? [];
      if (outcome === 'ended') ended.add(id);
      else if (outcome === 'ended before') before += 1;
      else continue;
      gone.push(id);
      if (lineage !== id)
        leaving.push(
          space
            .ofLineage(lineage)
            .remove([id])
            .catch(() => {}),
        );
    }
    if (gone.length > 0) await Promise.all([index.remove(gone), ...leaving]);
    return { stayed: ids.length - gone.length, before };
  };

  let whole: readonly string[] | undefined;
  for (let passed = 0; whole === undefined; ) {
    if (mayEnd() <= 0) return [...ended];
    const count = mayEnd();
    const ids = await index.ids(passed, count);
    // Fewer ids than asked for, from the first one on, are all there are.
    if (ids.length < count && passed === 0) whole = ids;
    else if (ids.length === 0) break;
    else passed += (await end(ids)).stayed;
  }
  for (let isSure = false; !isSure; whole = undefined) {
    isSure = true;
    const all = whole ?? (await index.ids());
    for (let at = 0; at < all.length; ) {
      if (mayEnd() <= 0) return [...ended];
      const ids = all.slice(at, at + mayEnd());
      at += ids.length;
      if ((await end(ids)).before > 0) isSure = false;
    }
  }
  return [...ended];
}

function* batches(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += AT_ONCE) yield ids.slice(at, at + AT_ONCE);
}
