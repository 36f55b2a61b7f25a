import type { SessionRecord } from '../../ports/store.js';
import type { Commands } from './commands.js';
import type { Keys } from './keys.js';
import { newNonce } from './nonce.js';
import { END } from './record-scripts.js';
import { lineageIn, readStored, uidText } from './record-text.js';
import { entered, remove } from './user-index.js';

/** Sessions that one round trip is about: the commands of others have to wait for that many, and no more. */
const AT_ONCE = 500;

/**
 * The records of a user that have not expired.
 *
 * A session that is being rotated is not missed either: what is met as a tombstone or a trace, or not at all, may go on under an id that was entered
 * meanwhile, so the index is read again until it has nothing new.
 */
export async function sessionsOfUser(
  commands: Commands,
  keys: Keys,
  uid: string,
  now: number,
): Promise<readonly SessionRecord[]> {
  const index = keys.user(uidText(uid));
  const found: SessionRecord[] = [];
  const seen = new Set<string>();
  for (let isSure = false; !isSure; ) {
    isSure = true;
    const fresh = (await entered(commands, index)).filter((id) => !seen.has(id));
    for (const ids of batches(fresh)) {
      const texts = await Promise.all(ids.map((id) => commands.get(keys.session(id))));
      for (const [at, id] of ids.entries()) {
        seen.add(id);
        const stored = readStored(id, texts[at] ?? null);
        if (stored === undefined || 'retired' in stored) isSure = false;
        else if (stored.uid === uid && (stored.expiresAt === null || stored.expiresAt > now)) found.push(stored);
      }
    }
  }
  return found;
}

/**
 * Deletes a user's sessions and gives their ids.
 *
 * None that is being rotated slips through. A rotation enters the new id in the index, creates the new record, and then
 * retires the old one. Either the old one is deleted here before that, and `retire` answers 'gone'. Or it is met here as a
 * tombstone, or the trace of one: then the index has had the new id for a while, and the next pass reads it there,
 * whatever has become of it meanwhile. So the passes go on until one meets nothing that others have ended and no earlier
 * pass has met. Whoever rotates in every single pass can keep that up until the deadline, and no longer.
 */
export async function endSessionsOfUser(
  commands: Commands,
  keys: Keys,
  uid: string,
  exceptId: string | undefined,
): Promise<readonly string[]> {
  const owner = uidText(uid);
  const index = keys.user(owner);
  const spared = exceptId === undefined ? undefined : lineageIn(await commands.get(keys.session(exceptId)), owner);
  const args = [newNonce(), owner, spared ?? ''];
  const ended = new Set<string>();
  const endedBefore = new Set<string>();
  for (let isNewMet = true; isNewMet; ) {
    isNewMet = false;
    for (const ids of batches(await entered(commands, index))) {
      const outcomes = await Promise.all(
        ids.map((id) => (id === exceptId ? 'stays' : commands.run(END, keys.session(id), args))),
      );
      const endedNow = ids.filter((_id, at) => outcomes[at] === 'ended');
      // At once, so that who has to try again finds less to do.
      if (endedNow.length > 0) await remove(commands, index, endedNow);
      for (const id of endedNow) ended.add(id);
      for (const [at, id] of ids.entries()) {
        if (outcomes[at] !== 'ended before' || endedBefore.has(id)) continue;
        endedBefore.add(id);
        isNewMet = true;
      }
    }
  }
  return [...ended];
}

function* batches(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += AT_ONCE) yield ids.slice(at, at + AT_ONCE);
}
