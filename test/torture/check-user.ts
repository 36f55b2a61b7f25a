import { isDeepStrictEqual } from 'node:util';
import type { Retired, SessionRecord, Store } from '../../src/ports/store.js';
import { type Entry, isRecord, visible } from './apply.js';
import type { UserModel } from './user-model.js';

/** Something that a store must not do, and the session or user that it did it to. */
export interface Violation {
  readonly about: string;
  readonly text: string;
}

/** What a check found, and how many entries it saw. */
export interface UserReport {
  readonly violations: readonly Violation[];
  readonly sessions: number;
  readonly tombstones: number;
  readonly absent: number;
}

const AT_ONCE = 64;

/** Compares what a store has of a user at `now` with what it must have, and its indexes with its records. */
export async function checkUser(model: UserModel, store: Store, now: number): Promise<UserReport> {
  const violations: Violation[] = [];
  const live: SessionRecord[] = [];
  let tombstones = 0;
  let absent = 0;
  const entries = [...model.entries];
  const loaded = await loadAll(
    store,
    entries.map(([id]) => id),
    now,
  );
  for (const [at, [id, { possible }]] of entries.entries()) {
    const found = loaded[at];
    if (isRecord(found)) live.push(found);
    else if (found === undefined) absent += 1;
    else tombstones += 1;
    const text = differenceOf(possible, found, now);
    if (text !== undefined) violations.push({ about: id, text });
  }
  violations.push(...(await checkIndexes(model.uid, live, store, now)));
  return { violations, sessions: live.length, tombstones, absent };
}

/** Compares `ofUser` with the user's live sessions, of which each is found by its id. */
export async function checkIndexes(
  uid: string,
  live: readonly SessionRecord[],
  store: Store,
  now: number,
): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const compare = (name: string, found: readonly SessionRecord[], expected: readonly SessionRecord[]): void => {
    if (isDeepStrictEqual(sorted(found), sorted(expected))) return;
    const text = `${name} returned ${listOf(found)}, but load finds ${listOf(expected)}`;
    violations.push({ about: uid, text });
  };
  compare('ofUser', await store.ofUser(uid, now), live);
  for (const lineage of new Set(live.map((record) => record.lineage))) {
    const expected = live.filter((record) => record.lineage === lineage);
    compare(`ofUser with lineage ${lineage}`, await store.ofUser(uid, now, lineage), expected);
  }
  return violations;
}

/** Ends all of a user's sessions, and looks whether any is left. */
export async function checkEnd(model: UserModel, store: Store, now: number): Promise<readonly Violation[]> {
  const { uid } = model;
  await store.deleteOfUser(uid);
  const left = (await store.ofUser(uid, now)).map(({ id }) => id);
  const loaded = await loadAll(store, [...model.entries.keys()], now);
  left.push(...loaded.filter(isRecord).map(({ id }) => id));
  return [...new Set(left)].map((id) => ({ about: id, text: 'deleteOfUser left it' }));
}

/** What is under each id, in the same order. */
export async function loadAll(
  store: Store,
  ids: readonly string[],
  now: number,
): Promise<readonly (SessionRecord | Retired | undefined)[]> {
  const loaded: (SessionRecord | Retired | undefined)[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    loaded.push(...(await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => store.load(id, now)))));
  }
  return loaded;
}

function differenceOf(
  possible: readonly Entry[],
  found: SessionRecord | Retired | undefined,
  now: number,
): string | undefined {
  const allowed = possible.map((entry) => visible(entry, now));
  if (allowed.some((entry) => isDeepStrictEqual(entry, found))) return undefined;
  const expected = allowed.map(show).join(' or ');
  if (found === undefined) return `what was acknowledged is lost: ${expected}`;
  if (isRecord(found) && !allowed.some(isRecord)) return `it ended, and is back: ${show(found)}, not ${expected}`;
  return `${show(found)} is stored, not ${expected}`;
}

function show(entry: SessionRecord | Retired | undefined): string {
  if (entry === undefined) return 'nothing';
  const text = JSON.stringify(entry);
  return text.length > 400 ? `${text.slice(0, 400)}...` : text;
}

function listOf(records: readonly SessionRecord[]): string {
  return records.length === 0 ? 'none' : records.map(({ id, version }) => `${id} (version ${version})`).join(', ');
}

function sorted(records: readonly SessionRecord[]): readonly SessionRecord[] {
  return records.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
