/**
 * Packages imported by a name that the compiler does not follow, and the types they have here. It would else find two
 * declarations of Express' `request.session`, one in src and one in dist, and iron-session's declarations, which
 * do not compile.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';

interface IronSession {
  getIronSession<Kind extends object>(
    request: IncomingMessage,
    response: ServerResponse,
    options: {
      readonly password: string;
      readonly cookieName: string;
      readonly cookieOptions: { readonly secure: boolean };
    },
  ): Promise<Kind & { save(): Promise<void> }>;
}

/** A store as express-session drives it, with callbacks. */
export interface PeerStore {
  get(sid: string, done: (error: unknown, session?: object | null) => void): unknown;
  set(sid: string, session: object, done: (error?: unknown) => void): unknown;
  touch(sid: string, session: object, done: (error?: unknown) => void): unknown;
}

interface ExpressSession {
  readonly default: {
    (options: {
      readonly secret: string;
      readonly resave: boolean;
      readonly saveUninitialized: boolean;
      readonly store?: PeerStore;
    }): RequestHandler;
    readonly MemoryStore: new () => PeerStore;
  };
}

interface ConnectRedis {
  readonly RedisStore: new (options: { readonly client: unknown }) => PeerStore;
}

interface ConnectPgSimple {
  default(
    session: ExpressSession['default'],
  ): new (options: {
    readonly pool: unknown;
    readonly createTableIfMissing: boolean;
    readonly pruneSessionInterval: false;
    readonly tableName: string;
  }) => PeerStore;
}

const OURS: string = 'sessions-jwt';
const OURS_FOR_EXPRESS: string = 'sessions-jwt/express';
const OURS_FOR_FASTIFY: string = 'sessions-jwt/fastify';
const SQLITE: string = 'sessions-jwt/sqlite';
const REDIS: string = 'sessions-jwt/redis';
const POSTGRES: string = 'sessions-jwt/postgres';
const IRON_SESSION: string = 'iron-session';
const EXPRESS_SESSION: string = 'express-session';
const CONNECT_REDIS: string = 'connect-redis';
const CONNECT_PG_SIMPLE: string = 'connect-pg-simple';

export const { MemoryStore, RevocationList, ServerSessionStorage, SessionStorage }: typeof import('../src/index.js') =
  await import(OURS);
export const { activateSessions }: typeof import('../src/adapters/express.js') = await import(OURS_FOR_EXPRESS);
export const { activateSessions: fastifySessions }: typeof import('../src/adapters/fastify.js') = await import(
  OURS_FOR_FASTIFY
);
export const { getIronSession }: IronSession = await import(IRON_SESSION);
export const { SqliteStore }: typeof import('../src/drivers/sqlite/index.js') = await import(SQLITE);
export const { RedisStore }: typeof import('../src/drivers/redis/index.js') = await import(REDIS);
export const { PostgresStore }: typeof import('../src/drivers/postgres/index.js') = await import(POSTGRES);
export const { default: expressSession }: ExpressSession = await import(EXPRESS_SESSION);
export const { RedisStore: ConnectRedisStore }: ConnectRedis = await import(CONNECT_REDIS);
const { default: connectPgSimple }: ConnectPgSimple = await import(CONNECT_PG_SIMPLE);
export const ConnectPgStore: ReturnType<ConnectPgSimple['default']> = connectPgSimple(expressSession);
