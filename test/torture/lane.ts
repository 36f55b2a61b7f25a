import type { Retired, SessionRecord } from '../../src/ports/store.js';
import { apply, isRecord } from './apply.js';
import { bodyOf } from './body.js';
import { idOf, type Operation, type Result } from './operation.js';
import type { Random } from './random.js';

/** Writes of one user, before another user takes the place. */
const LONGEST_LIFE = 400;
const MOST_SESSIONS = 20;
const DAY = 86_400_000;

/** One after the other, operations of all kinds on the sessions of a user of its own. */
export class Lane {
  readonly uid: string;
  readonly #random: Random;
  /** Those whose state is certain. A session whose last write has an unknown outcome is left to `deleteOfUser`. */
  readonly #sessions = new Map<string, SessionRecord>();
  #next: Operation | undefined;
  #count = 0;
  #operations = 0;
  #isUncertain = false;

  constructor(uid: string, random: Random) {
    this.uid = uid;
    this.#random = random;
  }

  /** Whether it writes no more: it has done enough, or cannot know any longer which sessions there are. */
  get isOver(): boolean {
    return this.#isUncertain || this.#operations >= LONGEST_LIFE;
  }

  next(): Operation {
    this.#operations += 1;
    const operation = this.#next ?? this.#choose();
    this.#next = undefined;
    return operation;
  }

  /** Takes the answer to the last operation; `undefined` when it is unknown. */
  settle(operation: Operation, result: Result | undefined): void {
    if (operation.kind === 'deleteOfUser') {
      if (!Array.isArray(result)) {
        this.#isUncertain = true;
        return;
      }
      const isAll = result.length < (operation.limit ?? Number.POSITIVE_INFINITY);
      const spared = this.#lineageOf(operation.except);
      for (const [id, { lineage }] of this.#sessions) {
        if (result.includes(id) || (isAll && lineage !== spared)) this.#sessions.delete(id);
      }
      return;
    }
    const id = idOf(operation);
    const before = this.#sessions.get(id) ?? null;
    this.#sessions.delete(id);
    if (result === undefined) {
      this.#isUncertain ||= operation.kind === 'create';
      this.#next = undefined;
      return;
    }
    const { entry } = apply(operation, before);
    // What has expired may have been swept: then the answer says that it is gone.
    if (isRecord(entry) && result !== 'gone' && result !== false) this.#sessions.set(id, entry);
  }

  #choose(): Operation {
    const random = this.#random;
    const session = random.of([...this.#sessions.values()]);
    const dice = random.next();
    if (session === undefined || (dice < 0.2 && this.#sessions.size < MOST_SESSIONS)) {
      return { kind: 'create', record: this.#record() };
    }
    if (dice < 0.6) return { kind: 'update', record: this.#changed(session) };
    if (dice < 0.72) return this.#touch(session);
    if (dice < 0.82) return this.#rotate(session);
    if (dice < 0.88) return { kind: 'retire', version: null, tombstone: this.#tombstone(session.id, null) };
    if (dice < 0.97) return { kind: 'delete', id: session.id };
    return this.#endAll();
  }

  /** Another record in place of `session`, and next the tombstone that leads there. */
  #rotate(session: SessionRecord): Operation {
    const record = { ...this.#record(), lineage: session.lineage, created: session.created };
    const version = this.#random.isLikely(0.5) ? session.version : null;
    this.#next = { kind: 'retire', version, tombstone: this.#tombstone(session.id, record.id) };
    return { kind: 'create', record, replaces: session.id };
  }

  #touch({ id, uid, lastAccess }: SessionRecord): Operation {
    // Now and then too late: then nothing may move.
    const moved = lastAccess + this.#random.between(-1, 5);
    return { kind: 'touch', id, uid, lastAccess: moved, expiresAt: this.#expiry() };
  }

  #endAll(): Operation {
    const random = this.#random;
    const spared = random.isLikely(0.5) ? random.of([...this.#sessions.values()].filter(isLasting)) : undefined;
    const { id, ...tombstone } = this.#tombstone('', null);
    return {
      kind: 'deleteOfUser',
      uid: this.uid,
      ...(spared && { except: random.isLikely(0.5) ? spared.id : spared.lineage }),
      ...(random.isLikely(0.7) && { limit: random.between(1, MOST_SESSIONS) }),
      ...(random.isLikely(0.5) && { tombstone }),
    };
  }

  #record(): SessionRecord {
    this.#count += 1;
    const id = `${this.uid}-${this.#count}`;
    const now = Date.now();
    return {
      id,
      lineage: id,
      version: 0,
      uid: this.uid,
      body: this.#body(),
      created: now,
      lastAccess: now,
      lastUpdate: now,
      expiresAt: this.#expiry(),
    };
  }

  /** Sometimes by one who does not know of the last touch. */
  #changed(session: SessionRecord): SessionRecord {
    const lastAccess = this.#random.isLikely(0.2) ? session.created : session.lastAccess;
    return { ...session, lastAccess, lastUpdate: Date.now(), body: this.#body(), expiresAt: this.#expiry() };
  }

  #tombstone(id: string, successor: string | null): Retired {
    const expiresAt = this.#expiry() ?? Date.now() + DAY;
    const at = Date.now();
    const retired = successor === null ? { successor, at, reason: 'torture' } : { successor, at };
    return { id, retired, expiresAt };
  }

  /** Mostly small; now and then large, so that writing it takes its time. */
  #body(): string {
    return bodyOf(this.#operations, Math.floor(this.#random.next() ** 12 * 60_000));
  }

  /** Mostly a day, sometimes never, sometimes so soon that a sweep comes upon it. */
  #expiry(): number | null {
    const dice = this.#random.next();
    if (dice < 0.1) return null;
    return Date.now() + (dice < 0.5 ? this.#random.between(200, 3_000) : DAY + this.#random.between(0, DAY));
  }

  #lineageOf(except: string | undefined): string | undefined {
    return except === undefined ? undefined : (this.#sessions.get(except)?.lineage ?? except);
  }
}

/** Whether it is there for as long as the torture takes. */
function isLasting({ expiresAt }: SessionRecord): boolean {
  return expiresAt === null || expiresAt > Date.now() + DAY / 2;
}
