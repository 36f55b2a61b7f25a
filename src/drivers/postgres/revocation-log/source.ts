import { StoreUnavailable } from '../../../errors.js';
import { newId } from '../../../lib/id.js';
import type { LogPage, LogSource } from '../../shared/follow-log.js';
import type { LogPosition } from '../../shared/log-position.js';
import type { Row } from '../../shared/rows.js';
import type { Connection, Run } from '../connection.js';
import type { PostgresValue } from '../pool.js';
import type { Notifications } from './notifications.js';
import { BATCH, PAGE, type RevocationStatements } from './statements.js';

/** ms between two attempts to remove entries. */
const REST = 10_000;

/** Reads the log in one statement for each page, and removes old entries while there is nothing to read. */
export class PostgresLogSource implements LogSource {
  readonly #connection: Connection;
  readonly #statements: RevocationStatements;
  readonly #notifications: Notifications;
  readonly #signal: AbortSignal;
  /** The notifications at the time of the last page. */
  #heard = 0;
  /** A time of `performance.now()`. */
  #nextRemoval = 0;

  constructor(
    connection: Connection,
    statements: RevocationStatements,
    notifications: Notifications,
    signal: AbortSignal,
  ) {
    this.#connection = connection;
    this.#statements = statements;
    this.#notifications = notifications;
    this.#signal = signal;
  }

  async page(after: LogPosition | undefined, expected: readonly string[]): Promise<LogPage | undefined> {
    this.#heard = this.#notifications.count;
    const [one, other] = expected;
    const values = [...partsOf(after?.entry).slice(0, 1), ...partsOf(one), ...partsOf(other)];
    const row = await this.#connection.perform((run) => this.#read(run, values));
    const { log, newest, isWhole, isStandby } = headIn(row);
    if (isStandby) throw new StoreUnavailable('PostgreSQL failed: the server is a standby, which may lack revocations');
    if (!isWhole || (after !== undefined && after.log !== log)) return undefined;
    const text = String(row['entries']);
    const lines = text === '' ? [] : text.split('\n');
    return { log, newest, lines, isFull: lines.length === PAGE };
  }

  async changed(): Promise<void> {
    await this.#remove();
    await this.#notifications.next(this.#heard, this.#signal);
  }

  /** A log without its head is not empty: it gets another one, as after any loss, and readers start again. */
  async #read(run: Run, values: PostgresValue[]): Promise<Row> {
    let [row] = await run(this.#statements.read, values);
    if (row !== undefined) return row;
    await run(this.#statements.restoreHead, [newId()]);
    [row] = await run(this.#statements.read, values);
    if (row !== undefined) return row;
    throw new StoreUnavailable(
      'PostgreSQL failed: the revocation log has no head: the table that ends in _head has no row, and none can be inserted',
    );
  }

  async #remove(): Promise<void> {
    const now = performance.now();
    if (now < this.#nextRemoval) return;
    this.#nextRemoval = now + REST;
    try {
      const rows = await this.#connection.perform((run) => run(this.#statements.remove, []));
      if (rows.length === BATCH) this.#nextRemoval = 0;
    } catch {
      // A later attempt removes them.
    }
  }
}

interface Head {
  readonly log: string;
  readonly newest: string;
  readonly isWhole: boolean;
  readonly isStandby: boolean;
}

function headIn(row: Row): Head {
  const newest = Number(row['last']) === 0 ? '' : `${row['last']}.${row['nonce']}`;
  return { log: String(row['log']), newest, isWhole: row['is_whole'] === true, isStandby: row['is_standby'] === true };
}

/** The number and the nonce in the name of an entry; 0 for none. */
export function partsOf(entry: string | undefined): PostgresValue[] {
  const [seq, nonce] = entry?.split('.') ?? [];
  return seq === undefined || nonce === undefined ? [0, 0] : [seq, nonce];
}
