import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import cookieSession from 'cookie-session';
import express from 'express';
import { expressSession, getIronSession } from '../packages.js';
import { STORE_VARIANTS } from './express-stores.js';
import { ourTokens } from './our-storages.js';
import { answer, change, fill, ironOptions, ourRoutes, type PeerSession, peerRoutes, secret } from './routes.js';
import { listening, type Servers } from './servers.js';
import type { Variant } from './variant.js';

/** Express without sessions. */
export const BARE = 'Express, bare';

/** The same once more: what differs is noise. */
export const BARE_AGAIN: string = `${BARE}, again (noise)`;

/** Express with what Node does for any session in a token: it gets a cookie of that length, and sends two headers. */
const FLOOR = 'Express, cookie and headers alone';

const bare: Variant = (app) => {
  app.post('/sign-in', (_request, response) => void response.json({}));
  app.get('/', (_request, response) => answer(response, 'user-1', 1));
  app.post('/change', (_request, response) => answer(response, 'user-1', 1));
};

const VARIANTS: Readonly<Record<string, Variant>> = {
  [BARE]: bare,
  [BARE_AGAIN]: bare,

  [FLOOR]: (app) => {
    app.use((request, response, next) => {
      response.setHeader('Vary', 'Cookie');
      response.setHeader('Cache-Control', 'private');
      if (request.method === 'GET' && !request.headers.cookie?.startsWith('sid=')) response.status(401);
      next();
    });
    app.post('/sign-in', (_request, response) => {
      response.setHeader('Set-Cookie', `sid=${randomBytes(390).toString('base64url')}; Path=/; HttpOnly; SameSite=Lax`);
      response.json({});
    });
    app.get('/', (_request, response) => answer(response, 'user-1', 1));
    app.post('/change', (_request, response) => answer(response, 'user-1', 1));
  },

  'Express, sessions-jwt': (app) => {
    ourRoutes(app, ourTokens());
  },

  'Express, express-session': (app) => {
    app.use(expressSession({ secret: secret(), resave: false, saveUninitialized: false }));
    peerRoutes(app);
  },

  'Express, cookie-session': (app) => {
    app.use(cookieSession({ name: 'sid', keys: [secret()] }));
    peerRoutes(app);
  },

  'Express, iron-session': (app) => {
    const options = ironOptions();
    app.post('/sign-in', async (request, response) => {
      await fill(await getIronSession<PeerSession>(request, response, options)).save();
      response.json({});
    });
    app.get('/', async (request, response) => {
      const { uid, cart } = await getIronSession<PeerSession>(request, response, options);
      answer(response, uid, cart?.length);
    });
    app.post('/change', async (request, response) => {
      const session = await getIronSession<PeerSession>(request, response, options);
      const { uid, cart } = change(session);
      await session.save();
      answer(response, uid, cart?.length);
    });
  },

  ...STORE_VARIANTS,
};

/** The routes on Express. */
export const EXPRESS: Servers = Object.fromEntries(
  Object.entries(VARIANTS).map(([name, variant]) => [
    name,
    async () => {
      const app = express();
      await variant(app);
      return await listening(createServer(app));
    },
  ]),
);
