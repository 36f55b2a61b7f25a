/** The programs that tools/check-package.ts compiles against the installed package, each beside the entry it uses. */
export const consumers: readonly { readonly entry: string; readonly file: string; readonly text: string }[] = [
  {
    entry: '.',
    file: 'core.ts',
    text: `
import { RevocationList, type Session, SessionExpired, SessionNotFound, SessionStorage } from 'sessions-jwt';
import { z } from 'zod';

const storage = new SessionStorage({
  jwtSecret: 'a secret of at least sixty-four bytes, as RFC 7518 section 3.2 asks for HS512',
  idleTimeout: 1_800_000,
  absoluteTimeout: null,
  sessionData: z.object({ cart: z.array(z.string()).default([]) }),
  revocations: new RevocationList(),
});

export function add(sid: string, item: string): string {
  const session = storage.get(sid);
  session.sessionData.cart.push(item);
  // @ts-expect-error the schema has no such key
  session.sessionData.basket;
  const uid: string | undefined = session.uid;
  return session.save().forClient() + (uid ?? '');
}

export async function end(session: Session<{ cart: string[] }>): Promise<'process' | 'log' | 'instances'> {
  return (await storage.revoke(session, { reason: 'signed out' })).guarantee;
}

export function explain(error: unknown): string {
  if (error instanceof SessionExpired) return error.reason satisfies 'idle' | 'absolute' | 'update';
  return error instanceof SessionNotFound ? error.code : 'another error';
}

// @ts-expect-error no such option
new SessionStorage({ jwtSecret: 'secret', timeToLife: 1 });
`,
  },
  {
    entry: './express',
    file: 'application.ts',
    text: `
import express from 'express';
import { SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/express';

declare module 'sessions-jwt' {
  interface Register {
    data: { visits?: number };
    user: { name: string };
  }
}

const app = express();
const sessions = activateSessions({ sessionStorage: new SessionStorage({ jwtSecret: 'secret' }), cookie: 'sid', header: true });

app.use(sessions);
app.get('/', (request, response) => {
  const session = sessions.of(request);
  const visits: number = (session?.sessionData.visits ?? 0) + 1;
  session?.set('sessionData', { visits });
  response.json({ visits, name: session?.userData.name });
});
`,
  },
  {
    entry: './foxx',
    file: 'service.ts',
    text: `
import { Controller, Service } from 'sessions-jwt/foxx';

const service = await Service.load('./manifest.json', { configuration: {}, dependencies: {} });
service.router satisfies object;
Controller satisfies new (...args: never[]) => object;
`,
  },
];
