import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Retired, SessionRecord, Store } from '../../ports/store.js';
import { inParallel } from './in-parallel.js';

const DAY = 86_400_000;

/** A name that nobody else uses: 43 characters, as long as the digest that an id is. */
export function uniqueName(): string {
  return randomBytes(32).toString('base64url');
}

/** What a case works with: two clients of the backend, and sessions that are nobody else's and gone afterwards. */
export class CaseBench {
  readonly first: Store;
  readonly second: Store;
  /** ms: the machine's time, because a backend that drops expired entries goes by it. */
  readonly now: number = Date.now();
  readonly #ids: string[] = [];
  readonly #uids: string[] = [];

  readonly #open: () => Promise<Store>;

  constructor(first: Store, second: Store, open: () => Promise<Store>) {
    this.first = first;
    this.second = second;
    this.#open = open;
  }

  /** One more client, which the case closes itself. */
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

  /** An id that the case chose itself. */
  own(id: string): string {
    this.#ids.push(id);
    return id;
  }

  /** A record of a day's life that is not stored yet. */
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

  /** The same, stored. */
  async stored(changes: Partial<SessionRecord> = {}): Promise<SessionRecord> {
    const record = this.record(changes);
    await this.first.create(record);
    return record;
  }

  tombstone(id: string, retired: Partial<Retired['retired']> = {}, expiresAt: number = this.now + DAY): Retired {
    return { id, retired: { successor: null, at: this.now, ...retired }, expiresAt };
  }

  /** A tombstone that is stored, in the place of a session of `uid`. */
  async retired(uid: string | null = null, expiresAt: number = this.now + DAY): Promise<Retired> {
    const { id, version } = await this.stored({ uid });
    const tombstone = this.tombstone(id, {}, expiresAt);
    assert.equal(await this.first.retire(id, version, tombstone), 'ok');
    return tombstone;
  }

  /** Removes what the case may have left. */
  async clean(): Promise<void> {
    await Promise.allSettled(this.#uids.map((uid) => this.first.deleteOfUser(uid)));
    await inParallel(this.#ids, (id) => this.first.delete(id).catch(() => false));
  }
}
