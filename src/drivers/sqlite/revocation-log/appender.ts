import type { NewRevocation } from '../../../ports/revocation-log.js';
import { RETENTION } from '../../shared/newest-entry.js';
import { lineOf, type RevocationLine } from '../../shared/revocation-text.js';
import { WriteGroups } from '../../shared/write-groups.js';
import type { Connection } from '../connection.js';
import { rowsOf } from '../database.js';
import { headOf, positionOf } from './position.js';
import type { LogStatements } from './statements.js';

/** Entries per transaction. */
const MOST = 100;
/** Entries that a transaction removes. It is not less than it appends, so the log does not grow without end. */
const REMOVED = 100;

/** Appends entries, each group in one transaction. */
export class Appender {
  readonly #connection: Connection<LogStatements>;
  readonly #check: () => void;
  readonly #groups = new WriteGroups<RevocationLine>({ atOnce: 1, most: MOST }, (lines) =>
    this.#connection.end((statements) => this.#transaction(statements, lines)),
  );

  /** @param check throws when the log must not be written */
  constructor(connection: Connection<LogStatements>, check: () => void) {
    this.#connection = connection;
    this.#check = check;
  }

  async append(entry: NewRevocation): Promise<string> {
    return await this.#groups.add(lineOf(entry));
  }

  #transaction(statements: LogStatements, lines: readonly RevocationLine[]): string[] {
    this.#check();
    const { log } = headOf(statements);
    rowsOf(statements.remove, Date.now() - RETENTION, REMOVED);
    return lines.map(({ due, text }) => {
      const [row] = rowsOf(statements.append, due, text);
      return positionOf(log, String(row?.['name']));
    });
  }
}
