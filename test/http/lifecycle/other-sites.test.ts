import { expect } from 'chai';
import type { FakeExchange } from '../../support/fake-exchange.js';
import { type ShopSession, sourceModes } from '../../support/shop.js';
import { type Carried, Site, type SiteOptions } from '../../support/visits.js';

const CREATED = ['cache-control', 'set-cookie', 'vary'];

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });

  /** A request of a browser, which says where the page that made it comes from. */
  const askFrom = (
    shop: Site,
    from: string | undefined,
    carried: Carried = {},
    handle: (session: ShopSession) => void = () => undefined,
  ): Promise<FakeExchange> =>
    shop.ask({ ...carried, headers: from === undefined ? {} : { 'Sec-Fetch-Site': from } }, handle);

  describe(`Lifecycle over a ${mode} source`, () => {
    describe("a request without a sid, create 'eager'", () => {
      for (const from of ['cross-site', 'same-site']) {
        it(`is not given an unused session when its page is ${from}`, async () => {
          const shop = site({ create: 'eager', header: { announce: true } });
          expect((await askFrom(shop, from)).headerNames).to.deep.equal([]);
          expect(shop.told).to.deep.equal([]);
        });

        it(`is issued what the application puts in its session, even when its page is ${from}`, async () => {
          const shop = site({ create: 'eager' });
          const withData = await askFrom(shop, from, {}, (session) => {
            session.sessionData.count = 1;
          });
          expect((await shop.storage.get(withData.cookie.value)).sessionData).to.deep.equal({ count: 1 });
          const signedIn = await askFrom(shop, from, {}, (session) => void session.setUser('u1'));
          expect((await shop.storage.get(signedIn.cookie.value)).uid).to.equal('u1');
        });

        it(`is given one when its page is ${from} but it carried a sid, though a bad one`, async () => {
          const shop = site({ create: 'eager' });
          const answer = await askFrom(shop, from, { cookie: 'junk' });
          expect((await shop.storage.get(answer.cookie.value)).isEmpty).to.equal(true);
        });

        it(`has its session renewed although its page is ${from}`, async () => {
          const shop = site({ create: 'eager', timeoutResolution: 1000 });
          const sid = await shop.issue({ count: 1 });
          shop.pass(1000);
          const answer = await askFrom(shop, from, { cookie: sid });
          expect((await shop.storage.get(answer.cookie.value)).sessionData).to.deep.equal({ count: 1 });
        });
      }

      for (const from of ['same-origin', 'none', undefined]) {
        it(`is given an unused session when Sec-Fetch-Site is ${from ?? 'absent'}`, async () => {
          const shop = site({ create: 'eager' });
          const answer = await askFrom(shop, from);
          expect((await shop.storage.get(answer.cookie.value)).isEmpty).to.equal(true);
          expect(answer.headerNames).to.deep.equal(CREATED);
        });
      }
    });

    for (const from of ['cross-site', 'same-site']) {
      it(`issues what is put in a session with create 'lazy' when the page is ${from}`, async () => {
        const shop = site();
        const answer = await askFrom(shop, from, {}, (session) => {
          session.sessionData.count = 1;
        });
        expect((await shop.storage.get(answer.cookie.value)).sessionData).to.deep.equal({ count: 1 });
      });
    }
  });
}
