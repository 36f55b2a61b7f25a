import { type AdapterFeature, adapterSuite } from '../../src/testing/index.js';
import { EXPRESS, FASTIFY, KOA, ON_WEB_SERVERS } from '../support/adapter-apps/frameworks.js';
import { connected, injected, served, servedByHttp2 } from '../support/adapter-apps/ways.js';
import { calledWithRequest, fetchApp, honoApp } from '../support/adapter-apps/web.js';
import { guardProcess } from '../support/deferred-head.js';
import { tries } from '../support/depth.js';
import { restoreGlobals } from '../support/web-app.js';

const runner = { describe, it, before, after };

/** How many users send a request at the same time. */
const users = process.env['SESSIONS_LARGE'] === '1' ? 1000 : tries({ quick: 25, deep: 100 });

/** A Request alone says neither where it came from nor what a proxy said, and its Response has no Content-Length. */
const BY_REQUEST: readonly AdapterFeature[] = ['content-length', 'loopback', 'trusted-proxy'];

describe('adapterSuite', () => {
  guardProcess();
  afterEach(restoreGlobals);

  for (const { name, build } of [...EXPRESS, FASTIFY, KOA]) {
    adapterSuite({ runner, name, users, serve: async (app) => served(await build(app)) });
  }
  for (const { name, build, countsText } of ON_WEB_SERVERS) {
    const lacks: readonly AdapterFeature[] = countsText ? [] : ['content-length'];
    adapterSuite({ runner, name, users, lacks, serve: async (app) => served(await build(app)) });
  }

  // Express does not work with HTTP/2, and light-my-request would change it for the other tests.
  for (const { name, build } of EXPRESS) {
    adapterSuite({ runner, name, users, lacks: ['loopback'], inject: async (app) => connected(await build(app)) });
  }
  for (const { name, build } of [FASTIFY, KOA]) {
    adapterSuite({ runner, name, users, inject: async (app) => injected(await build(app)) });
    adapterSuite({ runner, name: `${name} by HTTP/2`, users, inject: async (app) => servedByHttp2(await build(app)) });
  }
  adapterSuite({ runner, name: 'Hono 4', users, lacks: BY_REQUEST, inject: (app) => calledWithRequest(honoApp(app)) });
  adapterSuite({ runner, name: 'fetch', users, lacks: BY_REQUEST, inject: (app) => calledWithRequest(fetchApp(app)) });
});
