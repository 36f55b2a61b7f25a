import type { Retired, SessionRecord } from '../../ports/store.js';

/*
 * What is stored under an id, as text that a script takes apart without parsing JSON. Fields end with '|', which only the
 * last can hold; the same four begin all kinds:
 *
 *   s|nonces|uid|lineage|version|lastAccess|expiresAt|indexedUntil|created|lastUpdate|body - a session
 *   t|nonces|uid|lineage|expiresAt|at|successor|reason - a tombstone
 *   d|nonces|uid|lineage| - the trace of a deleted session
 *   e|nonces|uid|lineage| - the trace of a deleted tombstone
 *
 * An expiry that never comes, and the uid of nobody, are empty.
 */

/** An instant or never, as it is stored. */
export function timeText(time: number | null): string {
  return time === null ? '' : String(time);
}

/**
 * When a record is written, by the application's clock: about its `lastAccess`. A time that lies ahead is not, and would have
 * entries go early.
 */
export function timeOfWrite(lastAccess: number): string {
  return String(Math.min(lastAccess, Date.now()));
}

/** A uid as part of keys and values; null is empty. */
export function uidText(uid: string | null): string {
  return uid === null ? '' : encodeURIComponent(uid);
}

/** What ends a session's text, and an update's: it is of no concern to any script. */
export function endOfSession(record: SessionRecord): string {
  return `${record.created}|${record.lastUpdate}|${freeText(record.body)}`;
}

/** A new session. `nonce` is that of the write, `indexedUntil` how long its indexes are sure to know it. */
export function sessionText(record: SessionRecord, nonce: string, uid: string, indexedUntil: string): string {
  const times = `${record.lastAccess}|${timeText(record.expiresAt)}|${indexedUntil}`;
  return `s|${nonce}|${uid}|${record.lineage}|${record.version}|${times}|${endOfSession(record)}`;
}

/** What a script needs for a tombstone: the time of the write, the expiry, and the end of the text. */
export function tombstoneArgs({ retired, expiresAt }: Omit<Retired, 'id'>): [string, string, string] {
  const { at, successor, reason } = retired;
  const end = `${at}|${successor ?? ''}|${reason === undefined ? '' : freeText(reason)}`;
  return [timeOfWrite(at), String(expiresAt), end];
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
  const [tag, , owner, lineage, , , successor] = text.split('|', 7);
  return owner === uid && (tag === 's' || (tag === 't' && successor !== '')) ? lineage : undefined;
}

function readSession(id: string, text: string): SessionRecord {
  const fields = new Fields(text);
  fields.skip(2);
  const uid = fields.next();
  const lineage = fields.next();
  const version = Number(fields.next());
  const lastAccess = Number(fields.next());
  const expiresAt = fields.next();
  fields.skip(1);
  const created = Number(fields.next());
  const lastUpdate = Number(fields.next());
  return {
    id,
    lineage,
    version,
    uid: uid === '' ? null : decodeURIComponent(uid),
    body: readFreeText(fields.rest()),
    created,
    lastAccess,
    lastUpdate,
    expiresAt: expiresAt === '' ? null : Number(expiresAt),
  };
}

function readTombstone(id: string, text: string): Retired {
  const fields = new Fields(text);
  fields.skip(4);
  const expiresAt = Number(fields.next());
  const at = Number(fields.next());
  const successor = fields.next() || null;
  const reason = fields.rest();
  const retired = reason === '' ? { successor, at } : { successor, at, reason: readFreeText(reason) };
  return { id, retired, expiresAt };
}

/** Takes one field after the other; the fastest way to, by half. */
class Fields {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): string {
    const start = this.#at;
    this.skip(1);
    return this.#text.slice(start, this.#at - 1);
  }

  skip(count: number): void {
    for (let left = count; left > 0; left -= 1) this.#at = this.#text.indexOf('|', this.#at) + 1;
  }

  rest(): string {
    return this.#text.slice(this.#at);
  }
}

/** Text as it is; as JSON, where UTF-8 could not carry it. */
function freeText(text: string): string {
  return text.isWellFormed() ? `=${text}` : JSON.stringify(text);
}

function readFreeText(text: string): string {
  return text.startsWith('=') ? text.slice(1) : String(JSON.parse(text));
}
