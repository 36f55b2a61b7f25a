/**
 * Packages imported by a name that the compiler does not follow, and the types they have here. It would else find two
 * declarations of Express' `request.session`, one in src and one in dist, and iron-session's declarations, which
 * do not compile.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { MiddlewareHandler } from 'hono';
import type Koa from 'koa';

interface IronSession {
  getIronSession<Kind extends object>(
    request: IncomingMessage | Request,
    response: ServerResponse | Response,
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

interface HonoSession {
  useSession(options: { readonly secret: string }): MiddlewareHandler;
}

interface KoaSession {
  default(options: { readonly key: string; readonly signed: boolean }, app: Koa): Koa.Middleware;
}

interface HonoServer {
  createAdaptorServer(options: { fetch(request: Request, env: object): Response | Promise<Response> }): Server;
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
const OURS_FOR_HONO: string = 'sessions-jwt/hono';
const OURS_FOR_KOA: string = 'sessions-jwt/koa';
const OURS_FOR_FETCH: string = 'sessions-jwt/fetch';
const SQLITE: string = 'sessions-jwt/sqlite';
const REDIS: string = 'sessions-jwt/redis';
const POSTGRES: string = 'sessions-jwt/postgres';
const IRON_SESSION: string = 'iron-session';
const HONO_SESSION: string = '@hono/session';
const HONO_SERVER: string = '@hono/node-server';
const KOA_SESSION: string = 'koa-session';
const EXPRESS_SESSION: string = 'express-session';
const CONNECT_REDIS: string = 'connect-redis';
const CONNECT_PG_SIMPLE: string = 'connect-pg-simple';

export const { MemoryStore, RevocationList, ServerSessionStorage, SessionStorage }: typeof import('../src/index.js') =
  await import(OURS);
export const { activateSessions }: typeof import('../src/adapters/express.js') = await import(OURS_FOR_EXPRESS);
export const { activateSessions: fastifySessions }: typeof import('../src/adapters/fastify.js') = await import(
  OURS_FOR_FASTIFY
);
export const { activateSessions: honoSessions }: typeof import('../src/adapters/hono.js') = await import(OURS_FOR_HONO);
export const { activateSessions: koaSessions }: typeof import('../src/adapters/koa.js') = await import(OURS_FOR_KOA);
export const { activateSessions: fetchSessions }: typeof import('../src/adapters/fetch.js') = await import(
  OURS_FOR_FETCH
);
export const { useSession }: HonoSession = await import(HONO_SESSION);
export const { createAdaptorServer }: HonoServer = await import(HONO_SERVER);
export const { default: koaSession }: KoaSession = await import(KOA_SESSION);
export const { getIronSession }: IronSession = await import(IRON_SESSION);
export const { SqliteStore }: typeof import('../src/drivers/sqlite/index.js') = await import(SQLITE);
export const { RedisStore }: typeof import('../src/drivers/redis/index.js') = await import(REDIS);
export const { PostgresStore }: typeof import('../src/drivers/postgres/index.js') = await import(POSTGRES);
export const { default: expressSession }: ExpressSession = await import(EXPRESS_SESSION);
export const { RedisStore: ConnectRedisStore }: ConnectRedis = await import(CONNECT_REDIS);
const { default: connectPgSimple }: ConnectPgSimple = await import(CONNECT_PG_SIMPLE);
export const ConnectPgStore: ReturnType<ConnectPgSimple['default']> = connectPgSimple(expressSession);
