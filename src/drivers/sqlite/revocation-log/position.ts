import { StoreUnavailable } from '../../../errors.js';
import { rowsOf } from '../database.js';
import type { LogStatements } from './statements.js';

/** A place in a log: after the entry with this number. */
export interface Place {
  /** The id of the log. */
  readonly log: string;
  readonly seq: number;
}

const POSITION = /^([0-9a-f]{16})\.([1-9][0-9]{0,15})$/;

export function positionOf(log: string, seq: unknown): string {
  return `${log}.${seq}`;
}

/** `undefined` for what is no position of any log. */
export function placeOf(position: string): Place | undefined {
  const [, log, seq] = POSITION.exec(position) ?? [];
  return log === undefined ? undefined : { log, seq: Number(seq) };
}

/** The end of the log: after the last entry that it ever had. */
export function headOf({ head }: LogStatements): Place {
  const [row] = rowsOf(head);
  if (row === undefined) throw new StoreUnavailable('the revocation log has no id: its table was changed by hand');
  return { log: String(row['id']), seq: Number(row['last']) };
}
