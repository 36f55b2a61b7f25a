import { StoreUnavailable } from '../../errors.js';
import type { PostgresRow } from './pool.js';
import { textOrNull } from './rows.js';

/** Passes in a row that ended nothing, because others changed all that they saw. */
const FRUITLESS = 20;
/** Sessions that one pass ends. */
const BATCH = 500;

/** Ends up to `limit` of a user's sessions, sparing a lineage once it is known; gives a row for each that it saw. */
export type Pass = (limit: number, spared: string | null) => Promise<readonly PostgresRow[]>;

/**
 * Runs `pass` until `limit` sessions have ended, or until none is left, and returns their ids.
 *
 * A statement sees what was committed when it began, its snapshot; only a row that it locks it takes as it is by then. A rotation is two statements,
 * `create` of the new record and then `retire` of the old one, and both may come after the snapshot of a pass but before it has
 * locked the old row: the pass would find a tombstone, which stays, and never see the new record.
 *
 * Therefore a pass reads sessions in its snapshot, and reads the same ones again as it locks them. One that is still the user's then ends, and `retire`, which
 * waits for the lock, answers 'gone'. One that is not was retired, deleted or given to another user since the snapshot: then there is another
 * pass, whose snapshot is later than that, hence later than the `create` before it. None is left when a pass sees fewer than it may end, and ends them all:
 * a session that was retired before its snapshot has its new record in the snapshot.
 *
 * The lineage to spare is the one found first, because that session may be rotated or ended between two passes.
 */
export async function deleteOfUser(pass: Pass, limit: number): Promise<readonly string[]> {
  const ended: string[] = [];
  let spared: string | null = null;
  for (let fruitless = 0; fruitless < FRUITLESS; ) {
    const most = Math.min(BATCH, limit - ended.length);
    if (most <= 0) return ended;
    const rows = await pass(most, spared);
    const removed = rows.filter((row) => row['is_removed'] === true);
    for (const row of removed) ended.push(String(row['id']));
    if (removed.length === rows.length && rows.length < most) return ended;
    fruitless = removed.length === 0 ? fruitless + 1 : 0;
    spared ??= textOrNull(rows[0]?.['spared']);
  }
  throw new StoreUnavailable("the user's sessions kept changing");
}
