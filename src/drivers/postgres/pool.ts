import type { Row } from '../shared/rows.js';

/** A query as `pg` takes it. */
export interface PostgresQuery {
  readonly text: string;
  /** The name of the prepared statement. It is prepared once per connection. */
  readonly name?: string;
  readonly values?: PostgresValue[];
  /** ms after which a query fails and its connection is given up, so that a Pool makes a new one. */
  readonly query_timeout: number;
}

/** The value of a parameter. */
export type PostgresValue = string | number | null;

/** The result of a statement. */
export interface PostgresResult {
  readonly rows: readonly Row[];
}

/** The part of a `pg` Pool or Client that the store uses. */
export interface PostgresPool {
  /** A text of several statements returns one result per statement. */
  query(query: PostgresQuery): Promise<PostgresResult | readonly PostgresResult[]>;
}
