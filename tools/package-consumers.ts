/** A program that tools/check-package.ts compiles against the installed package. */
export interface Consumer {
  readonly file: string;
  /** Whether it compiles only where the optional peers and their types are installed. */
  readonly needsPeers: boolean;
  readonly text: string;
}

export const consumers: readonly Consumer[] = [
  {
    file: 'core.ts',
    needsPeers: false,
    text: `
import { RevocationList, type Session, SessionExpired, SessionNotFound, SessionStorage } from 'sessions-jwt';
import { z } from 'zod';

const storage = new SessionStorage({
  jwtSecret: 'a secret of at least sixty-four bytes, as RFC 7518 section 3.2 asks for HS512',
  idleTimeout: 1_800_000,
  absoluteTimeout: null,
  sessionData: z.object({ cart: z.array(z.string()).default([]) }),
  revocations: new RevocationList(),
});

export function add(sid: string, item: string): string {
  const session = storage.get(sid);
  session.sessionData.cart.push(item);
  // @ts-expect-error the schema has no such key
  session.sessionData.basket;
  const uid: string | undefined = session.uid;
  return session.save().forClient() + (uid ?? '');
}

export async function end(session: Session<{ cart: string[] }>): Promise<'process' | 'log' | 'instances'> {
  return (await storage.revoke(session, { reason: 'signed out' })).guarantee;
}

export function explain(error: unknown): string {
  if (error instanceof SessionExpired) return error.reason satisfies 'idle' | 'absolute' | 'update';
  return error instanceof SessionNotFound ? error.code : 'another error';
}

// @ts-expect-error no such option
new SessionStorage({ jwtSecret: 'secret', timeToLife: 1 });
`,
  },
  {
    file: 'application.ts',
    needsPeers: true,
    text: `
import express from 'express';
import { SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/express';

declare module 'sessions-jwt' {
  interface Register {
    data: { visits?: number };
    user: { name: string };
  }
}

const app = express();
const sessions = activateSessions({ sessionStorage: new SessionStorage({ jwtSecret: 'secret' }), cookie: 'sid', header: true });

app.use(sessions);
app.get('/', (request, response) => {
  const session = sessions.of(request);
  const visits: number = (session?.sessionData.visits ?? 0) + 1;
  session?.set('sessionData', { visits });
  response.json({ visits, name: session?.userData.name });
});
`,
  },
  {
    file: 'fastify.ts',
    needsPeers: true,
    text: `
import Fastify from 'fastify';
import { SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/fastify';

const app = Fastify();
app.register(activateSessions, { sessionStorage: new SessionStorage({ jwtSecret: 'secret' }), cookie: 'sid' });
app.get('/', async (request) => ({ uid: request.session.uid, isSame: app.sessions.of(request) === request.session }));
`,
  },
  {
    file: 'handler.ts',
    needsPeers: false,
    text: `
import { MemoryStore, type ServerSession, ServerSessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/fetch';

const sessionStorage = new ServerSessionStorage({ store: new MemoryStore() });
const sessions = activateSessions({ sessionStorage, cookie: true, only: (request) => request.method !== 'TRACE' });

export const plain: (request: Request) => Promise<Response> = sessions((request, { session }) => {
  session satisfies ServerSession;
  sessions.of(request) satisfies ServerSession;
  return Response.json({ uid: session.uid });
});
export const routed = sessions<{ params: Promise<{ id: string }> }>(async (_request, { params, session }) => {
  return Response.json({ id: (await params).id, uid: session.uid });
});
// @ts-expect-error the parameters are missing
void routed(new Request('http://localhost/'));

const named = activateSessions({ sessionStorage, cookie: true, create: 'never', property: 'visit' });
named((_request, { visit }) => Response.json({ uid: visit?.uid }));
// @ts-expect-error there may be none
named((_request, { visit }) => Response.json({ uid: visit.uid }));
`,
  },
  {
    file: 'koa-and-hono.ts',
    needsPeers: true,
    text: `
import { Hono } from 'hono';
import Koa from 'koa';
import { type Session, SessionStorage } from 'sessions-jwt';
import { activateSessions as activateHono } from 'sessions-jwt/hono';
import { activateSessions as activateKoa } from 'sessions-jwt/koa';

const sessionStorage = new SessionStorage({ jwtSecret: 'secret' });
const koa = new Koa();
koa.use(activateKoa({ sessionStorage, cookie: true, only: (ctx) => ctx.path !== '/health' }));
koa.use((ctx) => {
  ctx.session satisfies Session;
  ctx.body = ctx.session.uid;
});

const hono = new Hono();
hono.use(activateHono({ sessionStorage, cookie: true, only: (c) => c.req.path !== '/health' }));
hono.get('/', (c) => {
  c.get('session') satisfies Session;
  return c.json({ uid: c.var.session.uid });
});
`,
  },
  {
    file: 'service.ts',
    needsPeers: true,
    text: `
import { Controller, Service } from 'sessions-jwt/foxx';

export async function load(): Promise<object> {
  return (await Service.load('./manifest.json', { configuration: {}, dependencies: {} })).router;
}
Controller satisfies new (...args: never[]) => object;
`,
  },
  {
    file: 'server-side.ts',
    needsPeers: false,
    text: `
import { MemoryStore, type ServerSession, ServerSessionStorage, type SessionInfo, type Store } from 'sessions-jwt';
import { z } from 'zod';

const storage = new ServerSessionStorage({
  store: new MemoryStore(),
  idleTimeout: 1_800_000,
  absoluteTimeout: null,
  sessionData: z.object({ cart: z.array(z.string()).default([]) }),
});

export async function add(sid: string, item: string): Promise<readonly SessionInfo[]> {
  const session = await storage.get(sid);
  await session.update((data) => {
    data.cart.push(item);
    // @ts-expect-error the schema has no such key
    data.basket;
  });
  // @ts-expect-error it may be that nobody is signed in
  await storage.listOfUser(session.uid);
  return session.uid === undefined ? [] : await storage.listOfUser(session.uid, { current: session });
}

export async function end(session: ServerSession<{ cart: string[] }>): Promise<number | undefined> {
  return (await storage.revoke(session, { reason: 'signed out' })).ended;
}

// @ts-expect-error a store has all of its operations
new ServerSessionStorage({ store: { load: async () => undefined } satisfies Partial<Store> });
`,
  },
  {
    file: 'stores.ts',
    needsPeers: false,
    text: `
import { ServerSessionStorage, type Store } from 'sessions-jwt';
import { type PostgresPool, PostgresStore } from 'sessions-jwt/postgres';
import { type RedisClient, RedisStore } from 'sessions-jwt/redis';
import { type SqliteDatabase, SqliteStore } from 'sessions-jwt/sqlite';

export function stores(client: RedisClient, pool: PostgresPool, database: SqliteDatabase): readonly Store[] {
  return [
    new SqliteStore({ database, table: 'sessions', deadline: 500 }),
    new RedisStore({ client, prefix: 'app:', deadline: 500 }),
    new PostgresStore({ pool, table: 'app.sessions' }),
  ];
}

export async function open(database: SqliteDatabase): Promise<ServerSessionStorage> {
  const store = new SqliteStore({ database });
  await store.migrate();
  // @ts-expect-error no such option
  new SqliteStore({ database, size: 1 });
  return new ServerSessionStorage({ store });
}

// @ts-expect-error this is no database
new SqliteStore({ database: {} });
// @ts-expect-error this is no client
new RedisStore({ client: { get: () => 'value' } });
// @ts-expect-error nor is this a pool
new PostgresStore({ pool: {} });
`,
  },
  {
    file: 'clients.ts',
    needsPeers: true,
    text: `
import { DatabaseSync } from 'node:sqlite';
import BetterSqlite3 from 'better-sqlite3';
import { Cluster, Redis } from 'ioredis';
import Libsql from 'libsql';
import pg from 'pg';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';
import { PostgresBus, PostgresRevocationLog, PostgresStore } from 'sessions-jwt/postgres';
import { RedisBus, RedisRevocationLog, RedisStore } from 'sessions-jwt/redis';
import { SqliteStore } from 'sessions-jwt/sqlite';

export const stores = [
  new SqliteStore({ database: new DatabaseSync('sessions.sqlite') }),
  new SqliteStore({ database: new BetterSqlite3('sessions.sqlite') }),
  new SqliteStore({ database: new Libsql('sessions.sqlite') }),
  new RedisStore({ client: createClient() }),
  new RedisStore({ client: createClientPool() }),
  new RedisStore({ client: createCluster({ rootNodes: [] }) }),
  new RedisStore({ client: createSentinel({ name: 'one', sentinelRootNodes: [] }) }),
  new RedisStore({ client: new Redis() }),
  new RedisStore({ client: new Cluster([]) }),
  new PostgresStore({ pool: new pg.Pool() }),
  new PostgresStore({ pool: new pg.Client() }),
];

export const buses = [
  new RedisBus({ client: createClient() }),
  new RedisBus({ client: createCluster({ rootNodes: [] }) }),
  new RedisBus({ client: new Redis() }),
  new RedisBus({ client: new Cluster([]) }),
  new PostgresBus({ pool: new pg.Pool() }),
];
export const logs = [
  new RedisRevocationLog({ client: createClient() }),
  new RedisRevocationLog({ client: createCluster({ rootNodes: [] }) }),
  new RedisRevocationLog({ client: new Redis() }),
  new RedisRevocationLog({ client: new Cluster([]) }),
  new PostgresRevocationLog({ pool: new pg.Pool() }),
];

// @ts-expect-error a pool cannot hear messages
new RedisBus({ client: createClientPool() });

export async function migrate(): Promise<void> {
  await new PostgresStore({ pool: new pg.Pool() }).migrate();
}
`,
  },
  {
    file: 'tests.ts',
    needsPeers: false,
    text: `
import { after, before, describe, it } from 'node:test';
import { MemoryStore, ServerSessionStorage } from 'sessions-jwt';
import { FakeClock, FaultyStore, signInAs, storeSuite } from 'sessions-jwt/testing';

storeSuite({ runner: { describe, it, before, after }, name: 'mine', open: async () => new MemoryStore(), sizes: 'small' });

const clock = new FakeClock();
const store = new FaultyStore(new MemoryStore());
const storage = new ServerSessionStorage({ store, clock });
clock.advance(1_000);
store.fail('load', { times: 1 });
void signInAs(storage, 'u1');

// @ts-expect-error no such operation
store.fail('store');
`,
  },
  {
    file: 'live.ts',
    needsPeers: true,
    text: `
import express from 'express';
import { SessionStorage } from 'sessions-jwt';
import { activateSessions, stream } from 'sessions-jwt/express';
import { html, type LiveOptions, LiveSessions, message } from 'sessions-jwt/live';

const sessionStorage = new SessionStorage({ jwtSecret: 'secret' });
const options: LiveOptions = { sessionStorage, heartbeat: 10_000, limits: { perSession: 5 } };
const live = new LiveSessions(options);

const app = express();
app.use(activateSessions({ sessionStorage, cookie: true }));
app.all('/live', stream(live));
app.post('/cart', async (request, response) => {
  await live.send(request.session, html('<p id="cart">1</p>'));
  await live.send({ uid: 'u1' }, message('cart', { items: 1 }));
  const last: number | undefined = await live.lastActivity(request.session);
  response.json({ last });
});

// @ts-expect-error no such event
void live.send('everyone', { type: 'script' });
// @ts-expect-error no such option
new LiveSessions({ sessionStorage, interval: 1 });
`,
  },
  {
    file: 'weave.ts',
    needsPeers: true,
    text: `
import express from 'express';
import { SessionStorage } from 'sessions-jwt';
import { activateSessions, stream } from 'sessions-jwt/express';
import { type WeaveTab, weaveSessions } from 'sessions-jwt/weave';

const weave = weaveSessions({ csrfSecret: 'secret', jwtSecret: 'secret' });
const app = express();
app.use(activateSessions(weave.options));
app.all('/live', stream(weave.live));
app.post('/sign-in', async (request, response) => {
  const tab: WeaveTab = weave.of(request);
  await tab.setCookie(tab.signIn({ name: 'Weave', role: 'User' }));
  await tab.pushReload();
  response.sendStatus(204);
});
export const last: Promise<number | undefined> = weave.lastActivity('session', 'instance');
export const tokens = weaveSessions({ sessionStorage: new SessionStorage({ jwtSecret: 'secret' }) });

// @ts-expect-error no such option
weaveSessions({ secret: 'secret' });
`,
  },
  {
    file: 'browser.ts',
    needsPeers: true,
    text: `
/// <reference lib="dom" />
import { Idiomorph } from 'idiomorph';
import { type ConnectOptions, connectSession, type LiveConnection } from 'sessions-jwt/client';

const options: ConnectOptions = { url: '/live', morph: Idiomorph.morph, csrf: { cookie: 'csrf' }, keepAlive: 1_800_000 };
const live: LiveConnection = connectSession(options);
live.on('session:end', ({ reason }) => console.log(reason.length));
const off: () => void = live.on('chat', (data) => console.log(data));
off();
const answer: Promise<Response> = live.fetch('/buy', { method: 'POST' });
void answer.finally(() => live.close());
if (live.state === 'closed') console.log(live.instance);

// @ts-expect-error no such property
live.on('session:end', ({ code }) => console.log(code));
// @ts-expect-error no such option
connectSession({ url: '/live', retry: 1_000 });
`,
  },
];
