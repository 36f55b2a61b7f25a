import type { SessionRecord } from '../../ports/store.js';
import type { Commands } from './commands.js';
import type { Keys } from './keys.js';
import { newNonce } from './nonce.js';
import { END } from './record-scripts.js';
import { lineageIn, readStored, uidText } from './record-text.js';
import { entered, remove } from './user-index.js';

/** The records of a user that have not expired. */
export async function sessionsOfUser(
  commands: Commands,
  keys: Keys,
  uid: string,
  now: number,
): Promise<readonly SessionRecord[]> {
  const ids = await entered(commands, keys.user(uidText(uid)));
  const found = await Promise.all(ids.map(async (id) => readStored(id, await commands.get(keys.session(id)))));
  return found.filter((stored): stored is SessionRecord => {
    if (stored === undefined || 'retired' in stored || stored.uid !== uid) return false;
    return stored.expiresAt === null || stored.expiresAt > now;
  });
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
    const end = async (id: string): Promise<void> => {
      const outcome = await commands.run(END, keys.session(id), args);
      if (outcome === 'ended') ended.add(id);
      if (outcome !== 'ended before' || endedBefore.has(id)) return;
      endedBefore.add(id);
      isNewMet = true;
    };
    const ids = await entered(commands, index);
    await Promise.all(ids.map((id) => (id === exceptId ? undefined : end(id))));
  }
  const gone = [...ended];
  if (gone.length > 0) await remove(commands, index, gone);
  return gone;
}
