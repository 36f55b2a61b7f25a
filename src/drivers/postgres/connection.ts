import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '../../errors.js';
import { within } from '../../lib/deadline.js';
import { codeOf } from '../shared/failure.js';
import type { Row } from '../shared/rows.js';
import { fail } from './failure.js';
import type { PostgresPool, PostgresQuery, PostgresResult, PostgresValue } from './pool.js';
import type { Statement } from './statements.js';

/** Runs a statement and returns its rows; of several statements, those of the last one. */
export type Run = (statement: Statement, values: PostgresValue[]) => Promise<readonly Row[]>;

/**
 * How many statements that wait for the same row a process has under way. While one waits for a connection that has died, the other goes on. More
 * would only wait, each with a connection that the application needs.
 */
export const STATEMENTS_AT_ONCE = 2;
/** SQLSTATEs of a prepared statement that is missing, or exists already: behind a proxy, each query may use another connection. */
const NOT_PREPARED = ['26000', '42P05'];
/** SQLSTATEs of a statement that was rolled back because of others: common in databases with a stricter isolation than READ COMMITTED. */
const UNDONE = ['40001', '40P01'];
/** ms between attempts, at random: in step with another client, every attempt would be undone. */
const LONGEST_PAUSE = 10;

/** Runs operations on the application's Pool or Client, with a deadline. */
export class Connection {
  readonly #pool: PostgresPool;
  readonly #deadline: number;
  readonly #what: string;
  #prepares = true;
  #isClosed = false;

  /** `what`: the class that was closed, for the message. */
  constructor(pool: PostgresPool, deadline: number, what = 'PostgresStore') {
    this.#pool = pool;
    this.#deadline = deadline;
    this.#what = what;
  }

  /** @throws StoreUnavailable when PostgreSQL fails, after `deadline` ms, and after `close` */
  perform<Result>(work: (run: Run) => Promise<Result>, deadline: number = this.#deadline): Promise<Result> {
    if (this.#isClosed) return Promise.reject(new StoreUnavailable(`the ${this.#what} was closed`));
    const end = performance.now() + deadline;
    const run: Run = (statement, values) => this.#rows(statement, values, deadline, end);
    return this.inTime(work(run).catch(fail), deadline);
  }

  /** Settles as `work` does. @throws StoreUnavailable after `deadline` ms */
  inTime<Result>(work: Promise<Result>, deadline: number = this.#deadline): Promise<Result> {
    return within(deadline, 'PostgreSQL', work);
  }

  close(): void {
    this.#isClosed = true;
  }

  /**
   * Repeats a statement that was rolled back until the deadline of its operation, but none whose outcome is unknown. Another client that writes the same
   * row all the time can undo many attempts in a row.
   */
  async #rows(statement: Statement, values: PostgresValue[], deadline: number, end: number): Promise<readonly Row[]> {
    for (;;) {
      const query = this.#query(statement, values, deadline);
      try {
        return rowsOf(await this.#pool.query(query));
      } catch (error) {
        const isOver = this.#isClosed || performance.now() >= end;
        if (isOver || !this.#mayRepeat(query, codeOf(error))) throw error;
        await pause(Math.random() * LONGEST_PAUSE);
      }
    }
  }

  #query({ name, text }: Statement, values: PostgresValue[], deadline: number): PostgresQuery {
    return name === undefined || !this.#prepares
      ? { text, values, query_timeout: deadline }
      : { name, text, values, query_timeout: deadline };
  }

  #mayRepeat(query: PostgresQuery, code = ''): boolean {
    if (query.name === undefined || !NOT_PREPARED.includes(code)) return UNDONE.includes(code);
    this.#prepares = false;
    return true;
  }
}

function rowsOf(result: PostgresResult | readonly PostgresResult[]): readonly Row[] {
  return 'rows' in result ? result.rows : (result.at(-1)?.rows ?? []);
}
