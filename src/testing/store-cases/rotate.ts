import type { SessionRecord, Store } from '../../ports/store.js';
import type { CaseBench } from './bench.js';
import type { Chance } from './chance.js';

/**
 * Gives a session a new id the way a session layer does: the new record first, and away with it when the old one is
 * gone.
 */
export async function rotate(bench: CaseBench, store: Store, record: SessionRecord, chance: Chance): Promise<string> {
  const successor = bench.id();
  await store.create({ ...record, id: successor, version: 0 }, record.id);
  const tombstone = bench.tombstone(record.id, { successor });
  const outcome = await chance.soon(() => store.retire(record.id, record.version, tombstone));
  if (outcome !== 'ok') await store.delete(successor);
  return successor;
}
