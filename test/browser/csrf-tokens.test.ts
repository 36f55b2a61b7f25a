import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { useChromium } from '../support/chromium.js';
import { closesWebs } from '../support/web.js';
import { cookieOf, kinds, submit, WebShop, who } from '../support/web-shop.js';

/** The status of a request that a script of the page sends, as docs/csrf.md shows it. */
async function send(page: Page, path: string, token: string): Promise<unknown> {
  return await page.evaluate(`fetch('${path}', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...${token} },
    body: '{}',
  }).then((response) => response.status)`);
}

const OF_COOKIE = "{ 'X-CSRF-Token': /(?:^|; )csrf=([^;]+)/.exec(document.cookie)?.[1] ?? '' }";

for (const [kind, mode] of kinds) {
  describe(`CSRF tokens in Chromium, with sessions in ${kind}`, () => {
    const user = useChromium();
    closesWebs();

    it('come in a form, which is refused without', async () => {
      const shop = await WebShop.open(mode, { csrf: 'token' });
      const { page } = user();
      await page.goto(shop.url());
      expect(await submit(page, 'sign-in')).to.deep.equal({ status: 200, text: 'ada 0' });
      expect(await submit(page, 'buy')).to.deep.equal({ status: 200, text: 'ada 1' });
      await page.evaluate("for (const field of document.querySelectorAll('[name=_csrf]')) field.remove()");
      expect(await submit(page, 'buy')).to.deep.equal({ status: 403, text: 'EBADCSRFTOKEN token_missing' });
      await page.goto(shop.url());
      expect(await who(page)).to.equal('ada 1');
    });

    it('are read from the cookie by a script, also right after it signed in', async () => {
      const shop = await WebShop.open(mode, { csrf: 'token' });
      const { page, context } = user();
      await page.goto(shop.url());
      expect(await send(page, '/sign-in', '{}')).to.equal(403);
      expect(await send(page, '/sign-in', OF_COOKIE)).to.equal(200);
      expect(await send(page, '/buy', OF_COOKIE)).to.equal(200);
      const { httpOnly, sameSite, expires, path } = await cookieOf(context, 'csrf');
      expect({ httpOnly, sameSite, expires, path }).to.deep.equal({
        httpOnly: false,
        sameSite: 'Lax',
        expires: -1,
        path: '/',
      });
      await page.goto(shop.url());
      expect(await who(page)).to.equal('ada 1');
    });

    it('are stale in a second tab once the first has signed in', async () => {
      const shop = await WebShop.open(mode, { csrf: 'token' });
      const { page, context } = user();
      const other = await context.newPage();
      await page.goto(shop.url());
      await other.goto(shop.url());
      await submit(page, 'sign-in');
      expect(await submit(other, 'buy')).to.deep.equal({ status: 403, text: 'EBADCSRFTOKEN token_stale' });
      await other.goto(shop.url());
      expect(await submit(other, 'buy')).to.deep.equal({ status: 200, text: 'ada 1' });
    });
  });
}

describe('The CSRF token of a __Host- session cookie in Chromium', () => {
  const user = useChromium();
  closesWebs();

  it('has a cookie with the prefix too, which scripts can read', async () => {
    const shop = await WebShop.open('synchronous', { scheme: 'https', cookie: '__Host-sid', csrf: 'token' });
    const { page, context } = user();
    await page.goto(shop.url());
    expect((await submit(page, 'sign-in')).text).to.equal('ada 0');
    const { value, secure } = await cookieOf(context, '__Host-csrf');
    expect(secure).to.equal(true);
    expect(await page.evaluate('document.cookie')).to.equal(`__Host-csrf=${value}`);
    expect(await send(page, '/buy', `{ 'X-CSRF-Token': '${value}' }`)).to.equal(200);
  });
});
