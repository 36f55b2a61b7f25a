import type { SessionRecord } from '../../src/ports/store.js';
import type { Operation, Result } from './operation.js';

const DAY = 86_400_000;

/** A user with one session, which rotates all the time and is there all the time, under its old id or its new one. */
export class Rotor {
  readonly uid: string;
  #session: SessionRecord;
  #isCreated = false;
  #next: SessionRecord | undefined;
  #count = 0;
  #isOver = false;

  constructor(uid: string) {
    this.uid = uid;
    this.#session = this.#record();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  next(): Operation {
    if (!this.#isCreated) return { kind: 'create', record: this.#session };
    const { id, version } = this.#session;
    if (this.#next === undefined) {
      this.#next = this.#record();
      return { kind: 'create', record: this.#next, replaces: id };
    }
    const now = Date.now();
    const retired = { successor: this.#next.id, at: now };
    const expiresAt = now + (this.#count % 50 === 0 ? DAY : 500);
    return { kind: 'retire', version: this.#count % 2 === 0 ? version : null, tombstone: { id, retired, expiresAt } };
  }

  settle(operation: Operation, result: Result | undefined): void {
    if (result !== 'ok') this.#isOver = true;
    else if (operation.kind === 'create') this.#isCreated = true;
    else if (this.#next !== undefined) {
      this.#session = this.#next;
      this.#next = undefined;
    }
  }

  #record(): SessionRecord {
    this.#count += 1;
    const now = Date.now();
    return {
      id: `${this.uid}-${this.#count}`,
      lineage: this.uid,
      version: 0,
      uid: this.uid,
      body: '{}',
      created: now,
      lastAccess: now,
      lastUpdate: now,
      expiresAt: now + DAY,
    };
  }
}
