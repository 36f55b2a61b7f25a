import {
  RevocationList,
  ServerSession,
  type ServerSessionStorage,
  type SessionModel,
  type SessionStorage,
  type SessionStorageOptions,
  type Store,
} from '../../src/index.js';
import type { SessionSource } from '../../src/storage/session-source.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { AsyncSource } from './async-source.js';
import { eventsBesidesLoaded } from './events.js';
import { serverBench } from './server-sessions.js';
import { bench } from './sessions.js';
import { NOW } from './token-fixtures.js';

/** What the tests keep in sessions. */
export interface ShopData {
  count?: number;
  text?: string;
}

export interface ShopUser {
  name?: string;
}

/** A session of any kind: what the HTTP side does is the same for all. */
export type ShopSession = SessionModel<ShopData, ShopUser>;
export type ShopStorage = SessionStorage<ShopData, ShopUser> | ServerSessionStorage<ShopData, ShopUser>;

/** Where sessions come from: tokens, at once; tokens, as promises and a turn of the event loop later; a MemoryStore. */
export type SourceMode = 'synchronous' | 'asynchronous' | 'server-side';
export const sourceModes: readonly SourceMode[] = ['synchronous', 'asynchronous', 'server-side'];

type Passed =
  | 'timeToLive'
  | 'ttlType'
  | 'idleTimeout'
  | 'absoluteTimeout'
  | 'timeoutResolution'
  | 'revocations'
  | 'sessionData';

export interface ShopOptions extends Partial<Pick<SessionStorageOptions<ShopData, ShopUser>, Passed>> {
  readonly mode?: SourceMode;
  readonly clock?: FakeClock;
  /** Whether the source can be held up and made to fail, see {@link AsyncSource}; always so when it is asynchronous. */
  readonly held?: boolean;
  /** Where sessions are kept that are kept in a store. Default: a MemoryStore of their own. */
  readonly store?: Store;
}

/** Sessions of one kind with everything around them, on a clock that stands still. */
export class Shop {
  readonly clock: FakeClock;
  readonly storage: ShopStorage;
  /** What goes between an adapter and the storage when it is held. */
  readonly source: AsyncSource<ShopSession>;
  /** What adapters are given: the storage, or the source. */
  readonly sessionStorage: SessionSource<ShopSession>;
  /** What the storage told since, but for what `issue` did. */
  readonly told: [name: string, event: unknown][];

  constructor({ mode = 'synchronous', clock = new FakeClock(NOW), held = false, ...options }: ShopOptions = {}) {
    this.clock = clock;
    this.storage = mode === 'server-side' ? serverStorage(clock, options) : tokenStorage(clock, options);
    this.source = new AsyncSource<ShopSession>(this.storage);
    this.sessionStorage = held || mode === 'asynchronous' ? this.source : this.storage;
    this.told = eventsBesidesLoaded(this.storage);
  }

  get toldNames(): readonly string[] {
    return this.told.map(([name]) => name);
  }

  pass(ms: number): void {
    this.clock.advance(ms);
  }

  /** A sid that some client holds: of a session with this data, signed in when there is a uid. */
  async issue(data: ShopData = {}, uid?: string): Promise<string> {
    const { length } = this.told;
    const session = await this.storage.create(data);
    if (uid !== undefined) session.setUser(uid);
    if (session instanceof ServerSession) await session.save();
    this.told.splice(length);
    return session.forClient();
  }
}

/** Revocations are in memory. */
function tokenStorage(clock: FakeClock, options: ShopOptions): ShopStorage {
  return bench<ShopData, ShopUser>({ clock, revocations: new RevocationList({ clock }), ...options }).storage;
}

/** With the bounds that tokens have: one on the last access, by default, and none on the whole life. */
function serverStorage(clock: FakeClock, { timeToLive, ttlType, ...options }: ShopOptions): ShopStorage {
  const idleTimeout = timeToLive === 0 ? null : timeToLive;
  return serverBench<ShopData, ShopUser>({ clock, absoluteTimeout: null, idleTimeout, ...options }).storage;
}
