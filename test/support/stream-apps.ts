import { createRequire } from 'node:module';
import cookies from '@fastify/cookie';
import express5, { type Request as ExpressRequest, type Response as ExpressResponse, type NextFunction } from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import * as forExpress from '../../src/adapters/express.js';
import * as forFastify from '../../src/adapters/fastify.js';
import * as forFetch from '../../src/adapters/fetch.js';
import * as forHono from '../../src/adapters/hono.js';
import * as forKoa from '../../src/adapters/koa.js';
import type { CreatePolicy } from '../../src/http/lifecycle.js';
import type { Session } from '../../src/index.js';
import type { StreamSource } from '../../src/ports/stream.js';
import type { OpenedSession, SessionSource } from '../../src/storage/session-source.js';
import type { Listener } from './adapter-apps/ways.js';
import { honoServer, srvxServer, type WebServer } from './web-app.js';

const express4: typeof express5 = createRequire(import.meta.url)('express4');

/** An application whose every path is a stream. */
export interface StreamApp {
  readonly source: StreamSource<Session>;
  /** `undefined`: without `activateSessions`. */
  readonly sessionStorage?: SessionSource<OpenedSession> | undefined;
  readonly create?: CreatePolicy;
  readonly csrf?: 'origin' | 'token';
  readonly property?: string;
  /** Sessions travel in the header, too. */
  readonly header?: boolean;
  /** Middleware sets the cookie `theme` and {@link OF_ANOTHER_BODY}, too. */
  readonly isDressed?: boolean;
}

/** An application, and what reached its error handling. */
export interface BuiltStreamApp {
  readonly listener: Listener;
  readonly errors: readonly unknown[];
}

interface StreamFramework {
  readonly name: string;
  readonly hasHttp2: boolean;
  build(app: StreamApp): BuiltStreamApp | Promise<BuiltStreamApp>;
}

/** Headers that do not fit a stream. */
export const OF_ANOTHER_BODY = {
  'content-language': 'de',
  'content-length': '5',
  etag: '"1"',
  'cdn-cache-control': 'max-age=60',
};

/** The options of `activateSessions`. */
function activationOf(app: StreamApp) {
  const { sessionStorage, create = 'lazy', csrf = 'origin', property = 'session', header = false } = app;
  return sessionStorage && ({ sessionStorage, cookie: true, header, create, csrf, property } as const);
}

/** The options of `stream`. */
function optionsOf({ property }: StreamApp) {
  return property === undefined ? undefined : { property };
}

function statusOf(error: unknown): number {
  return Number(Reflect.get(Object(error), 'status') ?? 500);
}

function expressApp(express: typeof express5, app: StreamApp): BuiltStreamApp {
  const errors: unknown[] = [];
  const options = activationOf(app);
  const routes = express();
  // The URL within a mounted application is a shorter one.
  const inner = express.Router();
  if (options !== undefined) routes.use(forExpress.activateSessions(options));
  inner.use(forExpress.stream(app.source, optionsOf(app)));
  routes.use('/live', (_request, response, next) => {
    response.set('x-frame-options', 'DENY');
    if (app.isDressed) response.set(OF_ANOTHER_BODY).cookie('theme', 'dark');
    next();
  });
  routes.use('/live', inner);
  routes.use((error: unknown, _request: ExpressRequest, response: ExpressResponse, _next: NextFunction) => {
    errors.push(error);
    response.status(statusOf(error)).send('refused');
  });
  return { listener: routes, errors };
}

async function fastifyApp(app: StreamApp): Promise<BuiltStreamApp> {
  const errors: unknown[] = [];
  const options = activationOf(app);
  const fastify = Fastify();
  fastify.setErrorHandler((error, _request, reply) => {
    errors.push(error);
    reply.code(statusOf(error)).send('refused');
  });
  fastify.register(cookies);
  fastify.addHook('preHandler', async (_request, reply) => {
    if (app.isDressed) reply.headers(OF_ANOTHER_BODY).setCookie('theme', 'dark');
  });
  fastify.addHook('onSend', async (_request, reply) => void reply.header('x-frame-options', 'DENY'));
  if (options !== undefined) fastify.register(forFastify.activateSessions, options);
  fastify.register(async (context) => void context.all('/*', forFastify.stream(app.source, optionsOf(app))));
  await fastify.ready();
  return { listener: (request, response) => fastify.routing(request, response), errors };
}

function koaApp(app: StreamApp): BuiltStreamApp {
  const errors: unknown[] = [];
  const options = activationOf(app);
  const koa = new Koa();
  koa.on('error', (error) => errors.push(error));
  if (options !== undefined) koa.use(forKoa.activateSessions(options));
  koa.use((context, next) => {
    context.set('x-frame-options', 'DENY');
    if (app.isDressed) {
      context.set(OF_ANOTHER_BODY);
      context.cookies.set('theme', 'dark');
    }
    return next();
  });
  koa.use(forKoa.stream(app.source, optionsOf(app)));
  return { listener: koa.callback(), errors };
}

function honoApp(server: WebServer, app: StreamApp): BuiltStreamApp {
  const errors: unknown[] = [];
  const options = activationOf(app);
  const hono = new Hono();
  if (options !== undefined) hono.use(forHono.activateSessions(options));
  hono.use(async (c, next) => {
    c.header('x-frame-options', 'DENY');
    if (app.isDressed) {
      for (const [name, value] of Object.entries(OF_ANOTHER_BODY)) c.header(name, value);
      c.header('set-cookie', 'theme=dark', { append: true });
    }
    await next();
  });
  hono.all('*', forHono.stream(app.source, optionsOf(app)));
  hono.onError((error, c) => {
    errors.push(error);
    return c.newResponse('refused', new Response(null, { status: statusOf(error) }));
  });
  return { listener: server.listener((request, env) => hono.fetch(request, env)), errors };
}

function fetchApp(server: WebServer, app: StreamApp): BuiltStreamApp {
  const errors: unknown[] = [];
  const options = activationOf(app);
  const refuse = (error: unknown): Response => {
    errors.push(error);
    return new Response('refused', { status: statusOf(error) });
  };
  const answer = forFetch.stream(app.source, optionsOf(app));
  const handler = options && forFetch.activateSessions(options, { onError: refuse })(answer);
  const guarded = async (request: Request, given: object = {}): Promise<Response> => {
    try {
      return await (handler ?? answer)(request, given);
    } catch (error) {
      return refuse(error);
    }
  };
  return { listener: server.listener(guarded), errors };
}

/** Every framework, on a server of Node. If it has middleware, that sets `x-frame-options`. */
export const STREAM_FRAMEWORKS: readonly StreamFramework[] = [
  { name: 'Express 5', hasHttp2: false, build: (app) => expressApp(express5, app) },
  { name: 'Express 4', hasHttp2: false, build: (app) => expressApp(express4, app) },
  { name: 'Fastify 5', hasHttp2: true, build: fastifyApp },
  { name: 'Koa 3', hasHttp2: true, build: koaApp },
  ...[honoServer, srvxServer].flatMap((server): StreamFramework[] => [
    { name: `Hono 4 on ${server.name}`, hasHttp2: true, build: (app) => honoApp(server, app) },
    { name: `fetch on ${server.name}`, hasHttp2: true, build: (app) => fetchApp(server, app) },
  ]),
];
