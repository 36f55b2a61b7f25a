import type { Retired, SessionRecord, Swept } from '../../ports/store.js';
import { expiryKey, isId, parseExpiryKey, timeKey, userKey } from './keys.js';
import type { Database, RootDatabase } from './lmdb.js';
import { decodeRow, encodeRow, isOver, isSession, type Row, type SessionRow } from './row.js';

const LONGEST_UID = 255;

/** What is there for each id, with an index by user and one by expiry. Whatever changes them must run in a transaction. */
export class Tables {
  readonly #rows: Database<string>;
  readonly #users: Database<Buffer>;
  readonly #expiry: Database<string>;

  constructor(root: RootDatabase) {
    this.#rows = root.openDB({ name: 'sessions', encoding: 'string' });
    this.#users = root.openDB({ name: 'users', encoding: 'string', keyEncoding: 'binary' });
    this.#expiry = root.openDB({ name: 'expiry', encoding: 'string' });
  }

  get(id: string): Row | undefined {
    const text = isId(id) ? this.#rows.get(id) : undefined;
    return text === undefined ? undefined : decodeRow(id, text);
  }

  /** A user's sessions, one after the other. */
  *ofUser(uid: string): Generator<SessionRow> {
    if (uid === '' || uid.length > LONGEST_UID) return;
    const start = userKey(uid, '');
    for (const key of [...this.#users.getKeys({ start, end: userKey(uid, '\uffff') })]) {
      const row = this.get(key.toString('latin1', start.length));
      // All lone surrogates make the same key.
      if (isSession(row) && row.entry.uid === uid) yield row;
    }
  }

  /** Puts `entry` in place of what is there, which is `before`. */
  put(entry: SessionRecord | Retired, before?: Row): void {
    const { id, expiresAt } = entry;
    this.#moveUser(id, uidOf(before?.entry), uidOf(entry));
    const filed = this.#file(id, before?.filed ?? null, expiresAt);
    this.#rows.putSync(id, encodeRow({ entry, filed }));
  }

  remove({ entry, filed }: Row): void {
    const { id } = entry;
    this.#rows.removeSync(id);
    this.#moveUser(id, uidOf(entry), null);
    this.#file(id, filed, null);
  }

  /** Removes up to `limit` of what is there, and says how much that was, and how many sessions. */
  removeSome(limit: number): { readonly removed: number; readonly sessions: number } {
    const ids = [...this.#rows.getKeys({ limit })];
    let sessions = 0;
    for (const id of ids) {
      const row = this.get(id);
      if (row === undefined) continue;
      if (isSession(row)) sessions += 1;
      this.remove(row);
    }
    return { removed: ids.length, sessions };
  }

  /** Up to `limit` keys of the expiry index for what may have expired, the earliest first. */
  due(now: number, limit: number): readonly string[] {
    return [...this.#expiry.getKeys({ end: timeKey(now + 1), limit })];
  }

  /** Takes away what such a key stands for if that has expired, and says what it was; else files it anew. */
  settle(key: string, now: number): Swept | undefined {
    const { time, id } = parseExpiryKey(key);
    this.#expiry.removeSync(key);
    const row = this.get(id);
    if (row?.filed !== time) return undefined;
    const { entry } = row;
    const unfiled = { entry, filed: null };
    if (!isOver(row, now)) {
      this.put(entry, unfiled);
      return undefined;
    }
    this.remove(unfiled);
    return 'retired' in entry ? { id, uid: null, retired: true } : { id, uid: entry.uid };
  }

  #moveUser(id: string, from: string | null, to: string | null): void {
    if (from === to) return;
    if (from !== null) this.#users.removeSync(userKey(from, id));
    if (to !== null) this.#users.putSync(userKey(to, id), '');
  }

  /** Where the index has it from now on. A place too early does no harm: `settle` finds the right one, once and not at each write. */
  #file(id: string, filed: number | null, expiresAt: number | null): number | null {
    if (filed === expiresAt || (filed !== null && expiresAt !== null && filed < expiresAt)) return filed;
    if (filed !== null) this.#expiry.removeSync(expiryKey(filed, id));
    if (expiresAt !== null) this.#expiry.putSync(expiryKey(expiresAt, id), '');
    return expiresAt;
  }
}

function uidOf(entry: SessionRecord | Retired | undefined): string | null {
  return entry === undefined || 'retired' in entry ? null : entry.uid;
}
