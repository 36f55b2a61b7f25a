import { expect } from 'chai';
import express from 'express';
import { NeedsConfiguration } from '../../src/foxx/errors.js';
import { Service } from '../../src/foxx/service.js';
import { errorOf } from '../support/outcomes.js';
import { fixture, served } from './support.js';

const shop = fixture('shop/manifest.json');
const rule = fixture('rule/manifest.json');

describe('a service that needs configuration', () => {
  it('loads, says what is missing, and refuses its exports by name', async () => {
    const service = await Service.load(shop, { mount: '/shop' });
    expect(service.isConfigured).to.equal(false);
    expect(service.missing).to.deep.equal(['jwtSecret']);
    const error = await errorOf(() => service.exports, NeedsConfiguration);
    expect(error).to.include({ code: 'ERR_FOXX_NEEDS_CONFIGURATION', status: 500, name: 'NeedsConfiguration' });
    expect(error.keys).to.deep.equal(['jwtSecret']);
    expect(error.message).to.equal('service "shop" at /shop needs configuration: jwtSecret');
  });

  it('answers every request with 500 and the keys, as JSON that no cache keeps', async () => {
    const service = await Service.load(shop, { mount: '/shop' });
    await served(express().use(service.mount, service.router), async (origin) => {
      for (const [method, path] of [
        ['GET', '/items'],
        ['POST', '/admin/restock'],
        ['DELETE', '/none'],
      ] as const) {
        const response = await fetch(`${origin}/shop${path}`, { method });
        expect(response.status).to.equal(500);
        expect(response.headers.get('cache-control')).to.equal('no-store');
        expect(await response.json()).to.deep.equal({
          error: true,
          code: 500,
          errorMessage: 'service "shop" at /shop needs configuration: jwtSecret',
        });
      }
      expect((await fetch(`${origin}/elsewhere`)).status).to.equal(404);
    });
  });

  it('comes alive behind the router already mounted, once configured', async () => {
    const service = await Service.load(shop, { mount: '/shop' });
    const { router } = service;
    await served(express().use('/shop', router), async (origin) => {
      expect((await fetch(`${origin}/shop/items`)).status).to.equal(500);
      expect(await service.configure({ jwtSecret: 'hunter2' })).to.equal(service);
      expect(service.router).to.equal(router);
      expect(service).to.include({ isConfigured: true });
      expect(await (await fetch(`${origin}/shop/items`)).json()).to.deep.equal({ currency: 'EUR' });
      expect(await (await fetch(`${origin}/shop/where`)).json()).to.deep.equal({ mount: '/shop' });
      expect((await fetch(`${origin}/shop/admin/restock`, { method: 'POST' })).status).to.equal(201);
      expect((await fetch(`${origin}/shop/restock`, { method: 'POST' })).status).to.equal(404);
    });
  });

  it('may say so from a module, for a rule the manifest cannot state', async () => {
    const service = await Service.load(rule);
    expect(service.missing).to.deep.equal(['jwtSecret']);
    await served(express().use(service.router), async (origin) => {
      expect((await fetch(origin)).status).to.equal(500);
      await service.configure({ jwtAlgorithm: 'none' });
      expect(service.exports).to.deep.equal({ algorithm: 'none' });
      expect(await (await fetch(origin)).json()).to.deep.equal({ alive: true });
    });
  });

  it('keeps the error of the module as the cause of its own', async () => {
    const service = await Service.load(rule, { mount: '/rule' });
    const { message, cause } = await errorOf(() => service.exports);
    expect(message).to.equal('service "rule" at /rule needs configuration: jwtSecret');
    expect(cause).to.be.instanceOf(NeedsConfiguration);
  });

  it('is told by the code of the error when the module has another copy of the class', async () => {
    expect((await Service.load(fixture('rule/foreign.json'))).missing).to.deep.equal(['elsewhere']);
  });
});

describe('configuring a service anew', () => {
  it('keeps the values given before and calls the modules again', async () => {
    const service = await Service.load(shop, { configuration: { jwtSecret: 'hunter2' } });
    await served(express().use(service.router), async (origin) => {
      await service.configure({ currency: 'CHF' });
      expect(service.exports).to.include({ currency: 'CHF', secretLength: 7 });
      expect(await (await fetch(`${origin}/items`)).json()).to.deep.equal({ currency: 'CHF' });
    });
  });

  it('takes undefined as back to the default, or to needing configuration', async () => {
    const service = await Service.load(shop, { configuration: { jwtSecret: 'hunter2', currency: 'CHF' } });
    await service.configure({ currency: undefined });
    expect(service.exports).to.include({ currency: 'EUR' });
    await service.configure({ jwtSecret: undefined });
    expect(service.missing).to.deep.equal(['jwtSecret']);
  });

  it('leaves the service as it was when it is refused, values included', async () => {
    const service = await Service.load(shop, { configuration: { jwtSecret: 'hunter2' } });
    expect(await errorOf(() => service.configure({ jwtSecret: 'other', currency: 5 }))).to.be.instanceOf(TypeError);
    expect(service.exports).to.include({ currency: 'EUR', secretLength: 7 });
    await service.configure();
    expect(service.exports).to.include({ currency: 'EUR', secretLength: 7 });
  });

  it('takes turns, so that no value is lost between two calls at once', async () => {
    const service = await Service.load(shop);
    await Promise.all([service.configure({ jwtSecret: 'hunter2' }), service.configure({ currency: 'CHF' })]);
    expect(service.exports).to.include({ currency: 'CHF', secretLength: 7 });
  });

  it('goes on after a call that was refused', async () => {
    const service = await Service.load(shop);
    const refused = errorOf(() => service.configure({ jwtSecret: 5 }));
    await Promise.all([refused, service.configure({ jwtSecret: 'hunter2' })]);
    expect(service.isConfigured).to.equal(true);
  });
});

describe('the router of a service without routes', () => {
  it('passes every request on', async () => {
    const service = await Service.load(fixture('greeter/manifest.json'));
    await served(
      express()
        .use(service.router)
        .get('/', (_request, response) => void response.send('next')),
      async (origin) => {
        expect(await (await fetch(origin)).text()).to.equal('next');
      },
    );
  });
});
