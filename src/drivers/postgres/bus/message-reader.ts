import { StoreUnavailable } from '../../../errors.js';
import type { Row } from '../../shared/rows.js';
import { Connection } from '../connection.js';
import type { Statement } from '../statements.js';
import { DELIVERY, PAGE } from './message-statements.js';
import type { PostgresBusPool, PostgresListener } from './pool.js';

/** ms between two reads without a notification. They find what notifications do not tell, and a connection that broke silently. */
const BEAT = 1_000;
/** ms after the last read, from which on messages may have been removed before this process read them. */
const TOO_LATE = DELIVERY - 10_000;

/** What is reported. */
export interface MessageReaderEvents {
  /** Every message of the bus, of any topic, in the order of publication. */
  message(row: Row): void;
  missed(): void;
}

/**
 * Reads every message from the table. A notification says only that there is something to read. Without any, as through a proxy that shares
 * connections, messages arrive within about a second.
 */
export class MessageReader {
  readonly #pool: PostgresBusPool;
  readonly #deadline: number;
  readonly #listen: string;
  readonly #read: Statement;
  readonly #events: MessageReaderEvents;
  /** The connection that listens, and reads. */
  #client: PostgresListener | undefined;
  #connection: Connection | undefined;
  /** The number up to which everything was reported. */
  #seen = 0;
  #epoch: string | undefined;
  #lastRead = 0;
  #starting: Promise<void> | undefined;
  #reading: Promise<void> | undefined;
  #isDue = false;
  #beat: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(pool: PostgresBusPool, deadline: number, channel: string, read: Statement, events: MessageReaderEvents) {
    this.#pool = pool;
    this.#deadline = deadline;
    this.#listen = `LISTEN "${channel}"`;
    this.#read = read;
    this.#events = events;
  }

  /** Begins after the last message. @throws StoreUnavailable */
  start(): Promise<void> {
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined;
      this.#drop();
      throw error;
    });
    return this.#starting;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#beat);
    this.#drop();
  }

  async #start(): Promise<void> {
    await this.#open();
    const [row] = await this.#rows(Number.MAX_SAFE_INTEGER);
    this.#seen = Number(row?.['last']);
    this.#epoch = String(row?.['epoch']);
    this.#lastRead = performance.now();
    this.#beat ??= setInterval(() => this.#hint(), BEAT).unref();
    this.#hint();
  }

  /** Reads soon, and once more if it is reading already. Before the start is complete, it is not known from where to read. */
  #hint(): void {
    if (this.#isClosed || this.#beat === undefined) return;
    this.#isDue = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
      if (this.#isDue && !this.#isClosed && this.#connection !== undefined) this.#hint();
    });
  }

  async #readAll(): Promise<void> {
    try {
      if (this.#connection === undefined) await this.#open();
      while (this.#isDue && !this.#isClosed) {
        this.#isDue = false;
        const rows = await this.#rows(this.#seen);
        if (!this.#isClosed) this.#report(rows);
        if (rows.length === PAGE) this.#isDue = true;
      }
    } catch {
      // The next beat tries again.
      this.#isDue = false;
      this.#drop();
    }
  }

  #report(rows: readonly Row[]): void {
    const now = performance.now();
    const [{ epoch, last } = {}] = rows;
    const isOther = epoch !== this.#epoch || Number(last) < this.#seen;
    const isLate = now - this.#lastRead > TOO_LATE;
    this.#lastRead = now;
    if (isOther) {
      this.#epoch = String(epoch);
      this.#seen = Number(last);
    } else {
      for (const row of rows) {
        if (row['number'] === null) continue;
        this.#seen = Number(row['number']);
        this.#events.message(row);
      }
    }
    if (isOther || isLate) this.#events.missed();
  }

  #rows(after: number): Promise<readonly Row[]> {
    const connection = this.#connection;
    if (connection === undefined) throw new StoreUnavailable('the PostgresBus was closed');
    return connection.perform((run) => run(this.#read, [after]));
  }

  async #open(): Promise<void> {
    const client = await this.#checkOut();
    const lost = (): void => {
      if (this.#client !== client) return;
      this.#drop();
      this.#hint();
    };
    client.on('notification', () => {
      if (this.#client === client) this.#hint();
    });
    client.on('error', lost);
    client.on('end', lost);
    this.#client = client;
    this.#connection = new Connection(client, this.#deadline, 'PostgresBus');
    await this.#connection.perform((run) => run({ text: this.#listen }, []));
  }

  /** A pool without a free connection may answer late, or never. */
  async #checkOut(): Promise<PostgresListener> {
    const checkedOut = this.#pool.connect();
    let isLate = false;
    checkedOut.then(
      (client) => {
        if (isLate || this.#isClosed) client.release();
      },
      () => {},
    );
    const waiting = new Connection({ query: async () => ({ rows: [] }) }, this.#deadline, 'PostgresBus');
    try {
      const client = await waiting.perform(() => checkedOut);
      if (this.#isClosed) throw new StoreUnavailable('the PostgresBus was closed');
      return client;
    } catch (error) {
      isLate = true;
      throw error;
    }
  }

  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#connection = undefined;
    // Closed, because it listens: the pool must not give it to others.
    client?.release(true);
  }
}
