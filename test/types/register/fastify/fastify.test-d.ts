/**
 * Compiled, never run: `tsc -p test/types/register/fastify`. An application on Fastify alone, over HTTP/1 and HTTP/2: what it says
 * once, and what it then has.
 */
import Fastify from 'fastify';
import { MemoryStore, type ServerSession, ServerSessionStorage, SessionStorage } from 'sessions-jwt';
import { activateSessions, type FastifySessions } from 'sessions-jwt/fastify';

declare module 'sessions-jwt' {
  interface Register {
    storage: 'server';
    data: { cart: string[] };
    user: { name: string };
  }
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

declare function holds<Fact extends true>(): Fact;

const sessionStorage = new ServerSessionStorage({ store: new MemoryStore() });
const app = Fastify();
app.register(activateSessions, {
  sessionStorage,
  cookie: true,
  only: (request) => request.url !== '/health',
  passive: ({ routeOptions }) => routeOptions.url === '/poll',
});
// The options can be a function, as those of every plugin.
app.register(activateSessions, () => ({ sessionStorage, cookie: true, property: 'account' }));
// @ts-expect-error no such option
app.register(activateSessions, { sessionStorage, cookies: true });
// @ts-expect-error a storage is needed
app.register(activateSessions, { cookie: true });
// @ts-expect-error a store is no storage
app.register(activateSessions, { sessionStorage: new MemoryStore(), cookie: true });

app.get('/', async (request) => {
  holds<Same<typeof request.session, ServerSession>>();
  request.session.sessionData.cart satisfies string[];
  request.session.userData.name satisfies string | undefined;
  holds<Same<ReturnType<typeof app.sessions.of>, ServerSession>>();
  (await app.sessions.read(request)) satisfies ServerSession | undefined;
  (await app.sessions.read(request.raw)) satisfies ServerSession | undefined;
  // @ts-expect-error there is no such key
  request.session.sessionData.basket;
  // A second activation: by the decorators that Fastify knows by name.
  request.getDecorator<ServerSession>('account').sessionData.cart satisfies string[];
  app.getDecorator<FastifySessions>('accountSessions').of(request) satisfies ServerSession;
});

app.get<{ Params: { id: string }; Headers: { 'x-own': string } }>('/:id', async (request) => {
  app.sessions.of(request) satisfies ServerSession;
  app.sessions.csrfToken(request) satisfies string;
  app.sessions.checkCsrf(request, request.body);
  // @ts-expect-error the body is missing
  app.sessions.checkCsrf(request);
});

const http2 = Fastify({ http2: true });
http2.register(activateSessions, { sessionStorage: new SessionStorage({ jwtSecret: 'x' }), header: true });
http2.get('/', async (request) => {
  http2.sessions.of(request) satisfies ServerSession;
  http2.sessions.csrfToken(request) satisfies string;
  (await http2.sessions.read(request)) satisfies ServerSession | undefined;
});
