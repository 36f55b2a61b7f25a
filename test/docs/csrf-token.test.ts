import { once } from 'node:events';
import type { Server } from 'node:http';
import { expect } from 'chai';
import { jsonOf } from '../support/answers.js';
import { Browser } from '../support/browser.js';
import { guardProcess } from '../support/deferred-head.js';
import { type AnyStorage, kits } from '../support/kits.js';
import { runPage } from '../support/page-program.js';

for (const [where, kit] of kits) {
  describe(`The CSRF token of docs/cookies-and-headers.md, with sessions ${where}`, () => {
    let server: Server;
    let browser: Browser;
    let storage: AnyStorage;
    guardProcess();

    beforeEach(async () => {
      storage = kit().storage;
      const place = { page: 'docs/cookies-and-headers.md', mark: 'createHmac', gives: { sessionStorage: storage } };
      ({ server } = await runPage<{ readonly server: Server }>(place, 'server'));
      if (!server.listening) await once(server, 'listening');
      browser = newBrowser();
    });

    afterEach(() => {
      server.close();
      server.closeAllConnections();
    });

    function newBrowser(): Browser {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      return new Browser(address.port);
    }

    const tokenOf = async (one: Browser, headers: Record<string, string> = {}) =>
      String(jsonOf(await one.ask('/form', { headers }), 'token'));

    const post = async (one: Browser, token: string) =>
      (await one.ask('/form', { method: 'POST', headers: { 'x-csrf-token': token } })).status;

    it('is taken from its visitor, however they came', async () => {
      expect(await post(browser, await tokenOf(browser))).to.equal(200);
      const other = newBrowser();
      expect(await post(other, await tokenOf(other, { 'sec-fetch-site': 'cross-site' }))).to.equal(200);
    });

    it('is refused from others, without a session, and when it is missing', async () => {
      const token = await tokenOf(browser);
      const other = newBrowser();
      expect(await post(other, token)).to.equal(403);
      await tokenOf(other);
      expect(await post(other, token)).to.equal(403);
      expect(await post(browser, '')).to.equal(403);
    });

    it('outlives a rotation, and not a sign-in', async () => {
      const token = await tokenOf(browser);
      for (const [change, status] of [
        ['rotate', 200],
        ['setUser', 403],
      ] as const) {
        const session = await storage.get(await browser.cookie('sid'));
        const outcome = await storage.commit(change === 'rotate' ? session.rotate() : session.setUser('u1'));
        await browser.plant(`sid=${outcome.outcome === 'issued' ? outcome.sid : ''}`);
        expect(await post(browser, token)).to.equal(status);
      }
    });
  });
}
