import { rowsOf } from '../database.js';
import type { LogStatements } from './statements.js';

/**
 * The entries after a number: a line for each, with its name, a space and its text. SQLite joins the page to one text: this takes half of the time of a row
 * for each entry, and a process that starts reads all of them.
 */
export function pageOf(statements: LogStatements, after: number, limit: number): readonly string[] {
  const [row] = rowsOf(statements.page, after, limit);
  const count = Number(row?.['count']);
  if (count === 0) return [];
  const lines = String(row?.['entries']).split('\n');
  // An entry with a line feed was written by hand.
  return lines.length === count ? lines : rowsOf(statements.rows, after, limit).map(({ line }) => String(line));
}
