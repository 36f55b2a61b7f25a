/**
 * Packages imported by a name that the compiler does not follow, and the types they have here. It would else find two
 * declarations of Express' `request.session`, one in src and one in dist, and iron-session's declarations, which
 * do not compile.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

interface IronSession {
  getIronSession<Kind extends object>(
    request: IncomingMessage,
    response: ServerResponse,
    options: {
      readonly password: string;
      readonly cookieName: string;
      readonly cookieOptions: { readonly secure: boolean };
    },
  ): Promise<Kind & { save(): Promise<void> }>;
}

const OURS: string = 'sessions-jwt';
const OURS_FOR_EXPRESS: string = 'sessions-jwt/express';
const IRON_SESSION: string = 'iron-session';

export const { RevocationList, SessionStorage }: typeof import('../../src/index.js') = await import(OURS);
export const { activateSessions }: typeof import('../../src/adapters/express.js') = await import(OURS_FOR_EXPRESS);
export const { getIronSession }: IronSession = await import(IRON_SESSION);
