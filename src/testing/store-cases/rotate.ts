import type { SessionRecord, Store } from '../../ports/store.js';
import type { CaseBench } from './bench.js';
import type { Chance } from './chance.js';

/**
 * Rotates a session as a session layer does: creates the new record, retires the old one, and deletes the new record when the old one is gone.
 */
export async function rotate(bench: CaseBench, store: Store, record: SessionRecord, chance: Chance): Promise<string> {
  const successor = bench.id();
  await store.create({ ...record, id: successor, version: 0 }, record.id);
  const tombstone = bench.tombstone(record.id, { successor });
  const outcome = await chance.soon(() => store.retire(record.id, record.version, tombstone));
  if (outcome !== 'ok') await store.delete(successor);
  return successor;
}
