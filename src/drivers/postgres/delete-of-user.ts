import { StoreUnavailable } from '../../errors.js';
import { type Row, textOrNull } from '../shared/rows.js';

/** The maximum number of passes in a row that ended nothing, because others changed the sessions. */
const FRUITLESS = 20;
/** The maximum number of sessions that one pass ends. */
const BATCH = 500;

/** Ends up to `most` sessions of a user, except those of the lineage `spared`. Returns a row for each session that it saw. */
export type Pass = (most: number, spared: string | null) => Promise<readonly Row[]>;

/**
 * Runs `pass` until `limit` sessions have ended or none is left, and returns their ids.
 *
 * A statement sees a snapshot: the database at the start of the statement. The exception is a row that it locks: there it sees the current row. A
 * rotation is two statements: `create` of the new record, then `retire` of the old one. Both can happen after a pass took its snapshot and before it
 * locked the old row. Then the pass finds a tombstone in place of the old record, and does not see the new one.
 *
 * So a pass reads sessions in its snapshot, and checks each again after it locked it. There are two cases:
 * - It is still a session of the user. It ends, and a `retire` that waits for the lock answers 'gone'.
 * - It was retired, deleted or given to another user since the snapshot. Then another pass follows. Its snapshot is later than that `retire`, so it contains
 *   the new record.
 *
 * No session is left when a pass sees fewer sessions than it may end, and ends each of them. Its snapshot contained all of the user's sessions. A rotation that
 * had retired its old record by then had created the new one before, so that record ended too. Any other rotation had its old record in the snapshot, or in that of
 * an earlier pass or call, and finds that it has ended. This depends on the last pass only, so a call with a limit may follow another at any time.
 *
 * `except` may be an id that is replaced between two passes. So the first pass looks up its lineage, and later passes use that.
 *
 * @throws StoreUnavailable when others change the sessions again and again
 */
export async function deleteOfUser(pass: Pass, limit: number): Promise<readonly string[]> {
  const ended: string[] = [];
  let spared: string | null = null;
  for (let fruitless = 0; fruitless < FRUITLESS; fruitless += 1) {
    const most = Math.min(BATCH, limit - ended.length);
    if (most <= 0) return ended;
    const seen = await pass(most, spared);
    const ids = seen.filter((row) => row['is_ended'] === true).map((row) => String(row['id']));
    ended.push(...ids);
    if (ids.length === seen.length && seen.length < most) return ended;
    if (ids.length > 0) fruitless = -1;
    spared ??= textOrNull(seen[0]?.['spared']);
  }
  throw new StoreUnavailable("the user's sessions kept changing: try again");
}
