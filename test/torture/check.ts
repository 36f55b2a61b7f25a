import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../src/ports/store.js';
import { hasExpired, isRecord } from './apply.js';
import type { Backend, Inspection } from './backend.js';
import { checkEnd, checkIndexes, checkUser, loadAll, type Violation } from './check-user.js';
import { CONTENDED } from './contended.js';
import { readJournal } from './journal.js';
import { type Counts, Replay } from './replay.js';
import type { UserModel } from './user-model.js';

/** Everything that a store must have, and what it has. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly counts: Counts;
  readonly sessions: number;
  readonly tombstones: number;
  /** Ids that lead nowhere any more. */
  readonly absent: number;
  readonly inspection: Inspection;
}

const HOUR = 3_600_000;
const TWO_MINUTES = 120_000;
const BATCH = 1_000;
/** Users whose sessions are all ended at last. */
const ENDED = 200;

/** Compares a store, which no process writes any more, with the journals of those that did. */
export async function check(folder: string, backend: Backend, store: Store): Promise<Verdict> {
  const start = Date.now();
  // What is to expire during the torture has expired by then, and nothing else.
  const now = start + HOUR;
  const replay = new Replay();
  const violations: Violation[] = [];
  const ending: UserModel[] = [];
  const seen = { sessions: 0, tombstones: 0, absent: 0 };
  let users = 0;
  let recent = 0;

  for (const name of readdirSync(folder)) {
    const taken = replay.take(readJournal(join(folder, name)));
    violations.push(...taken.violations);
    users += taken.users.length;
    for (const model of taken.users) {
      const report = await checkUser(model, store, now);
      violations.push(...report.violations);
      seen.sessions += report.sessions;
      seen.tombstones += report.tombstones;
      seen.absent += report.absent;
      recent += recentOf(model, start - TWO_MINUTES);
      if (ending.length < ENDED && report.sessions > 0) ending.push(model);
    }
  }

  const ids = [...replay.contended.keys()];
  const loaded = await loadAll(store, ids, now);
  for (const [at, id] of ids.entries()) {
    const found = loaded[at];
    const problems = replay.contended.get(id)?.problems(found) ?? [];
    violations.push(...problems.map((text) => ({ about: id, text })));
    if (isRecord(found)) seen.sessions += 1;
    else if (found === undefined) seen.absent += 1;
    else seen.tombstones += 1;
  }
  const live = loaded.filter(isRecord);
  for (const uid of CONTENDED) {
    const expected = live.filter((record) => record.uid === uid);
    violations.push(...(await checkIndexes(uid, expected, store, now)));
  }

  while ((await store.sweep(now, BATCH)).length === BATCH);
  const entries = seen.sessions + seen.tombstones;
  const inspection = await backend.inspect({ entries, recent: recent + ids.length, users, now });
  violations.push(...inspection.problems.map((text) => ({ about: '', text })));
  for (const model of ending) violations.push(...(await checkEnd(model, store, now)));
  return { violations, counts: replay.counts, ...seen, inspection };
}

function recentOf(model: UserModel, then: number): number {
  const states = [...model.entries.values()];
  return states.filter(({ possible }) => possible.some((entry) => entry !== null && !hasExpired(entry, then))).length;
}
