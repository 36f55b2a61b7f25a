import type { SessionSource } from '../../src/index.js';
import { createAdaptorServer, fetchSessions, getIronSession } from '../packages.js';
import { ourMemory, ourTokens } from './our-storages.js';
import { change, fill, ironOptions, type OurSession, type PeerSession, signIn } from './routes.js';
import { listening, type Servers } from './servers.js';

type Handler = (request: Request, given: object) => Response | Promise<Response>;

function served(fetch: Handler) {
  return listening(createAdaptorServer({ fetch }));
}

type Route = 'sign in' | 'look' | 'change';

function routeOf({ method, url }: Request): Route {
  if (method === 'GET') return 'look';
  return url.endsWith('/change') ? 'change' : 'sign in';
}

function ours<Kind extends OurSession>(sessionStorage: SessionSource<Kind>) {
  const sessions = fetchSessions({ sessionStorage, cookie: true });
  const handler = sessions((request, context) => {
    const session: OurSession = context.session;
    const route = routeOf(request);
    if (route === 'sign in') {
      signIn(session);
      return Response.json({});
    }
    const { uid, sessionData } = session;
    if (route === 'change') change(sessionData);
    return Response.json({ uid, items: sessionData.cart.length });
  });
  return served(handler);
}

/** The same routes without a framework, on @hono/node-server. */
export const FETCH: Servers = {
  'fetch, bare': () =>
    served((request) => Response.json(routeOf(request) === 'sign in' ? {} : { uid: 'user-1', items: 1 })),

  'fetch, sessions-jwt': () => ours(ourTokens()),

  'fetch, sessions-jwt, MemoryStore': () => ours(ourMemory()),

  'fetch, iron-session': () => {
    const options = ironOptions();
    return served(async (request) => {
      const route = routeOf(request);
      // Its cookie is set on a response that exists before the answer is known.
      const carrier = new Response();
      const session = await getIronSession<PeerSession>(request, carrier, options);
      if (route === 'sign in') fill(session);
      if (route === 'change') change(session);
      if (route !== 'look') await session.save();
      const { uid, cart } = session;
      return Response.json({ uid, items: cart?.length }, { headers: carrier.headers });
    });
  },
};
