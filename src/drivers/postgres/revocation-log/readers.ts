import { LogPositionLost } from '../../../errors.js';
import { digestOf } from '../../../lib/digest.js';
import type { RevocationReaders } from '../../../ports/revocation-log.js';
import { positionIn } from '../../shared/log-position.js';
import type { Connection } from '../connection.js';
import type { RevocationStatements } from './statements.js';

/** Knows which processes have read what, by the clock of PostgreSQL. */
export class PostgresRevocationReaders implements RevocationReaders {
  readonly #connection: Connection;
  readonly #statements: RevocationStatements;

  constructor(connection: Connection, statements: RevocationStatements) {
    this.#connection = connection;
    this.#statements = statements;
  }

  async seen(reader: string, position: string | null, life: number): Promise<void> {
    const { log = null, entry = null } = positionIn(position ?? '') ?? {};
    const values = [digestOf(reader), log, entry && numberIn(entry), life];
    await this.#connection.perform((run) => run(this.#statements.seen, values));
  }

  async left(reader: string): Promise<void> {
    await this.#connection.perform((run) => run(this.#statements.left, [digestOf(reader)]));
  }

  /** @throws LogPositionLost when the position is of a log that is gone, and with it the readers */
  async behind(position: string): Promise<number> {
    const { log, entry } = positionIn(position) ?? {};
    if (log === undefined || entry === undefined) throw new LogPositionLost();
    const [row] = await this.#connection.perform((run) => run(this.#statements.behind, [log, numberIn(entry)]));
    if (row === undefined) throw new LogPositionLost();
    return Number(row['readers']);
  }
}

/** The number in the name of an entry, `<number>.<nonce>`. */
function numberIn(entry: string): string {
  return entry.slice(0, entry.indexOf('.'));
}
