import type { Retired, SessionRecord } from '../../ports/store.js';

/** What is kept for an id. */
export interface Row {
  readonly entry: SessionRecord | Retired;
  /** The time under which the expiry index has it: no later than it expires; null when it never does. */
  readonly filed: number | null;
}

/** A row that holds a session. */
export interface SessionRow extends Row {
  readonly entry: SessionRecord;
}

/** Whether there is a session, and not a tombstone or nothing. */
export function isSession(row: Row | undefined): row is SessionRow {
  return row !== undefined && !('retired' in row.entry);
}

/** Whether it has expired. */
export function isOver({ entry: { expiresAt } }: Row, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

type RecordHead = readonly [
  filed: number | null,
  lineage: string,
  version: number,
  uid: string | null,
  created: number,
  lastAccess: number,
  lastUpdate: number,
  expiresAt: number | null,
];

type Tombstone = Omit<Retired, 'id'> & { readonly filed: number | null };

/** A record as a line of JSON with its body behind it, a tombstone as JSON without a line end. */
export function encodeRow({ entry, filed }: Row): string {
  if ('retired' in entry) {
    const tombstone: Tombstone = { retired: entry.retired, expiresAt: entry.expiresAt, filed };
    return JSON.stringify(tombstone);
  }
  const { lineage, version, uid, created, lastAccess, lastUpdate, expiresAt, body } = entry;
  const head: RecordHead = [filed, lineage, version, uid, created, lastAccess, lastUpdate, expiresAt];
  return `${JSON.stringify(head)}\n${body}`;
}

/** @throws Error that says nothing of the text, when it is damaged */
export function decodeRow(id: string, text: string): Row {
  const end = text.indexOf('\n');
  try {
    return end === -1 ? decodeTombstone(id, text) : decodeRecord(id, text.slice(0, end), text.slice(end + 1));
  } catch {
    throw new Error('a session in the database is damaged');
  }
}

function decodeTombstone(id: string, text: string): Row {
  const { retired, expiresAt, filed }: Tombstone = JSON.parse(text);
  return { entry: { id, retired, expiresAt }, filed };
}

function decodeRecord(id: string, head: string, body: string): Row {
  const fields: RecordHead = JSON.parse(head);
  const [filed, lineage, version, uid, created, lastAccess, lastUpdate, expiresAt] = fields;
  return { entry: { id, lineage, version, uid, body, created, lastAccess, lastUpdate, expiresAt }, filed };
}
