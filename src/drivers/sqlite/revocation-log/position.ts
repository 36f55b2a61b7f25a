import { LogPositionLost, StoreUnavailable } from '../../../errors.js';
import { rowsOf } from '../database.js';
import type { LogStatements } from './statements.js';

/** A place in a log: after an entry. */
export interface Place {
  /** The id of the log. */
  readonly log: string;
  /** The number of the entry, which is 0 at the beginning, and its random mark. Both together are its name. */
  readonly seq: number;
  readonly mark: number;
}

/** What a log says of itself. */
interface Head {
  readonly log: string;
  /** The last number that it has used. */
  readonly last: number;
}

const POSITION = /^([0-9a-f]{16})\.([1-9][0-9]{0,15})\.([0-9]{1,9})$/;

/** @param name `seq.mark` */
export function positionOf(log: string, name: string): string {
  return `${log}.${name}`;
}

/** `undefined` for what is no position of any log. */
export function placeOf(position: string): Place | undefined {
  const [, log, seq, mark] = POSITION.exec(position) ?? [];
  return log === undefined ? undefined : { log, seq: Number(seq), mark: Number(mark) };
}

export function headOf({ head }: LogStatements): Head {
  const [row] = rowsOf(head);
  if (row === undefined) throw new StoreUnavailable('the revocation log has no id: its table was changed by hand');
  return { log: String(row['id']), last: Number(row['last']) };
}

/**
 * Checks that a place is in this log, and that nothing was lost before it.
 * @throws LogPositionLost when the log has another id, ends before it, or has another entry there
 */
export function checkPlace({ log, seq, mark }: Place, head: Head, statements: LogStatements): void {
  // The entry may have been removed: its time has passed.
  const [row] = rowsOf(statements.mark, seq);
  const isSame = row === undefined || Number(row['mark']) === mark;
  if (log !== head.log || seq > head.last || !isSame) throw new LogPositionLost();
}
