import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance, type FastifyPluginCallback } from 'fastify';
import type { OpenedSession, SessionSource } from '../../src/storage/session-source.js';
import { fastifySessions } from '../packages.js';
import { sampleData, sampleUser } from '../token/sample-session.js';
import { ourMemory, ourTokens } from './our-storages.js';
import { change, fill, type PeerSession, secret } from './routes.js';
import type { Servers } from './servers.js';

// Their types declare `request.session`, as ours do: a program can have one of them only.
const require = createRequire(import.meta.url);
const session: FastifyPluginCallback<Record<string, unknown>> = require('@fastify/session');
const secureSession: FastifyPluginCallback<Record<string, unknown>> = require('@fastify/secure-session');

/** The same routes on Fastify. */
export const FASTIFY: Servers = {
  'Fastify, bare': async () => {
    const app = Fastify();
    app.post('/sign-in', async () => ({}));
    app.get('/', async () => ({ uid: 'user-1', items: 1 }));
    app.post('/change', async () => ({ uid: 'user-1', items: 1 }));
    return await served(app);
  },

  'Fastify, sessions-jwt': () => ours(ourTokens()),

  'Fastify, sessions-jwt, MemoryStore': () => ours(ourMemory()),

  'Fastify, @fastify/session': async () => {
    const app = Fastify();
    await app.register(cookie);
    await app.register(session, {
      secret: secret(),
      cookieName: 'sid',
      cookie: { secure: false },
      saveUninitialized: false,
      // By default it sends the cookie with each response, and asks the store to save.
      rolling: false,
    });
    return await peer(app);
  },

  'Fastify, @fastify/secure-session': async () => {
    const app = Fastify();
    await app.register(secureSession, { key: randomBytes(32), cookieName: 'sid', cookie: { path: '/' } });
    return await peer(app);
  },
};

async function served(app: FastifyInstance): Promise<Server> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server;
}

async function peer(app: FastifyInstance): Promise<Server> {
  app.post('/sign-in', async (request) => {
    fill<PeerSession>(sessionOf(request));
    return {};
  });
  app.get('/', async (request) => {
    const { uid, cart } = sessionOf(request);
    return { uid, items: cart?.length };
  });
  app.post('/change', async (request) => {
    const { uid, cart } = change(sessionOf(request));
    return { uid, items: cart?.length };
  });
  return await served(app);
}

async function ours<Kind extends OpenedSession>(sessionStorage: SessionSource<Kind>): Promise<Server> {
  const app = Fastify();
  await app.register(fastifySessions, { sessionStorage, cookie: true });
  let signIns = 0;
  app.post('/sign-in', async (request) => {
    signIns += 1;
    request.session.setUser(`user-${signIns}`, { ...sampleUser(signIns) });
    request.session.sessionData = { ...sampleData(signIns) };
    return {};
  });
  app.get('/', async (request) => {
    const { uid } = request.session;
    const items: unknown = request.session.sessionData['cart'];
    return { uid, items: Array.isArray(items) ? items.length : 0 };
  });
  app.post('/change', async (request) => {
    const { uid, sessionData } = request.session;
    const items: unknown = change(sessionData)['cart'];
    return { uid, items: Array.isArray(items) ? items.length : 0 };
  });
  return await served(app);
}

/** Past the declarations of every package that has a `request.session`. */
function sessionOf(request: object): PeerSession {
  return Reflect.get(request, 'session');
}
