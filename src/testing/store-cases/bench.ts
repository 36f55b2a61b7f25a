import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Retired, SessionRecord, Store } from '../../ports/store.js';
import { inParallel } from './in-parallel.js';

const DAY = 86_400_000;

/** A unique name of 43 characters, the length of an id's digest. */
export function uniqueName(): string {
  return randomBytes(32).toString('base64url');
}

/** What a case works with: two clients of the backend, and sessions that only this case uses and that are removed afterwards. */
export class CaseBench {
  readonly first: Store;
  readonly second: Store;
  /** ms. The machine's time, because a backend that removes expired entries by itself uses that. */
  readonly now: number = Date.now();
  readonly #ids: string[] = [];
  readonly #uids: string[] = [];

  readonly #open: () => Promise<Store>;

  constructor(first: Store, second: Store, open: () => Promise<Store>) {
    this.first = first;
    this.second = second;
    this.#open = open;
  }

  /** Opens another client. The case must close it. */
  open(): Promise<Store> {
    return this.#open();
  }

  id(): string {
    return this.own(uniqueName());
  }

  uid(): string {
    const uid = `user ${uniqueName()}`;
    this.#uids.push(uid);
    return uid;
  }

  /** Registers an id that the case chose, to be removed afterwards. */
  own(id: string): string {
    this.#ids.push(id);
    return id;
  }

  /** A record that expires in a day. It is not stored. */
  record(changes: Partial<SessionRecord> = {}): SessionRecord {
    const id = changes.id ?? this.id();
    return {
      id,
      lineage: id,
      version: 0,
      uid: null,
      body: '{"sessionData":{}}',
      created: this.now - 3,
      lastAccess: this.now - 1,
      lastUpdate: this.now - 2,
      expiresAt: this.now + DAY,
      ...changes,
    };
  }

  /** Stores such a record. */
  async stored(changes: Partial<SessionRecord> = {}): Promise<SessionRecord> {
    const record = this.record(changes);
    await this.first.create(record);
    return record;
  }

  tombstone(id: string, retired: Partial<Retired['retired']> = {}, expiresAt: number = this.now + DAY): Retired {
    return { id, retired: { successor: null, at: this.now, ...retired }, expiresAt };
  }

  /** Stores a tombstone, in place of a session of `uid`. */
  async retired(uid: string | null = null, expiresAt: number = this.now + DAY): Promise<Retired> {
    const { id, version } = await this.stored({ uid });
    const tombstone = this.tombstone(id, {}, expiresAt);
    assert.equal(await this.first.retire(id, version, tombstone), 'ok');
    return tombstone;
  }

  /** Removes everything that the case stored. */
  async clean(): Promise<void> {
    await Promise.allSettled(this.#uids.map((uid) => this.first.deleteOfUser(uid)));
    await inParallel(this.#ids, (id) => this.first.delete(id).catch(() => false));
  }
}
