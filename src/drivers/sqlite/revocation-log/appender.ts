import type { NewRevocation } from '../../../ports/revocation-log.js';
import { RETENTION } from '../../shared/newest-entry.js';
import { dueOf, textOfRevocation } from '../../shared/revocation-text.js';
import type { Connection } from '../connection.js';
import { rowsOf } from '../database.js';
import { headOf, positionOf } from './position.js';
import type { LogStatements } from './statements.js';

/** Entries per transaction. */
const MOST = 100;
/** Entries that a transaction removes. It is not less than it appends, so the log does not grow without end. */
const REMOVED = 100;

interface Waiting {
  readonly until: number | null;
  readonly text: string;
  resolve(position: string): void;
  reject(error: unknown): void;
}

/** Appends entries. Those that wait at the same time share a transaction, and so one wait for the disk. */
export class Appender {
  readonly #connection: Connection<LogStatements>;
  readonly #check: () => void;
  readonly #waiting: Waiting[] = [];
  #isWriting = false;

  /** @param check throws when the log must not be written */
  constructor(connection: Connection<LogStatements>, check: () => void) {
    this.#connection = connection;
    this.#check = check;
  }

  append(entry: NewRevocation): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ until: dueOf(entry), text: textOfRevocation(entry), resolve, reject });
      if (!this.#isWriting) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    // What is appended in the same turn joins.
    await undefined;
    while (this.#waiting.length > 0) {
      const known = this.#waiting.length;
      try {
        const positions = await this.#connection.end((statements) => this.#transaction(statements));
        for (const [at, { resolve }] of this.#waiting.splice(0, positions.length).entries())
          resolve(positions[at] ?? '');
      } catch (error) {
        // Those that came later have not waited as long.
        for (const { reject } of this.#waiting.splice(0, known)) reject(error);
      }
    }
    this.#isWriting = false;
  }

  #transaction(statements: LogStatements): string[] {
    this.#check();
    const { log } = headOf(statements);
    rowsOf(statements.remove, Date.now() - RETENTION, REMOVED);
    return this.#waiting.slice(0, MOST).map(({ until, text }) => {
      const [row] = rowsOf(statements.append, until, text);
      return positionOf(log, String(row?.['name']));
    });
  }
}
