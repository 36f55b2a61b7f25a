import {
  MemoryStore,
  type Retired,
  ServerSessionStorage,
  type ServerSessionStorageOptions,
  type SessionRecord,
  type Store,
} from '../../src/index.js';
import type { FakeClock } from '../../src/testing/fake-clock.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { serverBench } from './server-sessions.js';

type Plain = Record<string, unknown>;

/** Options of a storage of any JSON. */
export type PlainOptions = Partial<ServerSessionStorageOptions<Plain, Plain>>;

/** A bench whose store notes calls and fails on demand. */
export function faultyBench<Data = Plain, User = Plain, DataInput = Data>(
  options: Partial<ServerSessionStorageOptions<Data, User, DataInput>> = {},
): {
  readonly clock: FakeClock;
  readonly store: FaultyStore;
  readonly storage: ServerSessionStorage<Data, User, DataInput>;
} {
  const store = new FaultyStore(options.store ?? new MemoryStore());
  const { clock, storage } = serverBench<Data, User, DataInput>({ ...options, store });
  return { clock, store, storage };
}

/** The record that a store has for an id; throws when it has none. */
export async function recordOf(store: Store, id: string): Promise<SessionRecord> {
  const found = await store.load(id, 0);
  if (found === undefined || 'retired' in found) throw new Error('no record');
  return found;
}

/** The tombstone that a store has for an id; throws when it has none. */
export async function tombstoneOf(store: Store, id: string): Promise<Retired> {
  const found = await store.load(id, 0);
  if (found === undefined || !('retired' in found)) throw new Error('no tombstone');
  return found;
}

/** What the body of a record says. */
export async function bodyOf(store: Store, id: string): Promise<Record<string, unknown>> {
  return JSON.parse((await recordOf(store, id)).body);
}

/** Writes another body over a record's, as another version of the application might. */
export async function putBody(store: Store, id: string, body: string): Promise<void> {
  const outcome = await store.update({ ...(await recordOf(store, id)), body });
  if (outcome !== 'ok') throw new Error(outcome);
}

/** Builds a storage from options that the compiler would refuse, as plain JavaScript can. */
export function untypedServerStorage(options: unknown): ServerSessionStorage {
  const made: unknown = Reflect.construct(ServerSessionStorage, [options]);
  if (made instanceof ServerSessionStorage) return made;
  throw new Error('no ServerSessionStorage');
}
