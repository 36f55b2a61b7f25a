import { expect } from 'chai';
import { FakeExchange } from '../support/fake-exchange.js';
import { type ShopSession, sourceModes } from '../support/shop.js';
import { type Answered, OpenVisit, Site, type SiteOptions } from '../support/visits.js';

const CREATED = ['cache-control', 'set-cookie', 'vary'];

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });

  /** A request of a browser, which says where the page that made it ask comes from. */
  const openFrom = async (shop: Site, from: string | undefined, headers: Readonly<Record<string, string>> = {}) => {
    const exchange = new FakeExchange({
      headers: { ...headers, ...(from === undefined ? {} : { 'Sec-Fetch-Site': from }) },
    });
    return new OpenVisit(exchange, await shop.lifecycle.open(exchange, false), shop.lifecycle);
  };

  const askFrom = async (
    shop: Site,
    from: string | undefined,
    headers: Readonly<Record<string, string>> = {},
    handle: (session: ShopSession) => void = () => undefined,
  ): Promise<Answered> => {
    const opened = await openFrom(shop, from, headers);
    handle(opened.session);
    return await opened.commit();
  };

  describe(`Lifecycle over a ${mode} source, as mended`, () => {
    describe('a sign-out', () => {
      for (const create of ['lazy', 'eager'] as const) {
        it(`of a request that carried no sid clears nothing and sends no header at all, create '${create}'`, async () => {
          const shop = site({ create, header: { announce: true } });
          const answer = await shop.ask({}, (session) => void session.revoke());
          expect(answer.headerNames).to.deep.equal([]);
          expect(shop.told).to.deep.equal([]);
        });
      }

      it('of somebody who signed in by the same request, without a sid, sends nothing either', async () => {
        const shop = site({ header: { announce: true } });
        const answer = await shop.ask({}, (session) => void session.setUser('u1').revoke());
        expect(answer.headerNames).to.deep.equal([]);
      });

      it("clears nothing for a session that the application made without a sid, create 'never'", async () => {
        const shop = site({ create: 'never' });
        const opened = await shop.open();
        const made = await shop.storage.create({ count: 1 });
        shop.lifecycle.adopt(opened.visit, made);
        made.revoke();
        expect((await opened.commit()).headerNames).to.deep.equal([]);
      });

      it('of a request without a sid leaves other cookies of the response alone', async () => {
        const shop = site();
        const opened = await shop.open();
        opened.exchange.setResponseHeader('Set-Cookie', ['theme=dark', 'sid=old; Path=/elsewhere']);
        opened.session.revoke();
        expect((await opened.commit()).exchange.setCookies).to.deep.equal(['theme=dark', 'sid=old; Path=/elsewhere']);
      });

      it('of a request without a sid still says that the response depends on the cookie, when it was looked at', async () => {
        const shop = site();
        const opened = await shop.open();
        opened.session.revoke();
        opened.visit.isRead = true;
        expect((await opened.commit()).headerNames).to.deep.equal(['vary']);
      });

      it('clears a cookie that opened a session', async () => {
        const shop = site();
        const answer = await shop.ask({ cookie: await shop.issue({}, 'u1') }, (session) => void session.revoke());
        expect([answer.cookie.value, answer.cookie.maxAge]).to.deep.equal(['', 0]);
        expect(answer.headerNames).to.deep.equal(CREATED);
      });

      for (const bad of ['junk', '', 'a b']) {
        it(`clears a cookie that opened none: ${JSON.stringify(bad)}`, async () => {
          const shop = site();
          const answer = await shop.ask({ cookie: bad }, (session) => void session.revoke());
          expect([answer.cookie.value, answer.cookie.maxAge]).to.deep.equal(['', 0]);
        });

        it(`clears a header that opened none: ${JSON.stringify(bad)}`, async () => {
          const shop = site({ cookie: false, header: true });
          const answer = await shop.ask({ header: bad }, (session) => void session.revoke());
          expect(answer.header).to.equal('');
        });
      }
    });

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
          const answer = await askFrom(shop, from, { cookie: 'sid=junk' });
          expect((await shop.storage.get(answer.cookie.value)).isEmpty).to.equal(true);
        });

        it(`has its session renewed although its page is ${from}`, async () => {
          const shop = site({ create: 'eager', timeoutResolution: 1000 });
          const sid = await shop.issue({ count: 1 });
          shop.pass(1000);
          const answer = await askFrom(shop, from, { cookie: `sid=${sid}` });
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

    describe('signing in again right after', () => {
      it('a sign-out, with the old header, gives a new credential', async () => {
        const shop = site({ header: true });
        const old = await shop.issue({}, 'u1');
        await shop.ask({ header: old }, (session) => void session.revoke());
        const answer = await shop.ask({ header: old }, (session) => void session.setUser('u2'));
        expect((await shop.storage.get(answer.header)).uid).to.equal('u2');
        expect(answer.cookies).to.deep.equal([]);
      });

      it('a sign-out, with the old cookie, gives none within the grace, and one after it', async () => {
        const shop = site({ header: true });
        const old = await shop.issue({}, 'u1');
        await shop.ask({ cookie: old }, (session) => void session.revoke());
        shop.pass(9999);
        const early = await shop.ask({ cookie: old }, (session) => void session.setUser('u2'));
        expect(early.headerNames).to.deep.equal([]);
        shop.pass(1);
        const late = await shop.ask({ cookie: old }, (session) => void session.setUser('u2'));
        expect((await shop.storage.get(late.cookie.value)).uid).to.equal('u2');
      });

      for (const carried of ['header', 'cookie'] as const) {
        it(`another request signed in, with the superseded ${carried}, gives none within the grace`, async () => {
          const shop = site({ header: true });
          const old = await shop.issue();
          await shop.ask({ [carried]: old }, (session) => void session.setUser('u1'));
          const early = await shop.ask({ [carried]: old }, (session) => void session.setUser('u2'));
          expect(early.headerNames).to.deep.equal([]);
          shop.pass(10_000);
          const late = await shop.ask({ [carried]: old }, (session) => void session.setUser('u2'));
          expect(late.headerNames).to.include(carried === 'header' ? 'x-session-id' : 'set-cookie');
        });
      }
    });
  });
}
