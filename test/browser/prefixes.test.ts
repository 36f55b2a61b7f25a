import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { useChromium } from '../support/chromium.js';
import { closesWebs } from '../support/web.js';
import { cookieOf, HOST, jarOf, kinds, submit, WebShop, who } from '../support/web-shop.js';

/** Sets a cookie as a script of the page does, and gives the cookies that the script reads then: by that time it is stored. */
async function setCookie(page: Page, line: string): Promise<unknown> {
  return await page.evaluate(`document.cookie = '${line}'; document.cookie`);
}

describe('Chromium and a session cookie with the prefix __Host-', () => {
  const user = useChromium();
  closesWebs();

  /** The codes of this package's warnings since. */
  const warnings: unknown[] = [];
  const note = (warning: Error): void => {
    if (warning.name === 'SessionsWarning') warnings.push(Reflect.get(warning, 'code'));
  };
  beforeEach(() => {
    warnings.length = 0;
    process.on('warning', note);
  });
  afterEach(() => {
    process.off('warning', note);
  });

  for (const [kind, mode] of kinds) {
    it(`keeps and clears it over HTTPS, of a session in ${kind}`, async () => {
      const shop = await WebShop.open(mode, { scheme: 'https', cookie: '__Host-sid' });
      const { page, context } = user();
      await shop.enter(page);
      const { domain, path, httpOnly, secure, sameSite } = await cookieOf(context, '__Host-sid');
      expect({ domain, path }).to.deep.equal({ domain: HOST, path: '/' });
      expect({ httpOnly, secure, sameSite }).to.deep.equal({ httpOnly: true, secure: true, sameSite: 'Lax' });
      expect((await submit(page, 'buy')).text).to.equal('ada 1');
      expect((await submit(page, 'sign-out')).text).to.equal('nobody 0');
      expect(await jarOf(context)).to.deep.equal([]);
    });
  }

  it('drops it over plain HTTP, and a warning says so', async () => {
    const shop = await WebShop.open('synchronous', { cookie: '__Host-sid' });
    const { page, context } = user();
    await page.goto(shop.url());
    expect(await submit(page, 'sign-in')).to.deep.equal({ status: 200, text: 'nobody 0' });
    expect(await jarOf(context)).to.deep.equal([]);
    expect(warnings).to.deep.equal(['SESSIONS_SECURE_COOKIE_OVER_HTTP']);
  });

  it('keeps it without the prefix over plain HTTP on this machine, and a warning says so', async () => {
    const shop = await WebShop.open('synchronous', { cookie: '__Host-sid' });
    const { page, context } = user();
    await page.goto(shop.web.url('localhost'));
    expect((await submit(page, 'sign-in')).text).to.equal('ada 0');
    expect((await jarOf(context)).map(({ name }) => name)).to.deep.equal(['sid']);
    expect(warnings).to.deep.equal(['SESSIONS_PREFIX_DROPPED']);
  });

  it('keeps none that a sibling domain sets', async () => {
    const shop = await WebShop.open('synchronous', { scheme: 'https', cookie: '__Host-sid' });
    const { page, context } = user();
    const sid = await shop.issue({}, 'mallory');
    const attributes = `Domain=${HOST}; Path=/; Secure`;
    await page.goto(shop.web.put(`sub.${HOST}`, ''));
    expect(await setCookie(page, `__Host-sid=${sid}; ${attributes}`)).to.equal('');
    expect(await setCookie(page, `sid=${sid}; ${attributes}`)).to.equal(`sid=${sid}`);
    expect((await jarOf(context)).map(({ name }) => name)).to.deep.equal(['sid']);
    await page.goto(shop.url());
    expect(await who(page)).to.equal('nobody 0');
  });
});

describe('Two session cookies in Chromium, of which a sibling domain set one', () => {
  const user = useChromium();
  closesWebs();

  it('are both ignored and cleared', async () => {
    const shop = await WebShop.open('synchronous', { cookie: { alsoClear: [{ domain: HOST }] } });
    const { page, context } = user();
    await shop.enter(page);
    const sid = await shop.issue({}, 'mallory');
    await page.goto(shop.web.put(`sub.${HOST}`, ''));
    expect(await setCookie(page, `sid=${sid}; Domain=${HOST}; Path=/`)).to.equal(`sid=${sid}`);
    expect(await jarOf(context)).to.have.length(2);
    await page.goto(shop.url());
    expect(await who(page)).to.equal('nobody 0');
    expect(shop.toldNames).to.include('suspicious');
    expect(await jarOf(context)).to.deep.equal([]);
  });
});
