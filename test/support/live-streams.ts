import { createParser } from 'eventsource-parser';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import {
  MemoryStore,
  RevocationList,
  ServerSessionStorage,
  type SessionModel,
  SessionStorage,
  type SessionStorageOptions,
} from '../../src/index.js';
import {
  type Bus,
  type LiveOptions,
  LiveSessions,
  type LiveStorage,
  type Sink,
  type StreamHead,
} from '../../src/live/index.js';
import type { AnyStorage } from './kits.js';
import { heldSid } from './server-sessions.js';
import { SECRET } from './sessions.js';

/** An event as a client parses it; the data of this package's events are JSON. */
export interface Received {
  readonly type: string | undefined;
  readonly data: unknown;
  readonly id: string | undefined;
}

/** A response that a stream is written to, and its client. */
export class ClientOfStream implements Sink {
  head: StreamHead | undefined;
  /** What the client read, in order. */
  readonly events: Received[] = [];
  readonly retries: number[] = [];
  /** Everything that was written, as text. */
  text = '';
  /** How the server ended the response; `undefined` while it goes on. */
  ended: 'end' | 'cut' | undefined;
  /** Whether the client reads. While it does not, `write` returns false. */
  isReading = true;
  lastId: string | undefined;
  #drained: () => void = () => undefined;
  #closed: () => void = () => undefined;
  readonly #parser = createParser({
    onEvent: ({ event, data, id }) => this.events.push({ type: event, data: JSON.parse(data), id }),
    onRetry: (ms) => this.retries.push(ms),
  });

  begin(head: StreamHead): void {
    this.head = head;
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.ended !== undefined) throw new Error('written after the end');
    const text = Buffer.from(chunk).toString();
    this.text += text;
    this.lastId = /^id: (.*)$/m.exec(text)?.[1] ?? this.lastId;
    this.#parser.feed(text);
    return this.isReading;
  }

  onDrain(callback: () => void): void {
    this.#drained = callback;
  }

  onClose(callback: () => void): void {
    this.#closed = callback;
  }

  end(): void {
    this.ended ??= 'end';
    this.#closed();
  }

  cut(): void {
    this.ended ??= 'cut';
    this.#closed();
  }

  /** The client reads all that waits, and goes on reading. */
  resume(): void {
    this.isReading = true;
    this.drain();
  }

  /** The client reads what was written. */
  drain(): void {
    this.#drained();
  }

  /** The client goes away. */
  leave(): void {
    this.ended ??= 'cut';
    this.#closed();
  }

  get status(): number | undefined {
    return this.head?.status;
  }

  /** The types of the events. */
  get types(): (string | undefined)[] {
    return this.events.map(({ type }) => type);
  }

  /** The data of the last event. */
  get last(): unknown {
    return this.events.at(-1)?.data;
  }

  /** The instance id that the first event named. */
  get instance(): string {
    return String(Reflect.get(Object(this.events[0]?.data), 'instance'));
  }

  /** What the first event called the session. */
  get session(): string {
    return String(Reflect.get(Object(this.events[0]?.data), 'session'));
  }
}

/** How a stream is asked for. */
export interface Asking {
  readonly instance?: string | undefined;
  readonly page?: string | undefined;
  readonly previous?: string | undefined;
  /** The id of the last event. */
  readonly last?: string | undefined;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
}

type Plain = Record<string, unknown>;

/** A storage of either kind, as these tests use it. */
export type EitherStorage = AnyStorage & LiveStorage;

/** A process with live sessions. */
export interface LiveProcess {
  readonly storage: EitherStorage;
  readonly live: LiveSessions;
  /** Opens a stream for a sid, or for a session. */
  ask(session: string | SessionModel | undefined, asking?: Asking): Promise<ClientOfStream>;
  /** The sid of a new session. */
  signIn(uid?: string): Promise<string>;
}

/** The options of storages that these tests vary. */
export type StorageLimits = Pick<
  SessionStorageOptions<Plain, Plain>,
  'idleTimeout' | 'absoluteTimeout' | 'rotationGrace'
>;

const HOUR = 3_600_000;

/** The two kinds of storages, each as `make(limits)`. */
export const STORAGES: readonly (readonly [
  name: string,
  make: (limits?: StorageLimits, store?: MemoryStore) => EitherStorage,
])[] = [
  [
    'a token',
    (limits = {}) =>
      new SessionStorage<Plain, Plain>({
        jwtSecret: SECRET,
        revocations: new RevocationList(),
        idleTimeout: HOUR,
        timeToLive: 0,
        ...limits,
      }),
  ],
  [
    'a store',
    (limits = {}, store = new MemoryStore()) =>
      new ServerSessionStorage<Plain, Plain>({ store, sweepInterval: null, idleTimeout: HOUR, ...limits }),
  ],
];

/** A process over a storage. */
export function processOf(storage: EitherStorage, options: Omit<LiveOptions, 'sessionStorage'> = {}): LiveProcess {
  const live = new LiveSessions({ sessionStorage: storage, ...options });
  return {
    storage,
    live,
    async ask(session, { last, method = 'GET', headers = {}, ...names } = {}) {
      const client = new ClientOfStream();
      const query = Object.entries(names).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
      await live.open(
        {
          session: typeof session === 'string' ? await storage.get(session, { touch: false }) : session,
          method,
          headers: { ...headers, ...(last === undefined ? {} : { 'last-event-id': last }) },
          url: query.length === 0 ? '/live' : `/live?${query.join('&')}`,
        },
        client,
      );
      return client;
    },
    signIn: (uid = 'ann') => heldSid(storage, {}, uid),
  };
}

/** Time that stands still until a test lets it pass, for Date and all that live sessions wait for. */
export function stillTime(now: number): SinonFakeTimers {
  return useFakeTimers({ now, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
}

/** Lets what was begun go on until it waits for something outside the process. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A bus as other processes share it: what it says of its reach is all that differs. */
export function sharedBus(bus: Bus): Bus {
  return new Proxy(bus, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name === 'reach') return 'instances';
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
