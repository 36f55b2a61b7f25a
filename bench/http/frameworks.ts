import { EXPRESS } from './express.js';
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
}

export const FRAMEWORKS: readonly Framework[] = [
  { title: 'Express 5', bare: 'bare', servers: EXPRESS },
  { title: 'Fastify 5', bare: 'Fastify, bare', servers: FASTIFY },
  { title: 'Koa 3', bare: 'Koa, bare', servers: KOA },
  { title: 'Hono 4, on @hono/node-server', bare: 'Hono, bare', servers: HONO },
  { title: 'Request and Response, on @hono/node-server', bare: 'fetch, bare', servers: FETCH },
];

/** Every server, by name. */
export const SERVERS: Servers = Object.assign({}, ...FRAMEWORKS.map(({ servers }) => servers));
