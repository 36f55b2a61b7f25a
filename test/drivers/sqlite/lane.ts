import type { Retired, SessionRecord, Store } from '../../../src/ports/store.js';

/** What something changes: for each id, what is there afterwards. */
export type Changes = readonly (readonly [id: string, entry: SessionRecord | Retired | null])[];

/** That a lane is about to make these changes; without any, that they were acknowledged. */
export interface Report {
  readonly lane: string;
  readonly changes?: Changes;
}

/** A report as a line: bodies are all of a kind, so their length will do. */
export function reportLine(report: Report): string {
  return JSON.stringify(report, (key, value: unknown) => (key === 'body' ? String(value).length : value));
}

/** Nothing for a line that was cut off. */
export function parseReport(line: string): Report | undefined {
  try {
    return JSON.parse(line, (key, value: unknown) => (key === 'body' ? bodyOf(Number(value)) : value));
  } catch {
    return undefined;
  }
}

interface Step {
  readonly changes: Changes;
  readonly run: (store: Store) => Promise<unknown>;
}

/** One after the other, operations of all kinds on the sessions of a user of its own. */
export class Lane {
  readonly uid: string;
  readonly #sessions: SessionRecord[] = [];
  #count = 0;

  constructor(uid: string) {
    this.uid = uid;
  }

  next(): Step {
    const index = Math.floor(Math.random() * this.#sessions.length);
    const session = this.#sessions[index];
    const dice = Math.random();
    if (session === undefined || (dice < 0.35 && this.#sessions.length < 20)) return this.#create();
    if (dice < 0.65) return this.#update(index, session);
    if (dice < 0.75) return this.#touch(index, session);
    if (dice < 0.88) return this.#retire(index, session);
    if (dice < 0.97) return this.#delete(index, session);
    return this.#endAll();
  }

  #create(): Step {
    this.#count += 1;
    const session: SessionRecord = {
      id: `${this.uid}-${this.#count}`,
      lineage: this.uid,
      version: 0,
      uid: this.uid,
      body: body(),
      created: 1,
      lastAccess: 1,
      lastUpdate: 1,
      expiresAt: expiry(),
    };
    this.#sessions.push(session);
    return { changes: [[session.id, session]], run: (store) => store.create(session) };
  }

  #update(index: number, session: SessionRecord): Step {
    const changed = { ...session, body: body(), expiresAt: expiry() };
    const written = { ...changed, version: session.version + 1 };
    this.#sessions[index] = written;
    return { changes: [[session.id, written]], run: (store) => store.update(changed) };
  }

  #touch(index: number, session: SessionRecord): Step {
    const moved = { ...session, lastAccess: session.lastAccess + 1, expiresAt: expiry() };
    this.#sessions[index] = moved;
    const { id, uid, lastAccess, expiresAt } = moved;
    return { changes: [[id, moved]], run: (store) => store.touch(id, uid, lastAccess, expiresAt) };
  }

  #retire(index: number, { id, version }: SessionRecord): Step {
    this.#sessions.splice(index, 1);
    const tombstone: Retired = { id, retired: { successor: null, at: 1 }, expiresAt: 1 + index };
    const expected = Math.random() < 0.5 ? version : null;
    return { changes: [[id, tombstone]], run: (store) => store.retire(id, expected, tombstone) };
  }

  #delete(index: number, { id }: SessionRecord): Step {
    this.#sessions.splice(index, 1);
    return { changes: [[id, null]], run: (store) => store.delete(id) };
  }

  #endAll(): Step {
    const ids = this.#sessions.splice(0).map(({ id }) => id);
    const tombstone = { retired: { successor: null, at: 1, reason: 'all' }, expiresAt: 1_000_000 };
    const changes = ids.map((id) => [id, { id, ...tombstone }] as const);
    return { changes, run: (store) => store.deleteOfUser(this.uid, undefined, { tombstone }) };
  }
}

/** Mostly small; now and then large, so that writing it takes its time. */
function body(): string {
  return bodyOf(2 + Math.floor(Math.random() ** 6 * 300_000));
}

function bodyOf(length: number): string {
  return `"${'x'.repeat(length - 2)}"`;
}

function expiry(): number | null {
  return Math.random() < 0.1 ? null : 1 + Math.floor(Math.random() * 1_000_000);
}
