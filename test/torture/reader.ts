import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Retired, SessionRecord, Store } from '../../src/ports/store.js';
import { isRecord } from './apply.js';
import { type Journal, type Line, parseLine } from './journal.js';
import type { Random } from './random.js';

/** Bytes of a journal's end that are searched for a session. */
const TAIL = 4_096;
/** Sessions that are remembered. */
const MOST = 100_000;

/** Reads what others write, and notices what no reader may see: an older state after a newer one. */
export class Reader {
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #folder: string;
  readonly #random: Random;
  /** The newest version that was seen; Infinity for a tombstone. */
  readonly #seen = new Map<string, number>();
  readonly #rotors = new Set<string>();

  constructor(store: Store, journal: Journal, folder: string, random: Random) {
    this.#store = store;
    this.#journal = journal;
    this.#folder = folder;
    this.#random = random;
  }

  /** Reads once. @throws StoreUnavailable */
  async read(): Promise<void> {
    const intent = this.#recent();
    if (intent === undefined) return;
    const { user, record } = intent;
    const now = Date.now();
    if (record !== undefined) this.#see(await this.#store.load(record.id, now));
    const records = await this.#store.ofUser(user, now);
    for (const found of records) {
      this.#see(found);
      if (found.uid !== user) this.#violation(`ofUser(${user}) returned a session of another`);
    }
    if (user.includes('rotor')) this.#seeRotor(user, records);
    const lineage = this.#random.of(records)?.lineage;
    if (lineage === undefined) return;
    for (const found of await this.#store.ofUser(user, now, lineage)) {
      this.#see(found);
      if (found.lineage !== lineage) this.#violation(`ofUser(${user}) returned another lineage`);
    }
  }

  #seeRotor(user: string, records: readonly SessionRecord[]): void {
    if (records.length > 0) this.#rotors.add(user);
    else if (this.#rotors.has(user)) this.#violation(`ofUser(${user}) missed a session that was being rotated`);
  }

  #see(found: SessionRecord | Retired | undefined): void {
    if (found === undefined) return;
    const seen = this.#seen.get(found.id) ?? -1;
    const version = isRecord(found) ? found.version : Number.POSITIVE_INFINITY;
    if (version < seen) {
      const what =
        seen === Number.POSITIVE_INFINITY ? 'a session after its tombstone' : `version ${version} after ${seen}`;
      this.#violation(`${found.id}: a reader saw ${what}`);
    }
    if (this.#seen.size > MOST) this.#seen.clear();
    this.#seen.set(found.id, Math.max(version, seen));
  }

  #violation(text: string): void {
    this.#journal.write({ line: 'violation', text });
  }

  /** What one of the others has just been about to write. */
  #recent(): { readonly user: string; readonly record: SessionRecord | undefined } | undefined {
    const journal = this.#random.of(readdirSync(this.#folder).filter((name) => name.includes('writer')));
    if (journal === undefined) return undefined;
    const intents = tailOf(join(this.#folder, journal)).filter((line) => line.line === 'intent');
    const intent = this.#random.of(intents);
    if (intent === undefined) return undefined;
    const { operation, user } = intent;
    const record = 'record' in operation ? operation.record : undefined;
    const uid = user ?? record?.uid ?? undefined;
    return uid === undefined ? undefined : { user: uid, record };
  }
}

function tailOf(path: string): readonly Line[] {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, TAIL));
    const length = readSync(file, buffer, 0, buffer.length, size - buffer.length);
    // The first line and the last may be cut off.
    return buffer.toString('utf8', 0, length).split('\n').slice(1, -1).map(parseLine);
  } finally {
    closeSync(file);
  }
}
