import type { SessionRecord, Store } from '../../src/ports/store.js';
import { isRecord } from './apply.js';
import type { Operation } from './operation.js';
import type { Random } from './random.js';

const DAY = 86_400_000;
/** Users of sessions that all writers share. */
export const CONTENDED: readonly string[] = ['shared-0', 'shared-1', 'shared-2'];

export function contendedId(uid: string, epoch: number): string {
  return `${uid}-${epoch}`;
}

/**
 * Sessions that all writers change at once: each update counts up, until one ends the session, and the next begins. Their ids never come
 * again, and their tombstones stay.
 */
export class Contended {
  readonly #uid: string;
  readonly #random: Random;
  #epoch = 0;

  constructor(uid: string, random: Random) {
    this.#uid = uid;
    this.#random = random;
  }

  /** What to do next. @throws StoreUnavailable */
  async next(store: Store): Promise<Operation> {
    const now = Date.now();
    for (;;) {
      const id = contendedId(this.#uid, this.#epoch);
      const found = await store.load(id, now);
      if (found === undefined) return { kind: 'create', record: this.#record(id, now) };
      if (isRecord(found)) return this.#change(found, now);
      this.#epoch += 1;
    }
  }

  #change(found: SessionRecord, now: number): Operation {
    const { id, uid, version, lastAccess } = found;
    const dice = this.#random.next();
    if (dice < 0.002) {
      const retired = { successor: null, at: now, reason: 'torture' };
      return { kind: 'retire', version: null, tombstone: { id, retired, expiresAt: now + DAY } };
    }
    if (dice < 0.1) return { kind: 'touch', id, uid, lastAccess: lastAccess + 1, expiresAt: now + DAY };
    return { kind: 'update', record: { ...found, body: String(version + 1), lastUpdate: now } };
  }

  #record(id: string, now: number): SessionRecord {
    const times = { created: now, lastAccess: now, lastUpdate: now, expiresAt: now + DAY };
    return { id, lineage: this.#uid, version: 0, uid: this.#uid, body: '0', ...times };
  }
}
