import { createServer } from 'node:http';
import Koa, { type Context } from 'koa';
import type { SessionSource } from '../../src/index.js';
import { koaSession, koaSessions } from '../packages.js';
import { ourMemory, ourTokens } from './our-storages.js';
import { change, fill, type OurSession, type PeerSession, secret, signIn } from './routes.js';
import { listening, type Servers } from './servers.js';

type Handler = (context: Context) => object;

function served(app: Koa, handlers: Readonly<Record<'signIn' | 'look' | 'change', Handler>>) {
  app.use((context) => {
    if (context.method === 'GET') context.body = handlers.look(context);
    else context.body = context.path === '/change' ? handlers.change(context) : handlers.signIn(context);
  });
  return listening(createServer(app.callback()));
}

function ours<Kind extends OurSession>(sessionStorage: SessionSource<Kind>) {
  const app = new Koa();
  const sessions = koaSessions({ sessionStorage, cookie: true });
  app.use(sessions);
  return served(app, {
    signIn(context) {
      signIn(sessions.of(context));
      return {};
    },
    look(context) {
      const { uid, sessionData }: OurSession = sessions.of(context);
      return { uid, items: sessionData.cart.length };
    },
    change(context) {
      const { uid, sessionData }: OurSession = sessions.of(context);
      return { uid, items: change(sessionData).cart.length };
    },
  });
}

/** Past our own declaration of `ctx.session`. */
function peerSessionOf(context: object): PeerSession {
  return Reflect.get(context, 'session');
}

/** The same routes on Koa. */
export const KOA: Servers = {
  'Koa, bare': () => {
    const look = () => ({ uid: 'user-1', items: 1 });
    return served(new Koa(), { signIn: () => ({}), look, change: look });
  },

  'Koa, sessions-jwt': () => ours(ourTokens()),

  'Koa, sessions-jwt, MemoryStore': () => ours(ourMemory()),

  'Koa, koa-session': () => {
    const app = new Koa();
    app.keys = [secret()];
    app.use(koaSession({ key: 'sid', signed: true }, app));
    return served(app, {
      signIn(context) {
        fill(peerSessionOf(context));
        return {};
      },
      look(context) {
        const { uid, cart } = peerSessionOf(context);
        return { uid, items: cart?.length };
      },
      change(context) {
        const { uid, cart } = change(peerSessionOf(context));
        return { uid, items: cart?.length };
      },
    });
  },
};
