import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { useChromium } from '../support/chromium.js';
import { closesWebs } from '../support/web.js';
import { cookieOf, follow, HOST, jarOf, submit, WebShop, type WebShopOptions, who } from '../support/web-shop.js';

const REFUSED = { status: 403, text: 'EBADCSRFTOKEN cross_origin' };

/** Over plain HTTP, Chromium sends no Sec-Fetch-Site to these hosts, so that Origin decides. */
const worlds: readonly (readonly [name: string, ...Parameters<typeof WebShop.open>])[] = [
  ['tokens, with SameSite=Lax over plain HTTP', 'synchronous', {}],
  ['a store, with SameSite=None over HTTPS', 'server-side', { scheme: 'https', cookie: { sameSite: 'none' } }],
];

for (const [name, mode, options] of worlds) {
  describe(`Other sites in Chromium, with sessions in ${name}`, () => {
    const user = useChromium();
    closesWebs();

    const isNone = options?.cookie !== undefined;
    const form = (shop: WebShop, path: string) => `<form id="forged" method="post" action="${shop.url(path)}"></form>`;

    /** Submits the form of a page on another host, and gives the answer with whether the sid came along. */
    const forge = async (page: Page, shop: WebShop, host: string, path: string) => {
      await page.goto(shop.web.put(host, form(shop, path)));
      const landing = await submit(page, 'forged');
      const [received] = shop.web.receivedAt(path);
      return { landing, hasSid: /\bsid=/.test(received?.headers.cookie ?? '') };
    };

    it('cannot send a form, and the session stays as it was', async () => {
      const shop = await WebShop.open(mode, options);
      const { page } = user();
      await shop.enter(page);
      const { landing, hasSid } = await forge(page, shop, 'evil.test', '/buy');
      expect(landing).to.deep.equal(REFUSED);
      expect(hasSid, 'what SameSite decides').to.equal(isNone);
      await page.goto(shop.url());
      expect(await who(page)).to.equal('ada 0');
    });

    it('cannot send a form from a sibling domain, although the sid comes with it', async () => {
      const shop = await WebShop.open(mode, options);
      const { page } = user();
      await shop.enter(page);
      const { landing, hasSid } = await forge(page, shop, `sub.${HOST}`, '/buy');
      expect({ ...landing, hasSid }).to.deep.equal({ ...REFUSED, hasSid: true });
    });

    it('cannot sign a visitor in', async () => {
      const shop = await WebShop.open(mode, options);
      const { page, context } = user();
      const { landing } = await forge(page, shop, 'evil.test', '/sign-in');
      expect(landing).to.deep.equal(REFUSED);
      expect(await jarOf(context)).to.deep.equal([]);
    });

    it('do not affect the form of the own site', async () => {
      const shop = await WebShop.open(mode, options);
      const { page } = user();
      await shop.enter(page);
      expect(await submit(page, 'buy')).to.deep.equal({ status: 200, text: 'ada 1' });
    });

    it('can link to a page, which has the session', async () => {
      const shop = await WebShop.open(mode, options);
      const { page } = user();
      await shop.enter(page);
      await page.goto(shop.web.put('evil.test', `<a id="link" href="${shop.url()}">shop</a>`));
      expect(await follow(page, 'link')).to.deep.equal({ status: 200, text: 'ada 0' });
    });

    it('cannot send a request by a script on a sibling domain', async () => {
      const shop = await WebShop.open(mode, options);
      const { page } = user();
      await shop.enter(page);
      await page.goto(shop.web.put(`sub.${HOST}`, ''));
      const init = "{ method: 'POST', mode: 'no-cors', credentials: 'include' }";
      await page.evaluate(`fetch('${shop.url('/buy')}', ${init}).then(() => undefined)`);
      expect(shop.web.receivedAt('/buy').map(({ headers }) => /\bsid=/.test(headers.cookie ?? ''))).to.deep.equal([
        true,
      ]);
      await page.goto(shop.url());
      expect(await who(page)).to.equal('ada 0');
    });
  });
}

describe('Forms of a page with Referrer-Policy: no-referrer, in Chromium', () => {
  const user = useChromium();
  closesWebs();

  /** The answer to a form of the shop's own page, and what the browser said of where it comes from. */
  const submitted = async (host: string, options: WebShopOptions = {}) => {
    const shop = await WebShop.open('synchronous', { ...options, headers: { 'Referrer-Policy': 'no-referrer' } });
    const { page } = user();
    await page.goto(shop.web.url(host));
    const { status } = await submit(page, 'sign-in');
    const { origin, 'sec-fetch-site': site } = shop.web.receivedAt('/sign-in')[0]?.headers ?? {};
    return { status, origin, site };
  };
  const taken = { status: 200, origin: 'null', site: 'same-origin' };

  it('are taken over HTTPS, by Sec-Fetch-Site', async () => {
    expect(await submitted(HOST, { scheme: 'https' })).to.deep.equal(taken);
  });

  it('are taken on localhost, by Sec-Fetch-Site', async () => {
    expect(await submitted('localhost')).to.deep.equal(taken);
  });

  it('are refused over plain HTTP elsewhere, where the browser does not say who sent them', async () => {
    expect(await submitted(HOST)).to.deep.equal({ status: 403, origin: 'null', site: undefined });
  });
});

describe('An eager session in Chromium', () => {
  const user = useChromium();
  closesWebs();

  it('does not replace the SameSite=Strict cookie that is left out after a link of another site', async () => {
    const shop = await WebShop.open('synchronous', {
      scheme: 'https',
      create: 'eager',
      cookie: { sameSite: 'strict' },
    });
    const { page, context } = user();
    await shop.enter(page);
    const { value } = await cookieOf(context);
    await page.goto(shop.web.put('evil.test', `<a id="link" href="${shop.url()}">shop</a>`));
    expect((await follow(page, 'link')).text).to.equal('nobody 0');
    expect((await cookieOf(context)).value).to.equal(value);
    expect((await follow(page, 'again')).text).to.equal('ada 0');
  });
});
