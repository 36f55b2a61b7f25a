import type { Retired, SessionRecord, WriteOutcome } from '../../ports/store.js';
import type { Keyspace } from './keyspace.js';
import { newNonce } from './nonce.js';
import { CREATE, DELETE, RETIRE, TOUCH, UPDATE } from './record-scripts.js';
import { endOfSession, sessionText, timeOfWrite, timeText, tombstoneArgs, uidText } from './record-text.js';
import { coverage } from './session-index.js';

/** Stores a new record, once the indexes know it. Returns false when its id is taken. */
export async function createRecord(space: Keyspace, record: SessionRecord): Promise<boolean> {
  const { id, lineage, lastAccess, expiresAt } = record;
  const nonce = newNonce();
  const uid = uidText(record.uid);
  const until = uid === '' ? '' : coverage(lastAccess, expiresAt);
  await space.enter(id, uid, lineage, until, lastAccess);
  const text = sessionText(record, nonce, uid, until);
  const [outcome] = await space.run(CREATE, id, [nonce, timeOfWrite(lastAccess), timeText(expiresAt), text]);
  return outcome === 'ok';
}

/** See {@link Store.update}. */
export async function updateRecord(space: Keyspace, record: SessionRecord): Promise<WriteOutcome> {
  const { id, version, lastAccess, expiresAt } = record;
  const versions = [String(version), String(version + 1)];
  const before = [newNonce(), ...versions, String(lastAccess), timeText(expiresAt), uidText(record.uid)];
  const after = [record.lineage, endOfSession(record), timeOfWrite(lastAccess)];
  return outcomeOf(await space.write(UPDATE, id, lastAccess, (_uid, _lineage, until) => [...before, until, ...after]));
}

/** See {@link Store.touch}. */
export async function touchRecord(
  space: Keyspace,
  id: string,
  lastAccess: number,
  expiresAt: number | null,
): Promise<boolean> {
  const times = [String(lastAccess), timeText(expiresAt), timeOfWrite(lastAccess)];
  return (await space.write(TOUCH, id, lastAccess, (...known) => [...times, ...known])) === 'ok';
}

/** See {@link Store.retire}. The session leaves the indexes last, so that `deleteOfUser` meets the session or its tombstone. */
export async function retireRecord(
  space: Keyspace,
  id: string,
  expectedVersion: number | null,
  tombstone: Retired,
): Promise<WriteOutcome> {
  const version = expectedVersion === null ? '' : String(expectedVersion);
  const args = [newNonce(), version, ...tombstoneArgs(tombstone)];
  const [outcome = '', uid = '', lineage = ''] = await space.run(RETIRE, id, args);
  await space.leave(id, uid, lineage);
  return outcomeOf(outcome);
}

/** Removes the entry of an id. Returns what it was: 'session', 'tombstone' or 'nothing'. */
export async function deleteEntry(space: Keyspace, id: string): Promise<string> {
  const [was = '', uid = '', lineage = ''] = await space.run(DELETE, id, [newNonce()]);
  await space.leave(id, uid, lineage);
  return was;
}

function outcomeOf(reply: string): WriteOutcome {
  return reply === 'ok' || reply === 'conflict' ? reply : 'gone';
}
