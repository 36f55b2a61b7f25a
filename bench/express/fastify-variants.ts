import { createRequire } from 'node:module';
import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance, type FastifyPluginCallback } from 'fastify';
import type { OpenedSession, SessionSource } from '../../src/storage/session-source.js';
import { fastifySessions, MemoryStore, RevocationList, ServerSessionStorage, SessionStorage } from '../packages.js';
import { type SampleData, type SampleUser, sampleData, sampleUser } from '../token/sample-session.js';
import { fill, type PeerSession, secret } from './routes.js';

// Its types declare `request.session`, as ours do: a program can have one of them only.
const session: FastifyPluginCallback<Record<string, unknown>> = createRequire(import.meta.url)('@fastify/session');

/** The same two routes on Fastify, by name. Its own bare app is what its sessions are compared with. */
export const FASTIFY_VARIANTS: Readonly<Record<string, () => Promise<FastifyInstance>>> = {
  'Fastify, bare': async () => {
    const app = Fastify();
    app.post('/sign-in', async () => ({}));
    app.get('/', async () => ({ uid: 'user-1', items: 1 }));
    return app;
  },

  'Fastify, sessions-jwt': () =>
    ours(new SessionStorage<SampleData, SampleUser>({ jwtSecret: secret(), revocations: new RevocationList() })),

  'Fastify, sessions-jwt, MemoryStore': () =>
    ours(new ServerSessionStorage<SampleData, SampleUser>({ store: new MemoryStore() })),

  'Fastify, @fastify/session': async () => {
    const app = Fastify();
    await app.register(cookie);
    await app.register(session, {
      secret: secret(),
      cookieName: 'sid',
      cookie: { secure: false },
      saveUninitialized: false,
    });
    app.post('/sign-in', async (request) => {
      fill<PeerSession>(sessionOf(request));
      return {};
    });
    app.get('/', async (request) => {
      const { uid, cart } = sessionOf(request);
      return { uid, items: cart?.length };
    });
    return app;
  },
};

async function ours<Kind extends OpenedSession>(sessionStorage: SessionSource<Kind>): Promise<FastifyInstance> {
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
  return app;
}

/** Past the declarations of every package that has a `request.session`. */
function sessionOf(request: object): PeerSession {
  return Reflect.get(request, 'session');
}
