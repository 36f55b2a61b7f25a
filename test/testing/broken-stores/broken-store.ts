import { MemoryStore } from '../../../src/drivers/memory/store.js';
import type { SessionRecord, Store } from '../../../src/ports/store.js';
import { FaultyStore } from '../../../src/testing/index.js';

/** A store with one sentence of the port broken, and the case that says so. */
export interface BrokenStore {
  /** What it does wrong. */
  readonly that: string;
  readonly failing: string;
  readonly open: () => Store;
}

/** The last moment that a record may name. */
export const LATEST = 8_640_000_000_000_000;

/** A MemoryStore with some operations replaced; `failing` is the title of the case that must find it. */
export function broken(that: string, failing: string, change: (intact: MemoryStore) => Partial<Store>): BrokenStore {
  const open = (): Store => {
    const intact = new MemoryStore();
    return Object.assign(new FaultyStore(intact), change(intact));
  };
  return { that, failing, open };
}

export async function sessionOf(store: Store, id: string): Promise<SessionRecord | undefined> {
  const loaded = await store.load(id, 0);
  return loaded === undefined || 'retired' in loaded ? undefined : loaded;
}

/** Puts a record where another was, or nothing. */
export async function put(store: Store, record: SessionRecord): Promise<void> {
  await store.delete(record.id);
  await store.create(record);
}

/** @throws TypeError for an id that cannot be one, which no store should */
export function wellFormed(id: string): string {
  if (!/^[\w-]{1,64}$/.test(id)) throw new TypeError('malformed id');
  return id;
}
