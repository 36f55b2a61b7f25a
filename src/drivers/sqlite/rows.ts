import { RowReader } from '../shared/rows.js';
import { readText } from './text.js';

/** Reads the rows of a SqliteStore's table. */
export const rows: RowReader = new RowReader({ body: readText, reason: readText });
