import cookieSession from 'cookie-session';
import { expressSession, getIronSession, RevocationList, SessionStorage } from '../packages.js';
import type { SampleData, SampleUser } from '../token/sample-session.js';
import { answer, fill, ourRoutes, type PeerSession, peerRoutes, secret } from './routes.js';
import { STORE_VARIANTS } from './store-variants.js';
import type { Variant } from './variant.js';

const bare: Variant = (app) => {
  app.post('/sign-in', (_request, response) => void response.json({}));
  app.get('/', (_request, response) => answer(response, 'user-1', 1));
};

/** By name. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  bare,

  'sessions-jwt': (app) => {
    ourRoutes(
      app,
      new SessionStorage<SampleData, SampleUser>({ jwtSecret: secret(), revocations: new RevocationList() }),
    );
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
    const options = { password: secret(), cookieName: 'sid', cookieOptions: { secure: false } };
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
