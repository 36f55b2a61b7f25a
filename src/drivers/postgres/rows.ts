import { RowReader } from '../shared/rows.js';

/** Reads the rows of a PostgresStore's table. A reason is stored as JSON, because PostgreSQL's text cannot carry U+0000. */
export const rows: RowReader = new RowReader({
  body: String,
  reason: (value) => String(JSON.parse(String(value))),
});
