import { StoreUnavailable } from '../../errors.js';
import type { PostgresRow } from './pool.js';
import { textOrNull } from './rows.js';

/** Each pass but the last met a session that was changed during it. */
const PASSES = 20;

/**
 * Runs `pass` until no session can have slipped through, and gives the ids of those removed. One pass is enough unless someone
 * changes the user's sessions during it.
 *
 * A statement sees what was committed when it began, its snapshot; only a row that it locks it takes as it is by then. A rotation is two statements,
 * `create` of the new record and then `retire` of the old one, and both may come after the snapshot of a pass but before it has
 * locked the old row: it would find a tombstone, which stays, and never see the new record.
 *
 * Therefore a pass reads the user's sessions twice, in its snapshot and locked. One that is in both is removed; then `retire`, which waits for the lock,
 * finds nothing: 'gone'. One that is in the snapshot only was retired, or deleted, or given to another user, since the snapshot: then there is another
 * pass, whose snapshot is later than that, hence later than the `create` before it. A session that was retired before the snapshot
 * has its new record in the snapshot.
 *
 * The lineage to spare is the one found first, because that session may be rotated or ended between two passes.
 */
export async function deleteOfUser(
  pass: (spared: string | null) => Promise<readonly PostgresRow[]>,
): Promise<readonly string[]> {
  const removed: string[] = [];
  let spared: string | null = null;
  for (let count = 0; count < PASSES; count += 1) {
    const rows = await pass(spared);
    for (const row of rows) if (row['is_removed'] === true) removed.push(String(row['id']));
    const changed = rows.find((row) => row['is_removed'] !== true);
    if (changed === undefined) return removed;
    spared ??= textOrNull(changed['spared']);
  }
  throw new StoreUnavailable("the user's sessions kept changing");
}
