import {
  type CommitResult,
  RevocationList,
  type RevokeOptions,
  type RevokeResult,
  type RevokeTarget,
  type ServerSessionStorageOptions,
  type SessionModel,
  type SessionRef,
  type SessionStorage,
  type SessionStorageOptions,
} from '../../src/index.js';
import type { SessionSource } from '../../src/storage/session-source.js';
import type { FakeClock } from '../../src/testing/fake-clock.js';
import { heldSid, serverBench } from './server-sessions.js';
import { bench, issuedBy } from './sessions.js';

const DAY = 24 * 60 * 60 * 1000;

type Plain = Record<string, unknown>;
type Checked = ReturnType<SessionStorage['check']>;

/** What every storage can do: at once where sessions are tokens, as a promise where they are in a store. */
export interface AnyStorage extends SessionSource<SessionModel>, Pick<SessionStorage, 'expiry' | 'errors'> {
  create(data?: Plain): SessionModel | Promise<SessionModel>;
  get(sid: unknown, options?: { readonly touch?: boolean }): SessionModel | Promise<SessionModel>;
  revoke(target: RevokeTarget, options?: RevokeOptions): Promise<RevokeResult>;
  delete(session: SessionModel | string): Promise<void>;
  check(ref: SessionRef): Checked | Promise<Checked>;
}

/** The options that every storage has, with one meaning. */
export type SharedOptions = Partial<
  Pick<SessionStorageOptions<Plain, Plain> & ServerSessionStorageOptions<Plain, Plain>, SharedName>
>;

type SharedName =
  | 'idleTimeout'
  | 'absoluteTimeout'
  | 'timeoutResolution'
  | 'rotationGrace'
  | 'onReuse'
  | 'sessionData'
  | 'userData'
  | 'migrate'
  | 'clock';

/** A storage that can end sessions, with the clock it goes by, which stands still until it is set. */
export interface Kit {
  readonly clock: FakeClock;
  readonly storage: AnyStorage;
  /** Another storage of the same sessions, as another process has it. */
  another(options?: SharedOptions): Omit<Kit, 'another'>;
}

/** A week idle and no other end, in both. */
const BOUNDS: SharedOptions = { idleTimeout: 7 * DAY, absoluteTimeout: null };

function tokenKit(options: SharedOptions = {}): Kit {
  const shared = { revocations: new RevocationList(), timeToLive: 0, ...BOUNDS };
  return {
    ...bench({ ...shared, ...options }),
    another: (others = {}) => bench({ ...shared, ...others }),
  };
}

function storeKit(options: SharedOptions = {}, revocations?: RevocationList): Kit {
  const shared = { revocations, ...BOUNDS };
  const { clock, store, storage } = serverBench({ ...shared, ...options });
  return { clock, storage, another: (others = {}) => serverBench({ ...shared, ...others, store }) };
}

/** For what holds of sessions wherever they are. */
export const kits: readonly [where: string, kit: (options?: SharedOptions) => Kit][] = [
  ['in a token', tokenKit],
  ['in a store', (options) => storeKit(options)],
  ['in a store beside a revocation list', (options) => storeKit(options, new RevocationList())],
];

/** The sid that the client has after a commit, which had this one before. */
export async function heldAfter(result: CommitResult | Promise<CommitResult>, before: string): Promise<string> {
  const settled = await result;
  return settled.outcome === 'issued' ? settled.sid : before;
}

/** The sid that takes the place of this one by a rotation. */
export async function rotated(storage: Pick<AnyStorage, 'get' | 'commit'>, sid: string): Promise<string> {
  return await issuedBy(storage.commit((await storage.get(sid)).rotate()));
}

/** Sids that clients hold, one for each of these users; undefined for nobody. */
export async function signedIn(storage: AnyStorage, ...uids: readonly (string | undefined)[]): Promise<string[]> {
  return await Promise.all(uids.map((uid) => heldSid(storage, {}, uid)));
}
