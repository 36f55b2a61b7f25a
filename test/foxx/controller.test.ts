import { expect } from 'chai';
import express from 'express';
import { Controller } from '../../src/foxx/controller.js';
import type { Handler } from '../../src/foxx/handler.js';
import { errorOf } from '../support/outcomes.js';
import { Client, majors, site } from './site.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

describe('a controller', () => {
  it('answers each method by the route declared for it, and no other', async () => {
    const { controller, visit } = site();
    for (const method of METHODS)
      controller[method](`/${method}/:id`, (request, response) => response.json(request.params));
    await visit(async (origin) => {
      const client = new Client(origin, 'cookie');
      for (const method of METHODS) {
        const { body } = await client.send(method.toUpperCase(), `/${method}/7`);
        expect(body).to.deep.equal({ id: '7' });
        const other = method === 'put' ? 'POST' : 'PUT';
        expect((await client.send(other, `/${method}/7`)).status).to.equal(404);
      }
    });
  });

  it('answers every method where it was told all', async () => {
    const { controller, visit } = site();
    controller.all('/any', (request, response) => response.json(request.method));
    await visit(async (origin) => {
      for (const method of METHODS.map((name) => name.toUpperCase())) {
        expect((await new Client(origin, 'cookie').send(method, '/any')).body).to.equal(method);
      }
    });
  });

  it('puts its urlPrefix before all its paths', async () => {
    const { controller, visit } = site({ urlPrefix: '/users/:user' });
    controller.get('/name', (request, response) => response.json(request.params['user']));
    controller.get('/', (_request, response) => response.json('root'));
    await visit(async (origin) => {
      const client = new Client(origin, 'cookie');
      expect((await client.get('/users/ada/name')).body).to.equal('ada');
      expect((await client.get('/users/ada')).body).to.equal('root');
      expect((await client.get('/name')).status).to.equal(404);
    });
  });

  it('refuses options that are none, naming them', async () => {
    for (const urlPrefix of ['users', '/users/', '/', '', 5, null]) {
      const error = await errorOf(() => Reflect.construct(Controller, [{ router: express.Router() }, { urlPrefix }]));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.contain('urlPrefix');
    }
    const error = await errorOf(() => Reflect.construct(Controller, [{ router: express.Router() }, { prefix: '/x' }]));
    expect(error.message).to.contain('"prefix"');
  });

  it('refuses a context without a router, saying which modules get one', async () => {
    for (const context of [{}, { router: undefined }, { router: {} }, undefined, null]) {
      const error = await errorOf(() => Reflect.construct(Controller, [context]));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.contain('router').and.contain('"main" or "controllers"');
    }
  });

  it('refuses a path or a handler that is none when the route is declared', async () => {
    const { controller } = site();
    const wrong: [unknown, unknown, string][] = [
      ['users', () => 0, 'path'],
      ['', () => 0, 'path'],
      [/users/, () => 0, 'path'],
      ['/users', undefined, '/users'],
      ['/users', {}, '/users'],
    ];
    for (const [path, handler, name] of wrong) {
      const error = await errorOf(() => Reflect.apply(controller.get, controller, [path, handler]));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.contain(name);
    }
  });

  it('opens no session for requests that match none of its routes', async () => {
    const { app, controller, sessionStorage, visit } = site();
    controller.activateSessions({ sessionStorage, cookie: true, header: true });
    controller.get('/in', (_request, response) => response.json('in'));
    app.get('/out', (request, response) => response.json('session' in request));
    await visit(async (origin) => {
      const [inside, outside] = [await fetch(`${origin}/in`), await fetch(`${origin}/out`)];
      expect(inside.headers.getSetCookie()).to.have.length(1);
      expect(await outside.json()).to.equal(false);
      expect(outside.headers.getSetCookie()).to.have.length(0);
      expect(outside.headers.get('x-session-id')).to.equal(null);
    });
  });

  it('keeps one session for a request that one route passes on to another', async () => {
    const { controller, sessionStorage, visit } = site();
    controller.activateSessions({ sessionStorage, cookie: true });
    controller.all('/x', (request, _response, next) => {
      request.session.sessionData['seen'] = true;
      next();
    });
    controller.get('/x', (request, response) => response.json(request.session.sessionData));
    await visit(async (origin) => {
      const { body, headers } = await new Client(origin, 'cookie').get('/x');
      expect(body).to.deep.equal({ seen: true });
      expect(headers.getSetCookie()).to.have.length(1);
    });
  });
});

for (const [major, make] of majors) {
  describe(`the handlers of a controller on Express ${major}`, () => {
    const failing: [string, Handler, string][] = [
      ['throw', () => raise('at once'), 'at once'],
      ['reject with', async () => raise('later'), 'later'],
      ['pass to next', (_request, _response, next) => next(new Error('by next')), 'by next'],
    ];
    for (const [how, handler, message] of failing) {
      it(`have what they ${how} taken to the error handlers`, async () => {
        const { controller, errors, visit } = site({}, make);
        controller.get('/', handler);
        await visit(async (origin) => {
          const { status, body } = await new Client(origin, 'cookie').get('/');
          expect({ status, body }).to.deep.equal({ status: 500, body: { failed: message } });
          expect(errors).to.have.length(1);
        });
      });
    }

    it('fail also when they reject with nothing, which Express 4 would take for success', async () => {
      const { app, controller, visit } = site({}, make);
      controller.get('/', () => Promise.reject());
      app.get('/', (_request, response) => response.json('the next handler'));
      await visit(async (origin) => expect((await fetch(origin)).status).to.equal(500));
    });

    it('have a session, and the error handlers too when it cannot be sent', async () => {
      const { controller, sessionStorage, visit } = site({}, make);
      controller.activateSessions({ sessionStorage, cookie: true });
      controller.post('/', async ({ session, body }, response) => {
        session.sessionData['note'] = 'x'.repeat(body.length);
        response.json('stored');
      });
      await visit(async (origin) => {
        const client = new Client(origin, 'cookie');
        expect((await client.post('/', { length: 10 })).body).to.equal('stored');
        const { status, body, headers } = await client.post('/', { length: 5000 });
        expect(status).to.equal(500);
        expect(body).to.have.property('failed').that.contains('session cookie');
        expect(headers.getSetCookie()).to.have.length(0);
      });
    });
  });
}

function raise(message: string): never {
  throw new Error(message);
}
