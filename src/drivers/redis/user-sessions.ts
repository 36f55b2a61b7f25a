import type { EndOfUser, SessionRecord } from '../../ports/store.js';
import { hasExpired } from '../shared/expiry.js';
import type { Keyspace } from './keyspace.js';
import { newNonce } from './nonce.js';
import { END } from './record-scripts.js';
import { lineageIn, readStored, tombstoneArgs, uidText } from './record-text.js';
import type { SessionIndex } from './session-index.js';

/** Sessions that one round trip is about: the commands of others have to wait for that many, and no more. */
const AT_ONCE = 250;

/** The records of a user that have not expired. */
export function sessionsOfUser(space: Keyspace, uid: string, now: number): Promise<readonly SessionRecord[]> {
  return recordsIn(space, space.ofUser(uidText(uid)), [], (record) => record.uid === uid && !hasExpired(record, now));
}

/** The same, of one lineage: what is under its own name, and what its index has. */
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
 * A session that is being rotated is not missed: what is met as a tombstone or a trace, or not at all, may go on under an
 * id that was entered meanwhile, so the index is read again until it has nothing new.
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
 * First in steps: each reads as many entries as it may end, and what has ended leaves the index. An entry that stays, of a
 * session that is spared or not there, is passed over. So a call reads about as much as it ends, and repeated calls do not
 * read the same again.
 *
 * Then in passes, each over an index that was read in one step of Redis, until a pass meets nothing that others have ended.
 * Only that proves that none is left. A rotation enters the new id, creates the new record, retires the old one, and then
 * removes the old id; nobody removes an id before its session has ended. If the old one is retired before the last pass
 * reads the index, the new id was entered and its record created before that: the pass ends it. If it is retired after
 * that, the pass has the old id. Either it meets the session and ends it, and `retire` answers 'gone'; or it meets the
 * tombstone or its trace, and is not the last one. A session that is rotated in every single pass can keep that up until
 * the deadline, and no longer.
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

  /** Ends these, and returns how many have stayed, and how many others have ended before. */
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
    // Fewer than there may be, from the first one on, are all.
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
