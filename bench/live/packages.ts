/**
 * What the servers with streams need of the built package, and nothing more, so that little else is in their memory. See
 * ../packages.ts for why the names are not literals.
 *
 * @module
 */
const OURS: string = 'sessions-jwt';
const EXPRESS: string = 'sessions-jwt/express';
const FASTIFY: string = 'sessions-jwt/fastify';
const LIVE: string = 'sessions-jwt/live';

export const { RevocationList, SessionStorage }: typeof import('../../src/index.js') = await import(OURS);
export const { activateSessions, stream }: typeof import('../../src/adapters/express.js') = await import(EXPRESS);
export const {
  activateSessions: fastifySessions,
  stream: fastifyStream,
}: typeof import('../../src/adapters/fastify.js') = await import(FASTIFY);
export const { LiveSessions, message }: typeof import('../../src/live/index.js') = await import(LIVE);
