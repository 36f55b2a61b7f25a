import type { Sink } from '../ports/stream.js';
import type { SessionModel } from '../session/session.js';
import { topicsOf } from './topics.js';
import type { WireEvent } from './wire-events.js';

/** What was published this many heartbeats ago has been written. Then a heartbeat may repeat the position of that time. */
const SETTLED_AFTER = 2;

/** How a stream ends. */
export interface LastEvent {
  readonly event: Extract<WireEvent, { readonly type: 'end' | 'reconnect' }>;
  /** How long the client waits at most before it connects again: ms. */
  readonly pause: number;
}

/** What a process decides for each of its streams. */
export interface ConnectionSettings {
  /** How many bytes may wait for the client. */
  readonly limit: number;
  /** The decisions that streams wait for, see `Doubts`. */
  readonly doubts: { readonly newest: number; resolve(connection: Connection): void };
  /** Called once, when the stream is over for whatever reason. */
  onOver(connection: Connection): void;
}

/** One open stream: a tab of a session. */
export class Connection {
  readonly session: SessionModel<unknown, unknown>;
  readonly id: string;
  readonly lineage: string;
  readonly uid: string | undefined;
  /** Final once the stream has begun. */
  instance: string;
  /** The page that reads it; `undefined` for a client that names no pages. */
  readonly page: string | undefined;
  /** What it listens to. */
  readonly topics: readonly string[];
  /** ms timestamp. */
  readonly openedAt: number;
  /** When the session must be looked at again, at the latest: ms timestamp, or `Infinity`. */
  expires: number;
  /** How often in a row the session could not be checked. */
  unchecked = 0;
  /** Up to which decision of the process it is decided whether the stream ends: its number. */
  decided: number;
  /** Whether another process has a newer stream with its id. */
  hasMoved = false;
  /** Whether the process listens to the topics for it. */
  isListening = false;
  readonly #settings: ConnectionSettings;
  readonly #sink: Sink;
  /** What waits: until the head is sent, or for a client that does not keep up. `undefined`: nothing has to wait. */
  #waiting: Buffer[] | undefined = [];
  #waitingBytes = 0;
  #beats = 0;
  #quietBeats = 0;
  /** The ids of the events that were replayed: for some time, the bus may bring them again. */
  #replayed: ReadonlySet<string> | undefined;
  #hasBegun = false;
  #isOver = false;
  #isGone = false;
  #last: LastEvent | undefined;

  constructor(
    session: SessionModel<unknown, unknown>,
    { instance, page }: { readonly instance: string; readonly page: string | undefined },
    sink: Sink,
    openedAt: number,
    settings: ConnectionSettings,
  ) {
    this.session = session;
    this.id = session.id;
    this.lineage = session.lineage;
    this.uid = session.uid;
    this.instance = instance;
    this.page = page;
    this.topics = topicsOf(this);
    this.openedAt = openedAt;
    this.expires = session.getExpiry();
    this.#sink = sink;
    this.#settings = settings;
    this.decided = settings.doubts.newest;
  }

  /** Whether nothing is written any more, except the last event. Decides it first, if that is open. */
  get isOver(): boolean {
    this.#settings.doubts.resolve(this);
    return this.#isOver;
  }

  /** The last event of a stream that the server ended, whether or not it has been written. */
  get last(): LastEvent | undefined {
    return this.#last;
  }

  /**
   * Writes the first event, and what was missed, and then what waited for them, but nothing twice.
   * @param missed by event id
   */
  begin(open: Buffer, missed: ReadonlyMap<string, Buffer>): void {
    if (this.isOver) return;
    const first = [open, ...missed.values()];
    const waited = this.#waiting ?? [];
    this.#hasBegun = true;
    // What was missed does not count for the limit: a client that was cut for it would be cut again whenever it comes back.
    this.#passOn([...first, ...waited.filter((block) => !first.some((one) => one.equals(block)))]);
    if (missed.size > 0) this.#replayed = new Set(missed.keys());
  }

  /** Writes an event, unless it was replayed. If too much waits for the client already, the stream is cut. */
  write(block: Buffer, id?: string): void {
    if (id === undefined || !this.#replayed?.has(id)) this.#put(block);
  }

  /**
   * Shows that the stream is alive, unless events are under way.
   * @param comment for a stream that had an event a short time ago
   * @param position for others: tells the client from where to resume
   */
  beat(comment: Buffer, position: Buffer): void {
    this.#beats += 1;
    if (this.#beats > SETTLED_AFTER) this.#replayed = undefined;
    if (this.isOver || this.#waiting !== undefined) return;
    this.#quietBeats += 1;
    this.#pass(this.#quietBeats > SETTLED_AFTER ? position : comment);
  }

  /** From now on, nothing is written but the last event: call `finish` for that. Returns false if the stream was over already. */
  stop(last: LastEvent): boolean {
    if (this.isOver) return false;
    this.#isOver = true;
    this.#last = last;
    return true;
  }

  /** Ends the response with the bytes of the last event. A client that does not keep up does not get them. */
  finish(block: Buffer): void {
    if (this.#isGone) return;
    if (this.#hasBegun && this.#waiting !== undefined) {
      this.#sink.cut();
    } else if (this.#hasBegun) {
      this.#sink.write(block);
      this.#sink.end();
    }
    this.lose();
  }

  /** Ends the stream at once, without a word. */
  cut(): void {
    if (this.isOver) return;
    if (this.#hasBegun) this.#sink.cut();
    this.lose();
  }

  /** The client is gone, or is answered otherwise. */
  lose(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#isOver = true;
    this.#waiting = undefined;
    this.#settings.onOver(this);
  }

  #put(block: Buffer): void {
    if (this.isOver) return;
    this.#quietBeats = 0;
    if (this.#waiting === undefined) {
      this.#pass(block);
      return;
    }
    this.#waitingBytes += block.length;
    if (this.#waitingBytes > this.#settings.limit) this.cut();
    else this.#waiting.push(block);
  }

  /** Writes these until the client does not keep up. The others wait. Of them, no more counts for the limit than before. */
  #passOn(blocks: readonly Buffer[]): void {
    this.#waiting = undefined;
    const passed = blocks.findIndex((block) => !this.#pass(block));
    if (passed === -1) {
      this.#waitingBytes = 0;
      return;
    }
    const left = blocks.slice(passed + 1);
    this.#waiting = left;
    this.#waitingBytes = Math.min(this.#waitingBytes, sizeOf(left));
  }

  /** The client has read everything that was passed on. */
  #goOn(): void {
    const waited = this.#waiting ?? [];
    // First: if the stream turns out to be over, its last event may be written at once.
    this.#waiting = undefined;
    this.#passOn(this.isOver ? [] : waited);
  }

  /** Returns false if the client does not keep up. */
  #pass(block: Buffer): boolean {
    if (this.#sink.write(block)) return true;
    this.#waiting = [];
    this.#sink.onDrain(() => this.#goOn());
    return false;
  }
}

function sizeOf(blocks: readonly Buffer[]): number {
  return blocks.reduce((sum, { length }) => sum + length, 0);
}
