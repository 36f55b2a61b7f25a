import { expect } from 'chai';
import { sourceModes } from '../../support/shop.js';
import { NOW } from '../../support/token-fixtures.js';
import { Site, type SiteOptions } from '../../support/visits.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });

  describe(`Lifecycle over a ${mode} source`, () => {
    describe('activity', () => {
      it('moves lastAccess, and not for a passive request', async () => {
        const shop = site();
        const sid = await shop.issue({ count: 1 });
        shop.pass(HOUR);
        expect((await shop.open({ cookie: sid })).session.lastAccess).to.equal(NOW + HOUR);
        expect((await shop.open({ cookie: sid, passive: true })).session.lastAccess).to.equal(NOW);
      });

      it('renews the sid once lastAccess is older than the resolution, and not a moment sooner', async () => {
        const shop = site({ timeoutResolution: MINUTE });
        const sid = await shop.issue({ count: 1 });
        shop.pass(MINUTE - 1);
        expect((await shop.ask({ cookie: sid })).headerNames).to.deep.equal([]);
        shop.pass(1);
        const { cookie } = await shop.ask({ cookie: sid });
        expect(await shop.storage.get(cookie.value, { touch: false })).to.include({
          lastAccess: NOW + MINUTE,
          lastUpdate: NOW,
        });
        expect(shop.told, 'nothing was saved').to.deep.equal([]);
      });

      it('does not renew for a passive request, however old the sid is', async () => {
        const shop = site();
        const sid = await shop.issue({ count: 1 });
        shop.pass(6 * DAY);
        expect((await shop.ask({ cookie: sid, passive: true })).headerNames).to.deep.equal([]);
      });

      it('does not count what a browser fetches before its user asks for it', async () => {
        const shop = site();
        const sid = await shop.issue({ count: 1 });
        shop.pass(HOUR);
        for (const purpose of ['prefetch', 'prefetch;prerender', 'prefetch;anonymous-client-ip']) {
          const headers = { 'sec-purpose': purpose };
          expect((await shop.open({ cookie: sid, headers })).session.lastAccess).to.equal(NOW);
          expect((await shop.ask({ cookie: sid, headers })).headerNames).to.deep.equal([]);
        }
        const others = { 'sec-purpose': 'prefetching' };
        expect((await shop.open({ cookie: sid, headers: others })).session.lastAccess).to.equal(NOW + HOUR);
      });

      it('does not count an event stream, nor what the client says is passive', async () => {
        const shop = site();
        const sid = await shop.issue({ count: 1 });
        shop.pass(HOUR);
        for (const headers of [{ accept: 'text/event-stream' }, { 'x-session-passive': '1' }]) {
          expect((await shop.open({ cookie: sid, headers })).session.lastAccess).to.equal(NOW);
          expect((await shop.ask({ cookie: sid, headers })).headerNames).to.deep.equal([]);
        }
        for (const headers of [{ accept: 'text/event-stream, */*' }, { 'x-session-passive': '0' }]) {
          expect((await shop.open({ cookie: sid, headers })).session.lastAccess).to.equal(NOW + HOUR);
        }
      });

      it('lets a session that only passive requests use expire', async () => {
        const shop = site({ timeToLive: HOUR });
        const { cookie } = await shop.ask({}, (session) => void session.setUser('u1'));
        for (let minutes = 10; minutes < 60; minutes += 10) {
          shop.pass(10 * MINUTE);
          expect((await shop.open({ cookie: cookie.value, passive: true })).session.uid).to.equal('u1');
          expect((await shop.ask({ cookie: cookie.value, passive: true })).headerNames).to.deep.equal([]);
        }
        shop.pass(10 * MINUTE);
        expect((await shop.open({ cookie: cookie.value, passive: true })).session.uid).to.equal(undefined);
      });

      it('renews for a passive request that changed something', async () => {
        const shop = site();
        const sid = await shop.issue({ count: 1 });
        shop.pass(MINUTE);
        const { cookie } = await shop.ask({ cookie: sid, passive: true }, (session) => {
          session.sessionData.count = 2;
        });
        expect((await shop.storage.get(cookie.value)).sessionData.count).to.equal(2);
      });

      it('does not renew when a change is undone, or changes nothing', async () => {
        const shop = site();
        const answer = await shop.ask({ cookie: await shop.issue({ count: 1 }) }, (session) => {
          session.sessionData.count = 2;
          session.sessionData = { count: 1 };
        });
        expect(answer.headerNames).to.deep.equal([]);
      });

      it('renews once something changed, and tells so', async () => {
        const shop = site();
        const sid = await shop.issue({ count: 1 });
        shop.pass(1);
        const { cookie } = await shop.ask({ cookie: sid }, (session) => {
          session.sessionData.count = 2;
        });
        expect((await shop.storage.get(cookie.value)).sessionData.count).to.equal(2);
        expect(shop.toldNames).to.deep.equal(['saved']);
      });
    });

    it('neither saves nor renews a session that expired while its request ran', async () => {
      const shop = site({ timeToLive: HOUR });
      const sid = await shop.issue({ count: 1 });
      shop.pass(HOUR / 2);
      const [changed, renewed] = [await shop.open({ cookie: sid }), await shop.open({ cookie: sid })];
      changed.session.sessionData.count = 2;
      shop.pass(HOUR);
      for (const late of [changed, renewed]) expect((await late.commit()).headerNames).to.deep.equal([]);
      expect(shop.toldNames).to.deep.equal(['refused-late-save']);
    });
  });
}
