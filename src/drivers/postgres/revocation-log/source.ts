import { StoreUnavailable } from '../../../errors.js';
import type { LogPage, LogSource } from '../../shared/follow-log.js';
import type { LogPosition } from '../../shared/log-position.js';
import type { Row } from '../../shared/rows.js';
import type { Connection } from '../connection.js';
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
    const [row] = await this.#connection.perform((run) => run(this.#statements.read, values));
    // Before `migrate` or the first append of a log whose tables were emptied.
    const { log, newest, isWhole, isStandby } = row === undefined ? NONE : headIn(row);
    if (isStandby) throw new StoreUnavailable('PostgreSQL failed: the server is a standby, which may lack revocations');
    if (!isWhole || (after !== undefined && after.log !== '' && after.log !== log)) return undefined;
    const text = String(row?.['entries'] ?? '');
    const lines = text === '' ? [] : text.split('\n');
    return { log, newest, lines, isFull: lines.length === PAGE };
  }

  async changed(): Promise<void> {
    await this.#remove();
    await this.#notifications.next(this.#heard, this.#signal);
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

const NONE = { log: '', newest: '', isWhole: true, isStandby: false };

function headIn(row: Row): typeof NONE {
  const newest = Number(row['last']) === 0 ? '' : `${row['last']}.${row['nonce']}`;
  return { log: String(row['log']), newest, isWhole: row['is_whole'] === true, isStandby: row['is_standby'] === true };
}

/** The number and the nonce in the name of an entry; 0 for none. */
export function partsOf(entry: string | undefined): PostgresValue[] {
  const [seq, nonce] = entry?.split('.') ?? [];
  return seq === undefined || nonce === undefined ? [0, 0] : [seq, nonce];
}
