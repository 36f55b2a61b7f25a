import type { Row } from '../shared/rows.js';

/** One query as `pg` takes it. */
export interface PostgresQuery {
  readonly text: string;
  /** What the statement is prepared under, once on each connection. */
  readonly name?: string;
  readonly values?: PostgresValue[];
  /** ms after which a connection that says nothing is given up, so that a Pool makes a new one. */
  readonly query_timeout: number;
}

/** What a parameter can be. */
export type PostgresValue = string | number | null;

/** What a statement gives. */
export interface PostgresResult {
  readonly rows: readonly Row[];
}

/** What a store needs of a database: a `pg` Pool, or a Client that is connected, has it. */
export interface PostgresPool {
  /** A text of several statements gives a result for each. */
  query(query: PostgresQuery): Promise<PostgresResult | readonly PostgresResult[]>;
}
