import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ServerSessionStorage as Storage } from '../../src/index.js';
import { bytesInUse } from '../harness/memory-use.js';
import { quantile } from '../harness/statistics.js';
import { MemoryStore, ServerSessionStorage } from '../packages.js';
import { type SampleData, type SampleUser, sampleData, sampleUser } from '../token/sample-session.js';

const DAY = 86_400_000;

/** What sessions in a MemoryStore take. */
export interface SessionMemory {
  /** Bytes of a session. */
  readonly session: number;
  /** Bytes of its data as JSON, of which the store keeps a text. */
  readonly data: number;
  /** Bytes of the tombstone that a rotation leaves for `reuseWindow`. */
  readonly tombstone: number;
  /** ms of a turn of the event loop while all of them are swept: 99 of 100 turns, and the longest. */
  readonly sweep: number;
  readonly longestSweep: number;
}

/** Fills a MemoryStore, and sweeps it when all its sessions have expired. */
export async function sessionMemory(count: number): Promise<SessionMemory> {
  let now = Date.now();
  const storage = new ServerSessionStorage<SampleData, SampleUser>({
    store: new MemoryStore(),
    clock: { now: () => now },
    sweepInterval: null,
  });
  let data = 0;
  const before = await bytesInUse();
  for (let index = 0; index < count; index += 1) {
    const [sessionData, userData] = [sampleData(index), sampleUser(index)];
    // As a request does that signs its user in.
    const session = storage.blank();
    session.sessionData = sessionData;
    await storage.commit(session.setUser(`user-${index}`, userData));
    data += JSON.stringify(sessionData).length + JSON.stringify(userData).length;
  }
  const taken = (await bytesInUse()) - before;
  const tombstone = await tombstoneBytes(storage, Math.ceil(count / 20));
  now += 400 * DAY;
  const turns = await turnsWhile(storage.sweep());
  await storage.close();
  return {
    session: taken / count,
    data: data / count,
    tombstone,
    sweep: quantile(turns, 0.99),
    longestSweep: quantile(turns, 1),
  };
}

/** Rotates so many new sessions. */
async function tombstoneBytes(storage: Storage<SampleData, SampleUser>, count: number): Promise<number> {
  const sids: string[] = [];
  for (let index = 0; index < count; index += 1) sids.push((await storage.create(sampleData(index))).forClient());
  const before = await bytesInUse();
  for (const sid of sids) await storage.commit((await storage.get(sid)).rotate());
  return ((await bytesInUse()) - before) / count;
}

/** ms of the turns of the event loop until `work` is done, sorted. */
async function turnsWhile(work: Promise<unknown>): Promise<number[]> {
  let isDone = false;
  const end = work.finally(() => {
    isDone = true;
  });
  const turns: number[] = [];
  for (let last = performance.now(); !isDone; ) {
    await nextTurn();
    const now = performance.now();
    turns.push(now - last);
    last = now;
  }
  await end;
  return turns.sort((a, b) => a - b);
}
