import { rowsOf } from '../database.js';
import type { LogStatements } from './statements.js';

/** An entry as it is stored. */
export interface Stored {
  /** See `Place`. */
  readonly name: string;
  /** What its JSON text says; `undefined` for other text. */
  readonly json: unknown;
}

/**
 * The entries after a number. SQLite joins the page to one text, which is parsed as a whole: this takes half of the time of a row for each entry, and a
 * process that starts reads all of them.
 */
export function pageOf(statements: LogStatements, after: number, limit: number): readonly Stored[] {
  const [row] = rowsOf(statements.page, after, limit);
  const joined = parsed(`[${String(row?.['entries'] ?? '')}]`);
  // Text that is no JSON by itself may be part of some, but then it is not one value for each entry.
  if (Array.isArray(joined) && joined.length === 2 * Number(row?.['count'])) return pairsOf(joined);
  return rowsOf(statements.rows, after, limit).map(({ name, entry }) => ({
    name: String(name),
    json: parsed(String(entry)),
  }));
}

function pairsOf(joined: readonly unknown[]): readonly Stored[] {
  return Array.from({ length: joined.length / 2 }, (_, at) => ({
    name: String(joined[2 * at]),
    json: joined[2 * at + 1],
  }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
