import { expect } from 'chai';
import { FakeClock } from '../../src/testing/fake-clock.js';
import type { AdapterApp, AdapterCall, AdapterReply } from '../../src/testing/index.js';
import { fastifyApp } from '../support/adapter-apps/fastify.js';
import { useChromium } from '../support/chromium.js';
import { guardProcess, serve } from '../support/deferred-head.js';
import { Shop } from '../support/shop.js';
import { closesWebs, pageOf, Web } from '../support/web.js';
import { cookieOf, HOST, jarOf, kinds, submit, who } from '../support/web-shop.js';

/** Forms as text, which Fastify takes without a plugin. */
const form = (action: string, id = action) =>
  `<form id="${id}" method="post" action="${action}" enctype="text/plain"></form>`;

const shown = (call: AdapterCall): AdapterReply => ({
  headers: { 'Content-Type': 'text/html' },
  text: pageOf(`<p id="who">${call.session()?.uid ?? 'nobody'}</p>${form('sign-in')}${form('sign-out')}`),
});

const routes: AdapterApp['routes'] = {
  '/': shown,
  '/sign-in': (call) => {
    call.session()?.setUser('ada');
    return { redirect: '/' };
  },
  '/sign-out': (call) => {
    call.session()?.revoke();
    return { redirect: '/' };
  },
};

for (const [kind, mode] of kinds) {
  describe(`Chromium and Fastify, with sessions in ${kind}`, () => {
    const user = useChromium();
    closesWebs();
    guardProcess();

    const open = async () => {
      const { sessionStorage } = new Shop({ mode, clock: new FakeClock(Date.now()) });
      const options = { sessionStorage, property: 'session', cookie: true };
      const activations = [{ options, only: () => true, passive: () => false, mount: undefined }];
      const { listener } = await fastifyApp({ activations, routes, trustProxy: false });
      const url = `http://${HOST}:${await serve(listener)}/`;
      const { page, context } = user();
      await page.goto(url);
      expect(await submit(page, 'sign-in')).to.deep.equal({ status: 200, text: 'ada' });
      return { url, page, context };
    };

    it('keeps the cookie of a sign-in, sends it back, and has none after a sign-out', async () => {
      const { page, context } = await open();
      const { domain, httpOnly, sameSite } = await cookieOf(context);
      expect({ domain, httpOnly, sameSite }).to.deep.equal({ domain: HOST, httpOnly: true, sameSite: 'Lax' });
      expect(await submit(page, 'sign-out')).to.deep.equal({ status: 200, text: 'nobody' });
      expect(await jarOf(context)).to.deep.equal([]);
    });

    it('refuses the form of a sibling domain', async () => {
      const { url, page } = await open();
      const web = await Web.open();
      await page.goto(web.put(`sub.${HOST}`, form(`${url}sign-out`, 'forged')));
      expect((await submit(page, 'forged')).status).to.equal(403);
      await page.goto(url);
      expect(await who(page)).to.equal('ada');
    });
  });
}
