import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { MemoryStore } from '../../drivers/memory/store.js';
import { ServerSession } from '../../session/server-session.js';
import type { SessionEventName } from '../../storage/events.js';
import { RevocationList } from '../../storage/revocation/revocation-list.js';
import { ServerSessionStorage } from '../../storage/server/server-session-storage.js';
import { SessionStorage } from '../../storage/token/session-storage.js';
import type {
  AdapterActivation,
  AdapterApp,
  AdapterData,
  AdapterResponse,
  AdapterServer,
  AdapterUser,
  InjectedApp,
} from '../adapter-app.js';
import { FakeClock } from '../fake-clock.js';
import { FaultyStore, type StoreOperation } from '../faulty-store.js';
import type { Gate } from '../gate.js';
import { type Asked, Client } from './client.js';
import { ROUTES, type Routes } from './routes.js';
import { askOverSocket } from './socket.js';
import { TurnLog } from './turn-log.js';

const NOW = 1_700_000_000_000;
const WEEK = 604_800_000;
/** ms for which a replaced sid still opens its session. */
export const GRACE = 10_000;
export const HOUR = 3_600_000;

/** Where the sessions of a case are: in tokens, whose end a log may have to acknowledge, or in a store. */
export type SessionKind = 'tokens' | 'tokens with a log' | 'store';

type Activation = Partial<AdapterActivation['options'] & Pick<AdapterActivation, 'only' | 'passive' | 'mount'>>;

/** What a case wants served. Default: one activation with a cookie. */
export interface World extends Activation {
  readonly routes?: Routes;
  readonly trustProxy?: boolean;
  /** Further activations, after the first. */
  readonly others?: readonly Activation[];
}

type Storage = SessionStorage<AdapterData, AdapterUser> | ServerSessionStorage<AdapterData, AdapterUser>;

/** Sessions of one kind and an application with them, on a clock that only the case moves. */
export class AdapterBench {
  readonly clock: FakeClock = new FakeClock(NOW);
  /** Of sessions in a store. */
  readonly store: FaultyStore = new FaultyStore(new MemoryStore());
  readonly storage: Storage;
  readonly #revocations: RevocationList;
  readonly #serve: (app: AdapterApp) => Promise<AdapterServer | InjectedApp>;
  readonly #served: AdapterServer[] = [];
  readonly #gates: Gate[] = [];

  constructor(kind: SessionKind, serve: (app: AdapterApp) => Promise<AdapterServer | InjectedApp>) {
    const { clock, store } = this;
    // A case begins before the log has answered, and moves the clock while it is silent.
    const shared = kind === 'tokens with a log' ? ({ log: new TurnLog(), whenStale: 'allow' } as const) : {};
    this.#revocations = new RevocationList({ clock, ...shared });
    const bounds = { clock, idleTimeout: WEEK, absoluteTimeout: 8 * WEEK };
    this.storage =
      kind === 'store'
        ? new ServerSessionStorage<AdapterData, AdapterUser>({ store, ...bounds })
        : new SessionStorage<AdapterData, AdapterUser>({
            jwtSecret: randomBytes(64),
            revocations: this.#revocations,
            ...bounds,
          });
    this.#serve = serve;
  }

  /** Serves an application. */
  async open(world: World = {}): Promise<Site> {
    const { routes, trustProxy = false, others = [], ...first } = world;
    const served = await this.#serve({
      activations: [first, ...others].map((one) => this.#activation(one)),
      routes: { ...ROUTES, ...routes },
      trustProxy,
    });
    this.#served.push(served);
    return new Site(served);
  }

  /** A sid that a client has: of a session with this data, signed in if there is a uid. */
  async issue(data: AdapterData = {}, uid?: string): Promise<string> {
    const session = await this.storage.create(data);
    if (uid !== undefined) session.setUser(uid);
    if (session instanceof ServerSession) await session.save();
    return session.forClient();
  }

  /** Whose session a sid opens. @throws SessionError if it opens none */
  async uidOf(sid: string | undefined): Promise<string | undefined> {
    return (await this.storage.get(sid, { touch: false })).uid;
  }

  /** Makes an operation of the store wait. */
  hold(operation: StoreOperation): Gate {
    const gate = this.store.hold(operation);
    this.#gates.push(gate);
    return gate;
  }

  /** The names of events of these kinds from now on. */
  eventsOf(...names: readonly SessionEventName[]): readonly string[] {
    const emitted: string[] = [];
    for (const name of names) this.storage.events.on(name, () => emitted.push(name));
    return emitted;
  }

  async close(): Promise<void> {
    await Promise.all(this.#served.map((one) => one.close()));
    this.store.heal();
    for (const gate of this.#gates) gate.release();
    await this.storage.close();
    await this.#revocations.close();
  }

  #activation({ only = () => true, passive = () => false, mount, ...options }: Activation): AdapterActivation {
    const defaults = { property: 'session', cookie: true, header: false, create: 'lazy', csrf: undefined } as const;
    return { options: { sessionStorage: this.storage, ...defaults, ...options }, only, passive, mount };
  }
}

/** A served application, as its clients see it. */
export class Site {
  readonly #server: AdapterServer | InjectedApp;

  constructor(server: AdapterServer | InjectedApp) {
    this.#server = server;
  }

  get url(): string {
    return this.#server.url;
  }

  get errors(): readonly unknown[] {
    return this.#server.errors;
  }

  ask(path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<AdapterResponse> {
    const request = { method, path, headers };
    return 'ask' in this.#server ? this.#server.ask(request) : askOverSocket(this.#server.url, request);
  }

  client(): Client {
    return new Client((path, asked) => this.ask(path, asked));
  }

  /** Who is signed in for a client that sends these headers; `null`: nobody. */
  async whoIs(headers: Readonly<Record<string, string>>): Promise<unknown> {
    return jsonOf(await this.ask('/look', { headers }), 'uid');
  }
}

/** The text of a response. */
export function textOf({ body }: AdapterResponse): string {
  return new TextDecoder().decode(body);
}

/** A property of a JSON response. */
export function jsonOf(response: AdapterResponse, name: string): unknown {
  const value: unknown = JSON.parse(textOf(response));
  assert.ok(typeof value === 'object' && value !== null, 'the response is no object');
  return Reflect.get(value, name);
}
