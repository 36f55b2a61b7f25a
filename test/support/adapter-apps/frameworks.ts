import type { AdapterApp } from '../../../src/testing/index.js';
import { honoServer, srvxServer, type WebServer } from '../web-app.js';
import { expressApp, expressVersions } from './express.js';
import { fastifyApp } from './fastify.js';
import { koaApp } from './koa.js';
import type { Built } from './ways.js';
import { type BuiltForWeb, fetchApp, honoApp, onServer } from './web.js';

/** A framework, on a server of Node. */
export interface Framework {
  readonly name: string;
  readonly build: (app: AdapterApp) => Built | Promise<Built>;
}

/** The frameworks that get requests and responses of Node. */
export const EXPRESS: readonly Framework[] = expressVersions.map(([name, express]) => ({
  name,
  build: (app) => expressApp(express, app),
}));
export const FASTIFY: Framework = { name: 'Fastify 5', build: fastifyApp };
export const KOA: Framework = { name: 'Koa 3', build: koaApp };

const WEB_SERVERS: readonly WebServer[] = [honoServer, srvxServer];

/** Those that get a Request, with its server. */
export const ON_WEB_SERVERS: readonly (Framework & Pick<WebServer, 'countsText'>)[] = (
  [
    ['Hono 4', honoApp],
    ['fetch', fetchApp],
  ] satisfies [name: string, build: (app: AdapterApp) => BuiltForWeb][]
).flatMap(([name, build]) =>
  WEB_SERVERS.map((server) => ({
    name: `${name} on ${server.name}`,
    countsText: server.countsText,
    build: (app: AdapterApp) => onServer(server, build(app), app),
  })),
);
