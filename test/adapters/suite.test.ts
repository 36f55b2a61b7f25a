import { createRequire } from 'node:module';
import express5 from 'express';
import { type AdapterApp, type AdapterFeature, adapterSuite } from '../../src/testing/index.js';
import { expressApp } from '../support/adapter-apps/express.js';
import { fastifyApp } from '../support/adapter-apps/fastify.js';
import { koaApp } from '../support/adapter-apps/koa.js';
import { type Built, connected, injected, served, servedByHttp2 } from '../support/adapter-apps/ways.js';
import { calledWithRequest, fetchApp, honoApp, onServer } from '../support/adapter-apps/web.js';
import { guardProcess } from '../support/deferred-head.js';
import { honoServer, restoreGlobals, srvxServer } from '../support/web-app.js';

const runner = { describe, it, before, after };

const express4: typeof express5 = createRequire(import.meta.url)('express4');

type Framework = readonly [name: string, build: (app: AdapterApp) => Built | Promise<Built>];

/** Express does not work with HTTP/2, and light-my-request would change it for the other tests. */
const WITHOUT_EXPRESS: readonly Framework[] = [
  ['Fastify 5', fastifyApp],
  ['Koa 3', koaApp],
];

/** The frameworks that get requests and responses of Node. */
const ON_NODE: readonly Framework[] = [
  ['Express 5', (app) => expressApp(express5, app)],
  ['Express 4', (app) => expressApp(express4, app)],
  ...WITHOUT_EXPRESS,
];

/** How many users send a request at the same time. */
const users = process.env['SESSIONS_LARGE'] === '1' ? 1000 : 100;

describe('adapterSuite', () => {
  guardProcess();
  afterEach(restoreGlobals);

  for (const [name, build] of ON_NODE) {
    adapterSuite({ runner, name, serve: async (app) => served(await build(app)), users });
  }
  for (const [name, build] of WITHOUT_EXPRESS) {
    adapterSuite({ runner, name, inject: async (app) => injected(await build(app)), users });
    adapterSuite({ runner, name: `${name} by HTTP/2`, inject: async (app) => servedByHttp2(await build(app)), users });
  }
  for (const [name, build] of ON_NODE.filter((one) => !WITHOUT_EXPRESS.includes(one))) {
    adapterSuite({ runner, name, inject: async (app) => connected(await build(app)), lacks: ['loopback'], users });
  }

  // A Request alone says neither where it came from nor what a proxy said, and has no Content-Length for its Response.
  const lacks: readonly AdapterFeature[] = ['content-length', 'loopback', 'trusted-proxy'];
  for (const [name, build] of [
    ['Hono 4', honoApp],
    ['fetch', fetchApp],
  ] as const) {
    adapterSuite({ runner, name, inject: (app) => calledWithRequest(build(app)), lacks, users });
    adapterSuite({
      runner,
      name: `${name} on @hono/node-server`,
      serve: (app) => served(onServer(honoServer, build(app), app)),
      users,
    });
    adapterSuite({
      runner,
      name: `${name} on srvx`,
      serve: (app) => served(onServer(srvxServer, build(app), app)),
      lacks: ['content-length'],
      users,
    });
  }
});
