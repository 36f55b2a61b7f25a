import type { WireEvent } from '../live/wire-events.js';
import { backoff, LONGEST_ASKED, retryAfterOf } from './backoff.js';
import { BlockParser } from './block-parser.js';
import { readEvent } from './read-event.js';

/** What a stream is doing. */
export type StreamState = 'idle' | 'connecting' | 'open' | 'waiting';

/** What a {@link Stream} needs. */
export interface StreamOptions {
  /** Opens a connection. `last`: the position of the last event that was handled; empty at first. */
  readonly connect: (last: string, signal: AbortSignal) => Promise<Response>;
  /**
   * Handles an event. The next one is read when the promise has settled.
   * @param signal aborts with the connection; `undefined` if another tab reads the stream, and has fetched what was to be fetched
   * @param id the position of the event, if it has one
   */
  readonly handle: (event: WireEvent, signal: AbortSignal | undefined, id: string | undefined) => Promise<void>;
  /** The server has no session for this client, or has ended it. `isFinal`: there will be no other connection. */
  readonly end: (reason: string, isFinal: boolean) => void;
  /** The connection is lost, or could not be opened. Called at each attempt that fails; another one follows. */
  readonly lose: () => void;
  /** How long the server may be silent before the connection counts as lost, in ms. 0: for ever. */
  readonly silence: number;
}

/** The pause before a new connection until the server suggests one, in ms. */
const RETRY = 3_000;

/** How often the client asks for the session of another user: the response with its cookie may still be on its way. */
const CHANCES = 3;

/** Why there will be another connection, and when. */
interface Next {
  /** The pause that the server asks for, in ms. */
  readonly pause: number;
  /** Whether the server did not end the connection by an event. */
  readonly isLost: boolean;
}

const LOST: Next = { pause: 0, isLost: true };

/** A stream of events that survives lost connections: it resumes after the last event that was handled. */
export class Stream {
  readonly #options: StreamOptions;
  #connection: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = '';
  #retry = RETRY;
  /** How many attempts in a row have failed. */
  #attempt = 0;
  /** How often it asks again, since another session replaced the one of the last `open` event. */
  #chances = 0;
  #isOpen = false;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  get state(): StreamState {
    if (this.#timer !== undefined) return 'waiting';
    if (this.#connection === undefined) return 'idle';
    return this.#isOpen ? 'open' : 'connecting';
  }

  /** Connects now, unless a connection is open or being opened. */
  start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#connection === undefined) void this.#connect();
  }

  /** Disconnects. `start` resumes the stream. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.abort();
  }

  async #connect(): Promise<void> {
    const connection = new AbortController();
    this.#connection = connection;
    this.#isOpen = false;
    const next = await this.#follow(connection).catch(() => LOST);
    connection.abort();
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    if (next === undefined) return;
    const pause = next.isLost ? backoff(this.#retry, this.#attempt) : 0;
    this.#timer = setTimeout(() => this.start(), next.pause + pause);
    if (!next.isLost) return;
    this.#attempt += 1;
    this.#options.lose();
  }

  /** Follows one connection until it ends. Returns `undefined` if there will be no other one. */
  async #follow(connection: AbortController): Promise<Next | undefined> {
    const response = await this.#inTime(connection, this.#options.connect(this.#last, connection.signal));
    if (response.status === 204) return this.#ended('no session');
    if (response.status !== 200 || !isEventStream(response) || response.body === null) {
      return { pause: retryAfterOf(response.headers.get('Retry-After'), Date.now()), isLost: true };
    }
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const parser = new BlockParser();
    for (;;) {
      const { done, value } = await this.#inTime(connection, reader.read());
      if (done) return LOST;
      for (const { type, data, id, retry } of parser.parse(decoder.decode(value, { stream: true }))) {
        if (retry !== undefined) this.#retry = Math.min(retry, LONGEST_ASKED);
        const event = data === '' ? undefined : readEvent(type, data);
        if (event?.type === 'open') this.#opened();
        if (event !== undefined) await this.#options.handle(event, connection.signal, id);
        else if (data !== '') console.warn(`sessions-jwt: ignored a malformed or unknown event of type ${type}`);
        if (connection.signal.aborted) return undefined;
        this.#last = id ?? this.#last;
        if (event?.type === 'reconnect') return { pause: this.#retry, isLost: false };
        if (event?.type === 'end') return this.#ended(event.data.reason);
      }
    }
  }

  #opened(): void {
    this.#isOpen = true;
    this.#attempt = 0;
    this.#chances = 0;
  }

  /** After another user signed in, the cookie of this browser opens another session, so that another connection makes sense. */
  #ended(reason: string): Next | undefined {
    this.#last = '';
    const isWaiting = this.#chances > 0;
    if (isWaiting) this.#chances -= 1;
    else if (reason === 'superseded') this.#chances = CHANCES;
    const isFinal = this.#chances === 0;
    if (isFinal || !isWaiting) this.#options.end(reason, isFinal);
    return isFinal ? undefined : { pause: this.#retry * 2 ** (CHANCES - this.#chances), isLost: false };
  }

  /** Gives up a connection on which nothing arrives. */
  async #inTime<T>(connection: AbortController, step: Promise<T>): Promise<T> {
    const { silence } = this.#options;
    const timer = silence > 0 ? setTimeout(() => connection.abort(), silence) : undefined;
    try {
      return await step;
    } finally {
      clearTimeout(timer);
    }
  }
}

function isEventStream({ headers }: Response): boolean {
  return /^text\/event-stream\b/i.test(headers.get('Content-Type') ?? '');
}
