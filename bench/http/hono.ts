import { Hono } from 'hono';
import type { SessionSource } from '../../src/index.js';
import { createAdaptorServer, honoSessions, useSession } from '../packages.js';
import { ourMemory, ourTokens } from './our-storages.js';
import { change, fill, type OurSession, type PeerSession, secret, signIn } from './routes.js';
import { listening, type Servers } from './servers.js';

function served(app: Hono) {
  return listening(createAdaptorServer({ fetch: app.fetch }));
}

function ours<Kind extends OurSession>(sessionStorage: SessionSource<Kind>) {
  const app = new Hono();
  const sessions = honoSessions({ sessionStorage, cookie: true });
  app.use(sessions);
  app.post('/sign-in', (c) => {
    signIn(sessions.of(c));
    return c.json({});
  });
  app.get('/', (c) => {
    const { uid, sessionData }: OurSession = sessions.of(c);
    return c.json({ uid, items: sessionData.cart.length });
  });
  app.post('/change', (c) => {
    const { uid, sessionData }: OurSession = sessions.of(c);
    return c.json({ uid, items: change(sessionData).cart.length });
  });
  return served(app);
}

interface PeerAccess {
  get(): Promise<PeerSession | null>;
  update(data: PeerSession): Promise<void>;
}

/** Past our own declaration of the variable. */
function peerAccessOf({ var: variables }: { readonly var: object }): PeerAccess {
  return Reflect.get(variables, 'session');
}

/** The same routes on Hono, on @hono/node-server. */
export const HONO: Servers = {
  'Hono, bare': () => {
    const app = new Hono();
    app.post('/sign-in', (c) => c.json({}));
    app.get('/', (c) => c.json({ uid: 'user-1', items: 1 }));
    app.post('/change', (c) => c.json({ uid: 'user-1', items: 1 }));
    return served(app);
  },

  'Hono, sessions-jwt': () => ours(ourTokens()),

  'Hono, sessions-jwt, MemoryStore': () => ours(ourMemory()),

  'Hono, @hono/session': () => {
    const app = new Hono();
    app.use(useSession({ secret: secret() }));
    app.post('/sign-in', async (c) => {
      await peerAccessOf(c).update(fill<PeerSession>({}));
      return c.json({});
    });
    app.get('/', async (c) => {
      const session = await peerAccessOf(c).get();
      return c.json({ uid: session?.uid, items: session?.cart?.length });
    });
    app.post('/change', async (c) => {
      const access = peerAccessOf(c);
      const session = change({ ...(await access.get()) });
      await access.update(session);
      return c.json({ uid: session.uid, items: session.cart?.length });
    });
    return served(app);
  },
};
