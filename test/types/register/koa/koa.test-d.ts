/** Compiled, never run: `tsc -p test/types/register/koa`. An application on Koa alone: what it says once, and what it then has. */
import Koa from 'koa';
import { MemoryStore, type ServerSession, ServerSessionStorage, SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/koa';

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
const app = new Koa();
const sessions = activateSessions({
  sessionStorage,
  cookie: true,
  only: (ctx) => ctx.path !== '/health',
  passive: (ctx) => ctx.path === '/poll',
});
app.use(sessions);
app.use(sessions.checkCsrf);
// @ts-expect-error no such option
activateSessions({ sessionStorage, cookies: true });
// @ts-expect-error a storage is needed
activateSessions({ cookie: true });
// @ts-expect-error a store is no storage
activateSessions({ sessionStorage: new MemoryStore(), cookie: true });

app.use(async (ctx) => {
  holds<Same<typeof ctx.session, ServerSession>>();
  ctx.session.sessionData.cart satisfies string[];
  ctx.session.userData.name satisfies string | undefined;
  sessions.of(ctx) satisfies ServerSession;
  sessions.csrfToken(ctx) satisfies string;
  (await sessions.read(ctx.req)) satisfies ServerSession | undefined;
  // @ts-expect-error there is no such key
  ctx.session.sessionData.basket;
});

const tokens = activateSessions({
  sessionStorage: new SessionStorage({ jwtSecret: 'x' }),
  header: true,
  create: 'never',
});
app.use((ctx) => {
  // @ts-expect-error there may be none
  tokens.of(ctx).uid;
});
