import type { Retired, SessionRecord } from '../../ports/store.js';

/*
 * What is stored under an id, as text that a script takes apart without parsing JSON. Fields end with '|', which none of them can hold, except for
 * the last; the same four begin all kinds:
 *
 *   s|nonces|uid|lineage|version|lastAccess|expiresAt|indexedUntil|created|lastUpdate|body      a session
 *   t|nonces|uid|lineage|expiresAt|at|successor|reason                                         a tombstone
 *   d|nonces|uid||                                                                             the trace of a deleted session
 *   e|nonces|uid||                                                                             the trace of a deleted tombstone
 *
 * An expiry that never comes, and the uid of nobody, are empty.
 */

const HEAD_OF_SESSION = 10;
const HEAD_OF_TOMBSTONE = 7;

/** An instant or never, as it is stored. */
export function timeText(time: number | null): string {
  return time === null ? '' : String(time);
}

/** A uid as part of keys and values; null is empty. */
export function uidText(uid: string | null): string {
  return uid === null ? '' : encodeURIComponent(uid);
}

/** What ends a session's text, and an update's: it is of no concern to any script. */
export function endOfSession(record: SessionRecord): string {
  return `${record.created}|${record.lastUpdate}|${freeText(record.body)}`;
}

/** A new session. `nonce` is that of the write, `indexedUntil` how long its user's index is sure to know it. */
export function sessionText(record: SessionRecord, nonce: string, uid: string, indexedUntil: string): string {
  const times = `${record.lastAccess}|${timeText(record.expiresAt)}|${indexedUntil}`;
  return `s|${nonce}|${uid}|${record.lineage}|${record.version}|${times}|${endOfSession(record)}`;
}

/** What ends a tombstone's text, after its expiry. */
export function endOfTombstone({ retired }: Retired): string {
  return `${retired.at}|${retired.successor ?? ''}|${retired.reason === undefined ? '' : freeText(retired.reason)}`;
}

/** The session or tombstone of an id; undefined for a trace, or nothing. */
export function readStored(id: string, text: string | null): SessionRecord | Retired | undefined {
  if (text === null) return undefined;
  if (text.startsWith('s|')) return readSession(id, text);
  return text.startsWith('t|') ? readTombstone(id, text) : undefined;
}

/** The lineage of a session of this user, or of one that goes on under another id. */
export function lineageIn(text: string | null, uid: string): string | undefined {
  if (text === null) return undefined;
  const [tag, , owner, lineage, , , successor] = text.split('|', HEAD_OF_TOMBSTONE);
  return owner === uid && (tag === 's' || (tag === 't' && successor !== '')) ? lineage : undefined;
}

function readSession(id: string, text: string): SessionRecord {
  const fields = text.split('|', HEAD_OF_SESSION);
  const [, , uid = '', lineage = '', version, lastAccess, expiresAt = '', , created, lastUpdate] = fields;
  return {
    id,
    lineage,
    version: Number(version),
    uid: uid === '' ? null : decodeURIComponent(uid),
    body: readFreeText(lastOf(text, fields)),
    created: Number(created),
    lastAccess: Number(lastAccess),
    lastUpdate: Number(lastUpdate),
    expiresAt: expiresAt === '' ? null : Number(expiresAt),
  };
}

function readTombstone(id: string, text: string): Retired {
  const fields = text.split('|', HEAD_OF_TOMBSTONE);
  const [, , , , expiresAt, at, successor = ''] = fields;
  const reason = lastOf(text, fields);
  const retired = { successor: successor === '' ? null : successor, at: Number(at) };
  return {
    id,
    retired: reason === '' ? retired : { ...retired, reason: readFreeText(reason) },
    expiresAt: Number(expiresAt),
  };
}

/** What comes after these fields. */
function lastOf(text: string, fields: readonly string[]): string {
  return text.slice(fields.reduce((length, field) => length + field.length + 1, 0));
}

/** Text as it is; as JSON, where UTF-8 could not carry it. */
function freeText(text: string): string {
  return text.isWellFormed() ? `=${text}` : JSON.stringify(text);
}

function readFreeText(text: string): string {
  return text.startsWith('=') ? text.slice(1) : String(JSON.parse(text));
}
