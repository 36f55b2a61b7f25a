import { LogPositionLost } from '../../../errors.js';
import type { RevocationReaders } from '../../../ports/revocation-log.js';
import type { Connection } from '../connection.js';
import { rowsOf } from '../database.js';
import { storedText } from '../text.js';
import { checkPlace, headOf, placeOf } from './position.js';
import type { LogStatements } from './statements.js';

/** Who reads a log, in a table beside it. */
export class SqliteReaders implements RevocationReaders {
  readonly #connection: Connection<LogStatements>;
  readonly #check: () => void;

  /** @param check throws when the log must not be used */
  constructor(connection: Connection<LogStatements>, check: () => void) {
    this.#connection = connection;
    this.#check = check;
  }

  async seen(reader: string, position: string | null, life: number): Promise<void> {
    const { log, seq } = (position === null ? undefined : placeOf(position)) ?? { log: '', seq: 0 };
    await this.#connection.write((statements) => {
      this.#check();
      const now = Date.now();
      rowsOf(statements.forget, now);
      rowsOf(statements.seen, storedText(reader), log, seq, Math.ceil(now + life));
    });
  }

  async left(reader: string): Promise<void> {
    await this.#connection.write((statements) => {
      this.#check();
      rowsOf(statements.left, storedText(reader));
    });
  }

  /** @throws LogPositionLost when the position is of another log: nobody knows who has seen it */
  async behind(position: string): Promise<number> {
    const place = placeOf(position);
    return await this.#connection.read((statements) => {
      this.#check();
      if (place === undefined) throw new LogPositionLost();
      checkPlace(place, headOf(statements), statements);
      const [row] = rowsOf(statements.behind, Date.now(), place.log, place.seq);
      return Number(row?.['behind']);
    });
  }
}
