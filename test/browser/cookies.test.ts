import { expect } from 'chai';
import { useChromium } from '../support/chromium.js';
import { closesWebs } from '../support/web.js';
import { cookieOf, follow, HOST, jarOf, kinds, submit, WebShop, who } from '../support/web-shop.js';

for (const [kind, mode] of kinds) {
  describe(`Chromium and the cookie of a session in ${kind}`, () => {
    const user = useChromium();
    closesWebs();

    it('keeps it for this host and every path, hidden from scripts, and sends it back', async () => {
      const shop = await WebShop.open(mode);
      const { page, context } = user();
      await page.goto(shop.url());
      expect(await jarOf(context), 'before there is anything to keep').to.deep.equal([]);
      expect(await submit(page, 'sign-in')).to.deep.equal({ status: 200, text: 'ada 0' });
      const { name, domain, path, httpOnly, secure, sameSite } = await cookieOf(context);
      expect({ name, domain, path }).to.deep.equal({ name: 'sid', domain: HOST, path: '/' });
      expect({ httpOnly, secure, sameSite }).to.deep.equal({ httpOnly: true, secure: false, sameSite: 'Lax' });
      expect(await page.evaluate('document.cookie')).to.equal('');
      expect((await submit(page, 'buy')).text).to.equal('ada 1');
    });

    it('keeps it as long as the session lasts', async () => {
      const shop = await WebShop.open(mode);
      const { page, context } = user();
      await shop.enter(page);
      const cookie = await cookieOf(context);
      const expiry = (await shop.sessionOf(cookie)).getExpiry();
      // The browser counts Max-Age, in whole seconds, from when it got the response.
      const late = Date.now() - shop.clock.now();
      expect(cookie.expires * 1000).to.be.within(expiry, expiry + 1000 + late);
    });

    it('has none after a sign-out, and the one that it had opens nothing', async () => {
      const shop = await WebShop.open(mode);
      const { page, context } = user();
      await shop.enter(page);
      const cookie = await cookieOf(context);
      expect((await submit(page, 'sign-out')).text).to.equal('nobody 0');
      expect(await jarOf(context)).to.deep.equal([]);
      await context.addCookies([cookie]);
      await page.goto(shop.url());
      expect(await who(page)).to.equal('nobody 0');
    });

    it('replaces it at a rotation', async () => {
      const shop = await WebShop.open(mode);
      const { page, context } = user();
      await shop.enter(page);
      const before = await cookieOf(context);
      await page.goto(shop.url('/rotated'));
      expect((await cookieOf(context)).value).not.to.equal(before.value);
      expect((await submit(page, 'buy')).text).to.equal('ada 1');
    });
  });
}

describe('Chromium and the options of a session cookie', () => {
  const user = useChromium();
  closesWebs();

  it('keeps one that is not persistent until it is closed', async () => {
    const shop = await WebShop.open('synchronous', { cookie: { persistent: false } });
    const { page, context } = user();
    await shop.enter(page);
    expect((await cookieOf(context)).expires).to.equal(-1);
  });

  it('sends one with a domain to every host of it, and keeps no other from before the domain was set', async () => {
    const { page, context } = user();
    const before = await WebShop.open('synchronous');
    await before.enter(page);
    expect((await cookieOf(context)).domain).to.equal(HOST);

    const shop = await WebShop.open('synchronous', { cookie: { domain: HOST } });
    await shop.enter(page);
    expect((await cookieOf(context)).domain).to.equal(`.${HOST}`);
    await page.goto(shop.web.url(`sub.${HOST}`));
    expect(await who(page)).to.equal('ada 0');
  });

  it('sends one with a path to this path only', async () => {
    const shop = await WebShop.open('synchronous', { cookie: { path: '/account' } });
    const { page, context } = user();
    await page.goto(shop.url());
    expect((await submit(page, 'sign-in')).text).to.equal('nobody 0');
    expect((await cookieOf(context)).path).to.equal('/account');
    await page.goto(shop.url('/account'));
    expect(await who(page)).to.equal('ada 0');
  });

  it('sends one with SameSite=Strict on its own site, and not after a link of another', async () => {
    const shop = await WebShop.open('synchronous', { cookie: { sameSite: 'strict' } });
    const { page, context } = user();
    await shop.enter(page);
    const cookie = await cookieOf(context);
    expect(cookie.sameSite).to.equal('Strict');
    await page.goto(shop.web.put('evil.test', `<a id="link" href="${shop.url()}">shop</a>`));
    await follow(page, 'link');
    expect(await who(page)).to.equal('nobody 0');
    expect((await cookieOf(context)).value, 'what the browser left out stays').to.equal(cookie.value);
    await follow(page, 'again');
    expect(await who(page)).to.equal('ada 0');
  });
});
