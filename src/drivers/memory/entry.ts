import type { Retired, SessionRecord } from '../../ports/store.js';
import { laterOf } from '../shared/expiry.js';
import type { Queued } from './queue.js';

/** A session in memory. It is changed in place and never returned to callers. */
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
  /** Its neighbours: in the queue of anonymous sessions, or among the user's sessions of the same lineage. */
  earlier: SessionEntry | undefined = undefined;
  later: SessionEntry | undefined = undefined;

  constructor(record: SessionRecord) {
    this.id = record.id;
    // They are mostly equal: then both refer to one string.
    this.lineage = record.lineage === record.id ? record.id : record.lineage;
    this.version = record.version;
    this.uid = record.uid;
    this.body = record.body;
    this.created = record.created;
    this.lastAccess = record.lastAccess;
    this.lastUpdate = record.lastUpdate;
    this.expiresAt = record.expiresAt;
  }

  /** A copy for the caller. */
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

  /** Replaces the fields as an update does. Only Table may call it, because its indexes depend on user and lineage. */
  replaceBy(record: SessionRecord): void {
    const isTouched = this.lastAccess > record.lastAccess;
    this.expiresAt = isTouched ? laterOf(this.expiresAt, record.expiresAt) : record.expiresAt;
    if (!isTouched) this.lastAccess = record.lastAccess;
    // Keeps the strings that the indexes refer to, so that each is in memory once.
    if (this.lineage !== record.lineage) this.lineage = record.lineage === this.id ? this.id : record.lineage;
    if (this.uid !== record.uid) this.uid = record.uid;
    this.version += 1;
    this.body = record.body;
    this.created = record.created;
    this.lastUpdate = record.lastUpdate;
  }
}

/** A tombstone in memory. It is frozen, so that it can be returned to callers. */
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
