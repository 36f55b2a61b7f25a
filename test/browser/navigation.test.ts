import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { useChromium } from '../support/chromium.js';
import { closesWebs } from '../support/web.js';
import { kinds, submit, WebShop, who } from '../support/web-shop.js';

/** Goes back in the history of a tab. A page that the browser kept as it was fires no load event. */
async function goBack(page: Page): Promise<void> {
  await page.goBack({ waitUntil: 'commit' });
  await page.waitForFunction("document.getElementById('who') !== null");
}

for (const [kind, mode] of kinds) {
  describe(`Tabs and history of Chromium, with sessions in ${kind}`, () => {
    const user = useChromium();
    closesWebs();

    it('have the new session on the page to which a sign-in redirects', async () => {
      const shop = await WebShop.open(mode);
      const { page } = user();
      await page.goto(shop.url());
      expect(await submit(page, 'sign-in')).to.deep.equal({ status: 200, text: 'ada 0' });
    });

    it('share the session, and none has it after a sign-out in one', async () => {
      const shop = await WebShop.open(mode);
      const { page, context } = user();
      const other = await context.newPage();
      await shop.enter(page);
      await other.goto(shop.url());
      expect(await who(other)).to.equal('ada 0');
      await submit(page, 'sign-out');
      expect((await submit(other, 'buy')).text).to.equal('nobody 1');
    });

    for (const [page, path, headers] of [
      ['a page that came with a new sid', '/rotated', {}],
      ['a page that the application sent with no-store', '/account', { 'Cache-Control': 'no-store' }],
    ] as const) {
      it(`ask the server again for ${page}, if Back leads to it after a sign-out`, async () => {
        const shop = await WebShop.open(mode, { headers });
        const { page: tab } = user();
        await shop.enter(tab);
        await tab.goto(shop.url(path));
        expect(await who(tab)).to.equal('ada 0');
        await submit(tab, 'sign-out');
        await goBack(tab);
        expect(tab.url()).to.equal(shop.url(path));
        expect(await who(tab)).to.equal('nobody 0');
      });
    }
  });
}
