import { BARE, EXPRESS } from './express.js';
import { FASTIFY } from './fastify.js';
import { FETCH } from './fetch.js';
import { HONO } from './hono.js';
import { KOA } from './koa.js';
import type { Servers } from './servers.js';

/** What is measured of one framework. */
export interface Framework {
  readonly title: string;
  /** The server without sessions, which its others are compared with. */
  readonly bare: string;
  readonly servers: Servers;
  /** Which server of a peer each of ours is compared with. */
  readonly peers: Readonly<Record<string, string>>;
}

export const FRAMEWORKS: readonly Framework[] = [
  {
    title: 'Express 5',
    bare: BARE,
    servers: EXPRESS,
    peers: {
      'Express, sessions-jwt': 'Express, express-session',
      'Express, sessions-jwt, MemoryStore': 'Express, express-session',
      'Express, sessions-jwt, SqliteStore': 'Express, express-session',
      'Express, sessions-jwt, RedisStore': 'Express, express-session, connect-redis',
      'Express, sessions-jwt, PostgresStore': 'Express, express-session, connect-pg-simple',
    },
  },
  {
    title: 'Fastify 5',
    bare: 'Fastify, bare',
    servers: FASTIFY,
    peers: {
      'Fastify, sessions-jwt': 'Fastify, @fastify/secure-session',
      'Fastify, sessions-jwt, MemoryStore': 'Fastify, @fastify/session',
    },
  },
  {
    title: 'Koa 3',
    bare: 'Koa, bare',
    servers: KOA,
    peers: { 'Koa, sessions-jwt': 'Koa, koa-session', 'Koa, sessions-jwt, MemoryStore': 'Koa, koa-session' },
  },
  {
    title: 'Hono 4, on @hono/node-server',
    bare: 'Hono, bare',
    servers: HONO,
    peers: { 'Hono, sessions-jwt': 'Hono, @hono/session', 'Hono, sessions-jwt, MemoryStore': 'Hono, @hono/session' },
  },
  {
    title: 'Request and Response, on @hono/node-server',
    bare: 'fetch, bare',
    servers: FETCH,
    peers: { 'fetch, sessions-jwt': 'fetch, iron-session', 'fetch, sessions-jwt, MemoryStore': 'fetch, iron-session' },
  },
];

/** Every server, by name. */
export const SERVERS: Servers = Object.assign({}, ...FRAMEWORKS.map(({ servers }) => servers));

/** The names of the servers that match, and of the bare servers that they are compared with: a list for each framework. */
export function serversNamed(only: RegExp): string[][] {
  return FRAMEWORKS.map(({ bare, servers }) => {
    const names = Object.keys(servers);
    const isBare = (name: string): boolean => name.startsWith(bare);
    return names.some((name) => !isBare(name) && only.test(name))
      ? names.filter((name) => isBare(name) || only.test(name))
      : [];
  }).filter((names) => names.length > 0);
}
