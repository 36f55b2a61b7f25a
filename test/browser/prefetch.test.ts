import { expect } from 'chai';
import { useChromium } from '../support/chromium.js';
import { closesWebs } from '../support/web.js';
import { cookieOf, HOST, kinds, WebShop, who } from '../support/web-shop.js';

const HOUR = 3_600_000;

const RULES = { prerender: [{ source: 'list', urls: ['/account'], eagerness: 'immediate' }] };
const PRERENDER = `<script type="speculationrules">${JSON.stringify(RULES)}</script>`;

/** What makes Chromium ask for /account without its user having done so, and the headers by which that is known. */
const WAYS: readonly (readonly [name: string, html: string, header: string, value: string, path?: string])[] = [
  ['a link to prefetch', '<link rel="prefetch" href="/account">', 'sec-purpose', 'prefetch'],
  ['a speculation rule to prerender', PRERENDER, 'sec-purpose', 'prefetch;prerender'],
  ['an image', '<img alt="" src="/picture">', 'sec-fetch-dest', 'image', '/picture'],
];

for (const [kind, mode] of kinds) {
  describe(`Requests of Chromium that its user did not make, with sessions in ${kind}`, () => {
    const user = useChromium();
    closesWebs();

    for (const [name, html, header, value, path = '/account'] of WAYS) {
      it(`do not touch the session: ${name}`, async () => {
        const shop = await WebShop.open(mode, { scheme: 'https', cookie: '__Host-sid' });
        const { page, context } = user();
        await shop.enter(page);
        const cookie = await cookieOf(context, '__Host-sid');
        const { lastAccess } = await shop.sessionOf(cookie);
        shop.pass(HOUR);

        const answered = shop.web.answered(path);
        await page.goto(shop.web.put(HOST, html));
        const { headers } = await answered;
        expect(headers[header]).to.equal(value);
        expect(headers.cookie).to.equal(`__Host-sid=${cookie.value}`);
        expect((await shop.sessionOf(cookie)).lastAccess).to.equal(lastAccess);
        expect(await cookieOf(context, '__Host-sid')).to.deep.equal(cookie);
      });
    }

    it('differ from those that its user made, which touch the session', async () => {
      const shop = await WebShop.open(mode, { scheme: 'https', cookie: '__Host-sid' });
      const { page, context } = user();
      await shop.enter(page);
      const { lastAccess } = await shop.sessionOf(await cookieOf(context, '__Host-sid'));
      shop.pass(HOUR);
      await page.goto(shop.url('/account'));
      expect(await who(page)).to.equal('ada 0');
      const session = await shop.sessionOf(await cookieOf(context, '__Host-sid'));
      expect(session.lastAccess).to.equal(lastAccess + HOUR);
    });
  });
}
