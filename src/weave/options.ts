import { MemoryStore } from '../drivers/memory/store.js';
import { SHORTEST_CSRF_SECRET } from '../http/csrf/secrets.js';
import { FieldsRule } from '../lib/rules/fields.js';
import { kind, text } from '../lib/rules/kinds.js';
import { hasMethods, strictOptions } from '../lib/strict-options.js';
import type { LiveOptions, LiveStorage } from '../live/options.js';
import type { ServerSession } from '../session/server-session.js';
import { ServerSessionStorage } from '../storage/server/server-session-storage.js';
import type { OpenedSession, SessionSource } from '../storage/session-source.js';

/** A storage for `weaveSessions`: a ServerSessionStorage or a SessionStorage. */
export type WeaveStorage<Kind extends OpenedSession> = SessionSource<Kind> & LiveStorage;

/** Options of `weaveSessions`. */
export interface WeaveOptions<Kind extends OpenedSession = ServerSession> {
  /**
   * What CSRF tokens are signed with: 32 bytes or more. Default: a random one of this process, with a process warning (code
   * `SESSIONS_RANDOM_SECRET`). Tokens then end with the process, and other processes refuse them.
   */
  readonly csrfSecret?: string | Uint8Array | undefined;
  /**
   * What the auth cookie is signed with, HS512: 64 bytes or more; short ones cause a process warning (code `SESSIONS_SHORT_SECRET`).
   * Default: a random one of this process, with a process warning (code `SESSIONS_RANDOM_SECRET`).
   */
  readonly jwtSecret?: string | Uint8Array | undefined;
  /** Where sessions are kept. Default: a ServerSessionStorage with a MemoryStore, so that sessions end with the process. */
  readonly sessionStorage?: WeaveStorage<Kind> | undefined;
  /** The names of the cookies. Default: `weave-sid`, `weave-csrf` and `weave-auth`. With a prefix such as `__Host-`, give it to all of them. */
  readonly cookies?: Partial<WeaveCookies> | undefined;
  /** Whether browsers send the cookies over TLS only. Default `'auto'`: if the request came over TLS. */
  readonly secure?: boolean | 'auto' | undefined;
  /** Options of the live sessions, such as `bus`, which lets several processes work together. Default: none. */
  readonly live?: Omit<LiveOptions, 'sessionStorage'> | undefined;
}

/** Names of cookies. */
export interface WeaveCookies {
  /** The session id: random, and not readable by scripts. */
  readonly sid: string;
  /** The CSRF token, which scripts read. */
  readonly csrf: string;
  /** The signed identity, for other services: a JWT that scripts cannot read. */
  readonly auth: string;
}

/** The options, with their defaults. The storage and the secrets stand apart. */
export interface WeaveSettings {
  readonly cookies: WeaveCookies;
  readonly secure: boolean | 'auto';
  readonly live: Omit<LiveOptions, 'sessionStorage'>;
}

const CURE = 'create one with npx sessions-jwt secret';
const secret = kind(
  (given): given is string | Uint8Array => typeof given === 'string' || given instanceof Uint8Array,
  'expected a string or bytes',
);
const name = text().check((given) => given !== '', 'expected a name');

const COOKIES = new FieldsRule({
  sid: name.default('weave-sid'),
  csrf: name.default('weave-csrf'),
  auth: name.default('weave-auth'),
});

const OPTIONS = new FieldsRule({
  csrfSecret: secret
    .check(
      (given) => Buffer.byteLength(given) >= SHORTEST_CSRF_SECRET,
      `must have ${SHORTEST_CSRF_SECRET} bytes or more: ${CURE}`,
    )
    .optional(),
  jwtSecret: secret.check(({ length }) => length > 0, `must not be empty: ${CURE}`).optional(),
  sessionStorage: kind(
    (storage): storage is object => hasMethods(storage, 'get', 'commit', 'check'),
    'expected a ServerSessionStorage or a SessionStorage',
  ).optional(),
  cookies: COOKIES.default(COOKIES.defaults()),
  secure: kind(
    (given): given is boolean | 'auto' => typeof given === 'boolean' || given === 'auto',
    "expected true, false or 'auto'",
  ).default('auto'),
  live: kind(
    (live): live is Omit<LiveOptions, 'sessionStorage'> => Object(live) === live,
    'expected options of LiveSessions',
  ).default({}),
});

/** @throws TypeError that names the invalid option */
export function weaveSettings(options: unknown): WeaveSettings {
  return strictOptions('weaveSessions', OPTIONS, options, {
    secret: 'call it csrfSecret or jwtSecret',
    store: 'pass sessionStorage: new ServerSessionStorage({ store })',
    bus: 'pass live: { bus }',
  });
}

/** The storage that is used unless another one is given. */
export function defaultStorage(): ServerSessionStorage {
  return new ServerSessionStorage({ store: new MemoryStore() });
}
