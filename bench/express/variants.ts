import { randomBytes } from 'node:crypto';
import cookieSession from 'cookie-session';
import type { Express, Response } from 'express';
import expressSession from 'express-session';
import { type SampleData, type SampleUser, sampleData, sampleUser } from '../token/sample-session.js';
import { activateSessions, getIronSession, RevocationList, SessionStorage } from './packages.js';

/** Puts sessions on an app, with two routes: `POST /sign-in` begins one, `GET /` reads it and answers a small JSON. */
export type Variant = (app: Express) => void;

/** What sessions of the peers hold: the same as ours. */
interface PeerSession extends Partial<SampleData> {
  uid?: string;
  userData?: SampleUser;
}

let signIns = 0;

function answer(response: Response, uid: string | undefined, items: number | undefined): void {
  response.json({ uid, items });
}

function fill<Kind extends PeerSession>(session: Kind): Kind {
  signIns += 1;
  return Object.assign(session, { uid: `user-${signIns}`, userData: sampleUser(signIns), ...sampleData(signIns) });
}

/** Past our own declaration of `request.session`. */
function peerSessionOf(request: object): PeerSession {
  return Reflect.get(request, 'session');
}

function peerRoutes(app: Express): void {
  app.post('/sign-in', (request, response) => {
    fill(peerSessionOf(request));
    response.json({});
  });
  app.get('/', (request, response) => {
    const { uid, cart } = peerSessionOf(request);
    answer(response, uid, cart?.length);
  });
}

function secret(): string {
  return randomBytes(64).toString('base64url');
}

const bare: Variant = (app) => {
  app.post('/sign-in', (_request, response) => void response.json({}));
  app.get('/', (_request, response) => answer(response, 'user-1', 1));
};

function takeOutAndPutBack(message: object, name: string): void {
  const value: unknown = Reflect.get(message, name);
  if (Reflect.deleteProperty(message, name)) Reflect.set(message, name, value);
}

/** By name. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  bare,

  /** What a deleted property does to bare Express, whoever deletes it; see method.ts. */
  'bare, as dictionaries': (app) => {
    app.use((request, response, next) => {
      takeOutAndPutBack(request, 'res');
      takeOutAndPutBack(response, 'req');
      next();
    });
    bare(app);
  },

  'sessions-jwt': (app) => {
    const sessionStorage = new SessionStorage<SampleData, SampleUser>({
      jwtSecret: secret(),
      revocations: new RevocationList(),
    });
    const sessions = activateSessions({ sessionStorage, cookie: true });
    app.use(sessions);
    app.post('/sign-in', (request, response) => {
      signIns += 1;
      const session = sessions.of(request).setUser(`user-${signIns}`, sampleUser(signIns));
      session.sessionData = sampleData(signIns);
      response.json({});
    });
    app.get('/', (request, response) => {
      const { uid, sessionData } = sessions.of(request);
      answer(response, uid, sessionData.cart.length);
    });
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
};
