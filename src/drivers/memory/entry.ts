import type { Retired, SessionRecord } from '../../ports/store.js';
import { laterOf } from '../shared/expiry.js';
import type { Queued } from './queue.js';

/** A session as it is kept: one object as long as it is there, changed in place and never handed out. */
export class SessionEntry implements Queued<SessionEntry> {
  readonly id: string;
  lineage: string;
  version: number;
  uid: string | null;
  body: string;
  created: number;
  lastAccess: number;
  lastUpdate: number;
  expiresAt: number | null;
  /** Its neighbours: among the anonymous sessions, or among those of its lineage when it is a user's. */
  earlier: SessionEntry | undefined = undefined;
  later: SessionEntry | undefined = undefined;

  constructor(record: SessionRecord) {
    this.id = record.id;
    // Mostly the same text: then it is kept once.
    this.lineage = record.lineage === record.id ? record.id : record.lineage;
    this.version = record.version;
    this.uid = record.uid;
    this.body = record.body;
    this.created = record.created;
    this.lastAccess = record.lastAccess;
    this.lastUpdate = record.lastUpdate;
    this.expiresAt = record.expiresAt;
  }

  /** A copy that is the caller's. */
  copy(): SessionRecord {
    return {
      id: this.id,
      lineage: this.lineage,
      version: this.version,
      uid: this.uid,
      body: this.body,
      created: this.created,
      lastAccess: this.lastAccess,
      lastUpdate: this.lastUpdate,
      expiresAt: this.expiresAt,
    };
  }

  /** Its user and its lineage are known elsewhere: see Table.update. */
  replaceBy(record: SessionRecord): void {
    const isTouched = this.lastAccess > record.lastAccess;
    this.expiresAt = isTouched ? laterOf(this.expiresAt, record.expiresAt) : record.expiresAt;
    if (!isTouched) this.lastAccess = record.lastAccess;
    // The text that is there already is known elsewhere too: then it is kept once.
    if (this.lineage !== record.lineage) this.lineage = record.lineage === this.id ? this.id : record.lineage;
    if (this.uid !== record.uid) this.uid = record.uid;
    this.version += 1;
    this.body = record.body;
    this.created = record.created;
    this.lastUpdate = record.lastUpdate;
  }
}

/** A tombstone as it is kept: frozen, so that it can be handed out. */
export class TombstoneEntry implements Queued<TombstoneEntry> {
  readonly tombstone: Retired;
  earlier: TombstoneEntry | undefined = undefined;
  later: TombstoneEntry | undefined = undefined;

  constructor({ id, retired, expiresAt }: Retired) {
    this.tombstone = Object.freeze({ id, retired: Object.freeze({ ...retired }), expiresAt });
  }

  get id(): string {
    return this.tombstone.id;
  }

  get expiresAt(): number {
    return this.tombstone.expiresAt;
  }
}

export type Entry = SessionEntry | TombstoneEntry;
