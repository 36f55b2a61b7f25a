import { expect } from 'chai';
import express from 'express';
import { activateSessions } from '../../src/adapters/express.js';
import { Controller } from '../../src/foxx/controller.js';
import { errorOf } from '../support/outcomes.js';
import { Client, type Site, site, transports } from './site.js';
import { served } from './support.js';

const REFUSED = { status: 401, body: { error: true, code: 401, errorMessage: 'Not authorized' } };

/** `POST /sign-in` lets anyone in; `GET /me` says who they are. */
function signingIn(given: Site = site()): Site {
  const { controller, sessionStorage } = given;
  controller.activateSessions({ sessionStorage, cookie: true, header: true });
  controller.post('/sign-in', ({ session }, response) => response.json(session.setUser('u1').uid));
  return given;
}

async function ask(client: Client, path: string): Promise<object> {
  const { status, body } = await client.get(path);
  return { status, body };
}

describe('onlyIfAuthenticated', () => {
  for (const by of transports) {
    it(`lets those signed in by ${by} pass, and answers others 401 before the handler runs`, async () => {
      const { controller, visit } = signingIn();
      let runs = 0;
      controller.get('/me', ({ session }, response) => response.json([session.uid, ++runs])).onlyIfAuthenticated();
      await visit(async (origin) => {
        const client = new Client(origin, by);
        expect(await ask(client, '/me')).to.deep.equal(REFUSED);
        await client.post('/sign-in');
        expect(await ask(client, '/me')).to.deep.equal({ status: 200, body: ['u1', 1] });
      });
    });
  }

  it('answers with the status and reason it was given, and can be chained', async () => {
    const { controller, visit } = signingIn();
    const route = controller.get('/me', (_request, response) => response.json('me'));
    expect(route.onlyIfAuthenticated(400).onlyIfAuthenticated(403, 'Members only')).to.equal(route);
    await visit(async (origin) => {
      const expected = { status: 403, body: { error: true, code: 403, errorMessage: 'Members only' } };
      expect(await ask(new Client(origin, 'cookie'), '/me')).to.deep.equal(expected);
    });
  });

  it('of the controller guards all its routes, declared before and after', async () => {
    const { controller, visit } = signingIn();
    controller.get('/before', (_request, response) => response.json('before'));
    expect(controller.onlyIfAuthenticated(404, 'Nothing here')).to.equal(controller);
    controller.get('/after', (_request, response) => response.json('after'));
    controller.destroySession('/sign-out', { method: 'get' });
    await visit(async (origin) => {
      for (const path of ['/before', '/after', '/sign-out']) {
        const expected = { status: 404, body: { error: true, code: 404, errorMessage: 'Nothing here' } };
        expect(await ask(new Client(origin, 'cookie'), path)).to.deep.equal(expected);
      }
    });
  });

  it('of a route replaces that of the controller', async () => {
    const { controller, visit } = signingIn();
    controller.onlyIfAuthenticated(404);
    controller.get('/me', (_request, response) => response.json('me')).onlyIfAuthenticated();
    await visit(async (origin) => expect(await ask(new Client(origin, 'cookie'), '/me')).to.deep.equal(REFUSED));
  });

  it('leaves other routes, and other controllers over the same router, alone', async () => {
    const { controller, router, visit } = signingIn();
    controller.get('/open', (_request, response) => response.json('open'));
    controller.get('/closed', (_request, response) => response.json('closed')).onlyIfAuthenticated();
    const other = new Controller({ router });
    other.get('/other', (_request, response) => response.json('other'));
    new Controller({ router }).onlyIfAuthenticated();
    await visit(async (origin) => {
      const client = new Client(origin, 'cookie');
      expect(await ask(client, '/open')).to.deep.equal({ status: 200, body: 'open' });
      expect(await ask(client, '/closed')).to.deep.equal(REFUSED);
      expect(await ask(client, '/other')).to.deep.equal({ status: 200, body: 'other' });
    });
  });

  it('refuses whoever has no session at all', async () => {
    const { controller, sessionStorage, visit } = site();
    controller.activateSessions({ sessionStorage, cookie: true, autoCreateSession: false });
    controller.get('/me', (_request, response) => response.json('me')).onlyIfAuthenticated();
    await visit(async (origin) => expect(await ask(new Client(origin, 'cookie'), '/me')).to.deep.equal(REFUSED));
  });

  it('refuses a session that the same request has revoked', async () => {
    const { controller, visit } = signingIn();
    controller.all('/me', ({ session }, _response, next) => {
      session.revoke();
      next();
    });
    controller.get('/me', (_request, response) => response.json('me')).onlyIfAuthenticated();
    await visit(async (origin) => {
      const client = new Client(origin, 'cookie');
      await client.post('/sign-in');
      expect(await ask(client, '/me')).to.deep.equal(REFUSED);
    });
  });

  it('takes the sessions that the application activated itself', async () => {
    const { sessionStorage } = site();
    const router = express.Router();
    const controller = new Controller({ router });
    controller.get('/me', ({ session }, response) => response.json(session.uid)).onlyIfAuthenticated();
    const app = express().use(activateSessions({ sessionStorage, cookie: true }), router);
    const sid = sessionStorage.create().setUser('u1').forClient();
    await served(app, async (origin) => {
      expect((await fetch(`${origin}/me`)).status).to.equal(401);
      const response = await fetch(`${origin}/me`, { headers: { cookie: `sid=${sid}` } });
      expect(await response.json()).to.equal('u1');
    });
  });

  it('fails loudly where no sessions are active, in place of refusing everybody', async () => {
    const { controller, errors, visit } = site();
    controller.get('/me', (_request, response) => response.json('me')).onlyIfAuthenticated();
    await visit(async (origin) => expect((await fetch(`${origin}/me`)).status).to.equal(500));
    expect(errors[0]).to.be.instanceOf(TypeError);
    expect(String(errors[0])).to.contain('activateSessions');
  });

  it('refuses a code that is no error status, and a reason that is no text', async () => {
    const { controller } = site();
    for (const given of [[200], [399], [600], [401.5], ['401'], [null], [401, 5], [401, null]]) {
      const error = await errorOf(() => Reflect.apply(controller.onlyIfAuthenticated, controller, given));
      expect(error, String(given)).to.be.instanceOf(TypeError);
      expect(error.message).to.match(given.length === 1 ? /code/ : /reason/);
    }
  });
});
