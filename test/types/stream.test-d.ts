import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { stream as ofExpress, type StreamSource } from '../../src/adapters/express.js';
import { stream as ofFastify } from '../../src/adapters/fastify.js';
import { activateSessions, stream as ofFetch } from '../../src/adapters/fetch.js';
import { stream as ofHono } from '../../src/adapters/hono.js';
import { stream as ofKoa } from '../../src/adapters/koa.js';
import {
  MemoryStore,
  type ServerSession,
  ServerSessionStorage,
  type Session,
  SessionStorage,
} from '../../src/index.js';

interface Cart {
  readonly items: string[];
}

/** Sources by what they take a session for. */
declare const anySource: StreamSource;
declare const tokenSource: StreamSource<Session<Cart>>;
declare const storeSource: StreamSource<ServerSession<Cart>>;

for (const source of [anySource, tokenSource, storeSource]) {
  express()
    .get('/live', ofExpress(source))
    .all('/live', ofExpress(source, { property: 'account' }));
  Fastify().get('/live', ofFastify(source));
  Fastify().all('/live', ofFastify(source));
  Fastify({ http2: true }).get('/live', ofFastify(source));
  new Hono().get('/live', ofHono(source)).all('/live', ofHono(source));
  new Koa().use(ofKoa(source));
  const sessionStorage = new SessionStorage({ jwtSecret: 's' });
  activateSessions({ sessionStorage, cookie: true })(ofFetch(source));
  activateSessions({
    sessionStorage: new ServerSessionStorage({ store: new MemoryStore() }),
    cookie: true,
    create: 'never',
    property: 'account',
  })(ofFetch(source, { property: 'account' }));
}

// A source without a type of its own gets the registered session.
ofExpress({
  open: ({ session, method, url, headers }, sink) =>
    void sink.write(`${session?.uid} ${method} ${url} ${headers['a']}`),
});
// @ts-expect-error: not a source
ofExpress({ close: () => undefined });
// @ts-expect-error: not an option
ofKoa(anySource, { propety: 'session' });
