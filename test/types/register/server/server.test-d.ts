/**
 * Compiled, never run: `tsc -p test/types/register/server`. An application whose sessions are kept in a store, on Express, with
 * Passport: what it says once, and what it then has.
 */
import express, { type Request } from 'express';
import { Hono } from 'hono';
import Koa from 'koa';
import passport from 'passport';
import {
  MemoryStore,
  type RegisteredKind,
  type ServerSession,
  ServerSessionStorage,
  type Session,
  SessionStorage,
} from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/express';
import { activateSessions as activateForHono } from 'sessions-jwt/hono';
import { activateSessions as activateForKoa } from 'sessions-jwt/koa';

declare module 'sessions-jwt' {
  interface Register {
    storage: 'server';
    data: { cart: string[] };
    user: { name: string };
  }
}

// All that Passport's own types ask for; they say nothing of `session`.
declare global {
  namespace Express {
    interface User {
      readonly id: string;
    }
  }
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

declare function holds<Fact extends true>(): Fact;

holds<Same<RegisteredKind, 'server'>>();
holds<Same<Request['session'], ServerSession>>();
holds<Same<ServerSession['sessionData'], { cart: string[] }>>();

const sessionStorage = new ServerSessionStorage({ store: new MemoryStore(), authKey: 'passport.user' });
const sessions = activateSessions({ sessionStorage, cookie: true });
const app = express();
app.use(sessions, passport.session());

app.get('/', async (request, response) => {
  request.session.sessionData.cart satisfies string[];
  request.session.userData.name satisfies string | undefined;
  (await request.session.save()) satisfies ServerSession;
  await request.session.update(({ cart }) => {
    cart.push('tea');
  });
  request.session.save((error) => response.json({ failed: error !== undefined }));
  (await request.session.regenerate()).setUser('u1', { name: 'Ada' });
  await request.session.destroy();
  request.user?.id satisfies string | undefined;
  holds<Same<ReturnType<typeof sessions.of>, ServerSession>>();
  // @ts-expect-error there is no such key
  request.session.sessionData.basket;
  // @ts-expect-error saving takes its time
  request.session.save().sessionData;
  // @ts-expect-error Passport's own key is sessionData's, and not declared
  request.session.passport;
});

app.post('/login', (request, response, next) => {
  request.login({ id: 'u1' }, { session: true, keepSessionInfo: true }, (error) =>
    error ? next(error) : response.json({}),
  );
});
app.post('/logout', (request, response, next) => {
  request.logout((error) => (error ? next(error) : response.json({})));
});

// With 'never' there is one once the application has made it.
const own = activateSessions({ sessionStorage, cookie: true, create: 'never' });
app.post('/sign-in', own, async (request) => {
  own.of(request) satisfies ServerSession | undefined;
  request.session = await sessionStorage.create({ cart: [] });
  // @ts-expect-error it must be there already
  request.session = sessionStorage.create({ cart: [] });
  // @ts-expect-error a token is another kind
  request.session = new SessionStorage({ jwtSecret: 'x' }).create({ cart: [] });
});

// Both kinds may live side by side: `of` knows which.
const tokens = activateSessions({
  sessionStorage: new SessionStorage({ jwtSecret: 'x' }),
  header: true,
  property: 'api',
});
app.get('/api', tokens, (request) => {
  tokens.of(request) satisfies Session;
  // @ts-expect-error tokens have no regenerate
  tokens.of(request).regenerate();
});

// Koa and Hono have the registered session where Express has it.
new Koa().use(activateForKoa({ sessionStorage, cookie: true, only: (ctx) => ctx.path !== '/health' })).use((ctx) => {
  holds<Same<typeof ctx.session, ServerSession>>();
});
const hono = new Hono();
hono.use(activateForHono({ sessionStorage, cookie: true, passive: (c) => c.req.path === '/poll' }));
hono.get('/', (c) => {
  const session = c.get('session');
  holds<Same<typeof session, ServerSession>>();
  holds<Same<typeof c.var.session, ServerSession>>();
  return c.json(c.var.session.sessionData.cart);
});
