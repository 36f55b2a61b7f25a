import type { SessionSource } from '../../src/index.js';
import { createAdaptorServer, fetchSessions, getIronSession } from '../packages.js';
import { ourMemory, ourTokens } from './our-storages.js';
import { fill, ironOptions, type OurSession, type PeerSession, signIn } from './routes.js';
import { listening, type Servers } from './servers.js';

type Handler = (request: Request, given: object) => Response | Promise<Response>;

function served(fetch: Handler) {
  return listening(createAdaptorServer({ fetch }));
}

function ours<Kind extends OurSession>(sessionStorage: SessionSource<Kind>) {
  const sessions = fetchSessions({ sessionStorage, cookie: true });
  const handler = sessions((request, context) => {
    const session: OurSession = context.session;
    if (request.method === 'POST') {
      signIn(session);
      return Response.json({});
    }
    return Response.json({ uid: session.uid, items: session.sessionData.cart.length });
  });
  return served(handler);
}

/** The same two routes without a framework, on @hono/node-server. */
export const FETCH: Servers = {
  'fetch, bare': () => served((request) => Response.json(request.method === 'POST' ? {} : { uid: 'user-1', items: 1 })),

  'fetch, sessions-jwt': () => ours(ourTokens()),

  'fetch, sessions-jwt, MemoryStore': () => ours(ourMemory()),

  'fetch, iron-session': () => {
    const options = ironOptions();
    return served(async (request) => {
      if (request.method === 'POST') {
        const response = Response.json({});
        await fill(await getIronSession<PeerSession>(request, response, options)).save();
        return response;
      }
      const { uid, cart } = await getIronSession<PeerSession>(request, new Response(), options);
      return Response.json({ uid, items: cart?.length });
    });
  },
};
