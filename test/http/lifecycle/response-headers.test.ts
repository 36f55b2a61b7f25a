import { expect } from 'chai';
import { sourceModes } from '../../support/shop.js';
import { JUNK, Site, type SiteOptions } from '../../support/visits.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GRACE = 10_000;

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });

  describe(`Lifecycle over a ${mode} source`, () => {
    describe('what goes on the response', () => {
      it('is one session cookie for sign-in, renewal and activity together, other cookies kept (row 36)', async () => {
        const shop = site({ timeoutResolution: 0 });
        const sid = await shop.issue({ count: 1 });
        shop.pass(HOUR);
        const opened = await shop.open({ cookie: sid });
        opened.exchange.setResponseHeader('Set-Cookie', ['theme=dark; Path=/', 'sid=planted', 'sid2=other']);
        opened.session.setUser('u1').rotate().sessionData.count = 1;
        await opened.session.save();
        opened.session.sessionData.count = 2;
        const answer = await opened.commit();
        expect(answer.cookies.map(({ key }) => key)).to.deep.equal(['theme', 'sid2', 'sid']);
        expect(answer.cookies.map(({ value }) => value).slice(0, 2)).to.deep.equal(['dark', 'other']);
        expect(await shop.storage.get(answer.cookie.value)).to.include({ uid: 'u1' });
      });

      it('is nothing at all when nothing was read and nothing is sent (row 40)', async () => {
        const shop = site({ header: true });
        for (const carried of [{}, { cookie: await shop.issue({}, 'u1') }, { header: 'junk' }, { cookie: 'junk' }]) {
          expect((await shop.ask(carried)).headerNames).to.deep.equal([]);
        }
      });

      it('is Vary alone when the session was read, for a request without one too', async () => {
        const shop = site({ header: true });
        for (const carried of [{}, { cookie: await shop.issue({ count: 1 }) }, { header: 'junk' }]) {
          const opened = await shop.open(carried);
          opened.visit.isRead = true;
          const answer = await opened.commit();
          expect(answer.headerNames).to.deep.equal(['vary']);
          expect(answer.responseHeader('vary')).to.deep.equal(['Cookie, X-Session-Id']);
        }
      });

      it('keeps what was read of a signed-in session out of shared caches, unless the application has decided', async () => {
        const shop = site();
        const cookie = await shop.issue({}, 'u1');
        for (const [decided, expected] of [
          [{}, ['private']],
          [{ 'Cache-Control': 'public, max-age=60' }, ['public, max-age=60']],
          [{ 'CDN-Cache-Control': 'max-age=60' }, []],
          [{ Expires: 'Tue, 14 Nov 2023 23:13:20 GMT' }, []],
        ] as const) {
          const opened = await shop.open({ cookie });
          opened.visit.isRead = true;
          for (const [name, value] of Object.entries(decided)) opened.exchange.setResponseHeader(name, value);
          const answer = await opened.commit();
          expect(answer.responseHeader('cache-control')).to.deep.equal(expected);
        }
      });

      it('lets no cache store a credential, whichever header would allow it (RFC 9213)', async () => {
        const opened = await site().open({});
        const allowing = [
          'Expires',
          'CDN-Cache-Control',
          'Surrogate-Control',
          'Edge-Control',
          'Cloudflare-CDN-Cache-Control',
        ];
        for (const name of allowing) opened.exchange.setResponseHeader(name, 'max-age=3600');
        opened.session.setUser('u1');
        const answer = await opened.commit();
        expect(answer.headerNames).to.deep.equal(['cache-control', 'set-cookie', 'vary']);
        expect(answer.responseHeader('cache-control')).to.deep.equal(['private, no-store']);
      });

      it('is no renewal for what a browser loads for a page, nor over a cookie that the application cleared', async () => {
        const shop = site({ timeoutResolution: 0 });
        const cookie = await shop.issue({}, 'u1');
        shop.pass(HOUR);
        for (const dest of ['style', 'script', 'image', 'font']) {
          expect((await shop.ask({ cookie, headers: { 'sec-fetch-dest': dest } })).setCookies, dest).to.deep.equal([]);
        }
        const opened = await shop.open({ cookie });
        const cleared = 'sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT';
        opened.exchange.setResponseHeader('Set-Cookie', ['theme=dark', cleared]);
        expect((await opened.commit()).setCookies).to.deep.equal(['theme=dark', cleared]);
        shop.pass(HOUR);
        expect((await shop.ask({ cookie, headers: { 'sec-fetch-dest': 'document' } })).setCookies).to.have.length(1);
      });

      const sent: readonly [what: string, options: SiteOptions, vary: string][] = [
        ['cookie', {}, 'Cookie'],
        ['header', { cookie: false, header: 'X-App-Session' }, 'X-App-Session'],
        ['cookie and header', { header: true }, 'Cookie, X-Session-Id'],
      ];
      for (const [what, options, vary] of sent) {
        it(`is Vary and Cache-Control with every credential, by ${what} (row 40)`, async () => {
          const exchange = await site(options).ask({}, (session) => void session.setUser('u1'));
          expect(exchange.responseHeader('vary')).to.deep.equal([vary]);
          expect(exchange.responseHeader('cache-control')).to.deep.equal(['private, no-store']);
        });
      }

      it('is both on a mere renewal and on a sign-out, over what the application allowed', async () => {
        const shop = site();
        const sid = await shop.issue({}, 'u1');
        shop.pass(HOUR);
        for (const act of ['renew', 'sign out']) {
          const opened = await shop.open({ cookie: sid });
          opened.exchange.setResponseHeader('Cache-Control', 'public, max-age=600');
          opened.exchange.setResponseHeader('Vary', 'Accept');
          if (act === 'sign out') opened.session.revoke();
          const exchange = await opened.commit();
          expect(exchange.responseHeader('cache-control'), act).to.deep.equal(['private, no-store']);
          expect(exchange.responseHeader('vary'), act).to.deep.equal(['Accept, Cookie']);
        }
      });

      it('leaves the Cache-Control of an application that only read alone', async () => {
        const shop = site();
        const opened = await shop.open({ cookie: await shop.issue({}, 'u1') });
        opened.visit.isRead = true;
        opened.exchange.setResponseHeader('Cache-Control', 'private, max-age=60');
        expect((await opened.commit()).responseHeader('cache-control')).to.deep.equal(['private, max-age=60']);
      });

      it('is the same for a forged, an expired and a revoked sid (row 65)', async () => {
        const shop = site({ timeToLive: HOUR });
        const expired = await shop.issue({}, 'u1');
        shop.pass(HOUR);
        const revoked = await shop.issue({}, 'u1');
        await shop.storage.revoke({ sid: revoked });
        shop.pass(GRACE);
        const forged = `${(await shop.issue({}, 'u1')).slice(0, -8)}AAAAAAAA`;
        for (const cookie of [expired, revoked, forged, ...JUNK]) {
          expect((await shop.ask({ cookie })).headerNames).to.deep.equal([]);
        }
      });
    });
  });
}
