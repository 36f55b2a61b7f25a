import {
  LogPositionLost,
  type NewRevocation,
  type Revocation,
  type RevocationLog,
  type RevocationReaders,
} from '../../src/index.js';

/** A reader that the log knows of: what it has read, and until when it is remembered. */
interface KnownReader {
  readonly position: string | null;
  readonly until: number;
}

/**
 * The backend of a log that several processes share, in memory. Each process has a {@link LogConnection} of its own. A position
 * is the number of an entry and of the log's life: those of an earlier life are lost.
 */
export class SharedLog {
  readonly entries: NewRevocation[] = [];
  readonly readers = new Map<string, KnownReader>();
  /** Every position from which a process began to read. */
  readonly reads: (string | null)[] = [];
  readonly connections = new Set<LogConnection>();
  #life = 1;

  /** Opens a process's connection. `withReaders`: whether the log knows who reads it. */
  connect({ withReaders = true }: { readonly withReaders?: boolean } = {}): LogConnection {
    const connection = new LogConnection(this, withReaders);
    this.connections.add(connection);
    return connection;
  }

  put(entry: NewRevocation): string {
    this.entries.push(entry);
    for (const connection of this.connections) connection.wake();
    return this.positionOf(this.entries.length);
  }

  /** Loses the last entries, as a failover to a replica that is behind does. */
  lose(count: number): void {
    this.entries.splice(this.entries.length - count, count);
    this.#life += 1;
    for (const connection of this.connections) connection.wake();
  }

  /** Drops the entries that have ended, as the cleaning of a log does. */
  sweep(now: number): void {
    const left = this.entries.filter(({ until }) => until === null || until >= now);
    this.entries.splice(0, this.entries.length, ...left);
    this.#life += 1;
  }

  get life(): number {
    return this.#life;
  }

  positionOf(number: number): string {
    return `${this.#life}.${number}`;
  }

  /** How many entries were before this position. */
  numberOf(position: string | null): number {
    if (position === null) return 0;
    const [life, number] = position.split('.').map(Number);
    if (life !== this.#life) throw new LogPositionLost();
    return number ?? 0;
  }

  after(position: string | null): Revocation[] {
    const start = this.numberOf(position);
    return this.entries.slice(start).map((entry, index) => ({ ...entry, seq: this.positionOf(start + index + 1) }));
  }

  behind(position: string): number {
    const number = this.numberOf(position);
    const alive = [...this.readers.values()].filter(({ until }) => until > Date.now());
    return alive.filter((reader) => numberIfKnown(this, reader.position) < number).length;
  }
}

function numberIfKnown(log: SharedLog, position: string | null): number {
  return position?.startsWith(`${log.life}.`) ? log.numberOf(position) : 0;
}

/** One process's connection to a {@link SharedLog}, whose delivery the test controls. */
export class LogConnection implements RevocationLog {
  readonly guarantee = 'log';
  readonly readers: RevocationReaders | undefined;
  /** How often it was asked to append, and to note what was read. */
  appends = 0;
  seen = 0;
  /** Whether calls about readers fail. */
  readersFail = false;
  readonly #log: SharedLog;
  readonly #wakers = new Set<() => void>();
  #isHeld = false;
  #isAppendHeld = false;
  #beats = 0;

  constructor(log: SharedLog, withReaders: boolean) {
    this.#log = log;
    this.readers = withReaders ? this.#makeReaders() : undefined;
  }

  /** From now on, this process reads nothing until `deliver`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Lets this process read what was held, and all that follows. */
  deliver(): void {
    this.#isHeld = false;
    this.beat();
  }

  /** From now on, nothing that this process appends gets to the log until `acceptAppends`. */
  holdAppends(): void {
    this.#isAppendHeld = true;
  }

  acceptAppends(): void {
    this.#isAppendHeld = false;
    this.wake();
  }

  /** Answers that there is nothing new. */
  beat(): void {
    this.#beats += 1;
    this.wake();
  }

  wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  async append(entry: NewRevocation): Promise<string> {
    this.appends += 1;
    while (this.#isAppendHeld) await this.#nextWake();
    return this.#log.put(entry);
  }

  async *read(after: string | null, signal: AbortSignal): AsyncGenerator<readonly Revocation[]> {
    const stop = (): void => this.wake();
    signal.addEventListener('abort', stop, { once: true });
    this.#log.reads.push(after);
    let position = after;
    let beats = this.#beats;
    let isFirst = true;
    while (!signal.aborted) {
      const batch = this.#isHeld ? [] : this.#log.after(position);
      if (batch.length > 0) {
        position = batch.at(-1)?.seq ?? position;
        yield batch;
      } else if (this.#isHeld || (!isFirst && beats === this.#beats)) {
        await this.#nextWake();
      } else {
        isFirst = false;
        beats = this.#beats;
        yield batch;
      }
    }
  }

  async close(): Promise<void> {}

  #makeReaders(): RevocationReaders {
    const answer = <Value>(act: () => Value): Promise<Value> =>
      this.readersFail ? Promise.reject(new Error('the readers are unknown')) : Promise.resolve().then(act);
    return {
      seen: (reader, position, life) =>
        answer(() => {
          this.seen += 1;
          this.#log.readers.set(reader, { position, until: Date.now() + life });
        }),
      left: (reader) => answer(() => void this.#log.readers.delete(reader)),
      behind: (position) => answer(() => this.#log.behind(position)),
    };
  }

  #nextWake(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakers.delete(wake);
        resolve();
      };
      this.#wakers.add(wake);
    });
  }
}
