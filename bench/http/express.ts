import { createServer } from 'node:http';
import cookieSession from 'cookie-session';
import express from 'express';
import { expressSession, getIronSession } from '../packages.js';
import { STORE_VARIANTS } from './express-stores.js';
import { ourTokens } from './our-storages.js';
import { answer, fill, ironOptions, ourRoutes, type PeerSession, peerRoutes, secret } from './routes.js';
import { listening, type Servers } from './servers.js';
import type { Variant } from './variant.js';

const bare: Variant = (app) => {
  app.post('/sign-in', (_request, response) => void response.json({}));
  app.get('/', (_request, response) => answer(response, 'user-1', 1));
};

const VARIANTS: Readonly<Record<string, Variant>> = {
  bare,

  'sessions-jwt': (app) => {
    ourRoutes(app, ourTokens());
  },

  'express-session': (app) => {
    app.use(expressSession({ secret: secret(), resave: false, saveUninitialized: false }));
    peerRoutes(app);
  },

  'cookie-session': (app) => {
    app.use(cookieSession({ name: 'sid', keys: [secret()] }));
    peerRoutes(app);
  },

  'iron-session': (app) => {
    const options = ironOptions();
    app.post('/sign-in', async (request, response) => {
      await fill(await getIronSession<PeerSession>(request, response, options)).save();
      response.json({});
    });
    app.get('/', async (request, response) => {
      const { uid, cart } = await getIronSession<PeerSession>(request, response, options);
      answer(response, uid, cart?.length);
    });
  },

  ...STORE_VARIANTS,
};

/** The two routes on Express. */
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
