import { expect } from 'chai';
import { RevocationList } from '../../../src/index.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { sourceModes } from '../../support/shop.js';
import { SilentLog } from '../../support/silent-log.js';
import { NOW } from '../../support/token-fixtures.js';
import { Site, type SiteOptions } from '../../support/visits.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });
  const isToken = mode !== 'server-side';

  describe(`Lifecycle over a ${mode} source`, () => {
    describe('the life of the cookie', () => {
      const lives: readonly [what: string, options: SiteOptions, after: number, left: number][] = [
        ['slides with each renewal', { timeToLive: HOUR }, 30 * MINUTE, HOUR],
        [
          'counts from the beginning with ttlType created',
          { timeToLive: HOUR, ttlType: 'created' },
          30 * MINUTE,
          HOUR / 2,
        ],
        [
          'slides with each change with ttlType lastUpdate',
          { timeToLive: HOUR, ttlType: 'lastUpdate' },
          HOUR / 2,
          HOUR,
        ],
        ['ends with the absolute bound', { timeToLive: HOUR, absoluteTimeout: 40 * MINUTE }, 30 * MINUTE, 10 * MINUTE],
        ['ends with the idle bound', { idleTimeout: 10 * MINUTE }, 5 * MINUTE, 10 * MINUTE],
      ];
      for (const [what, options, after, left] of lives) {
        // Only tokens have a ttlType.
        if (!isToken && options.ttlType !== undefined) continue;
        it(`${what}, as getExpiry says`, async () => {
          const shop = site(options);
          const sid = await shop.issue({ count: 1 });
          shop.pass(after);
          const opened = await shop.open({ cookie: sid });
          opened.session.rotate().sessionData.count = 2;
          const { cookie } = await opened.commit();
          expect(cookie.maxAge).to.equal(left / 1000);
          expect(cookie.expires).to.deep.equal(new Date(opened.session.getExpiry()));
          expect(cookie.expires).to.deep.equal(new Date(NOW + after + left));
        });
      }

      // What a store says holds for every instance, whatever the list knows.
      if (isToken) {
        it('does not grow while revocations are stale and that is allowed', async () => {
          const clock = new FakeClock(NOW);
          const revocations = new RevocationList({ log: new SilentLog(), whenStale: 'allow', clock });
          const shop = site({ clock, revocations, timeToLive: HOUR });
          const sid = await shop.issue({ count: 1 });
          clock.advance(HOUR / 2);
          const { cookie } = await shop.ask({ cookie: sid }, (session) => {
            session.sessionData.count = 2;
          });
          expect([cookie.maxAge, cookie.expires]).to.deep.equal([HOUR / 2 / 1000, new Date(NOW + HOUR)]);
          await revocations.close();
        });
      }

      it('is what setLifetime says', async () => {
        const { cookie } = await site().ask({}, (session) => {
          session.setUser('u1').setLifetime({ idleTimeout: 30 * DAY, absoluteTimeout: 20 * DAY });
        });
        expect(cookie.maxAge).to.equal((20 * DAY) / 1000);
        expect(cookie.expires).to.deep.equal(new Date(NOW + 20 * DAY));
      });

      it('ends with the browser where the session is not persistent', async () => {
        const { cookie } = await site().ask(
          {},
          (session) => void session.setUser('u1').setLifetime({ persistent: false }),
        );
        expect([cookie.maxAge, cookie.expires]).to.deep.equal([null, 'Infinity']);
      });

      it('ends with the browser where the cookie is not persistent', async () => {
        const { cookie } = await site({ cookie: { persistent: false } }).ask(
          {},
          (session) => void session.setUser('u1'),
        );
        expect([cookie.maxAge, cookie.expires]).to.deep.equal([null, 'Infinity']);
      });

      it('is ten years where the session never ends', async () => {
        const { cookie } = await site({ timeToLive: 0 }).ask({}, (session) => void session.setUser('u1'));
        expect(cookie.maxAge).to.equal((3650 * DAY) / 1000);
        expect(cookie.expires).to.deep.equal(new Date(NOW + 3650 * DAY));
      });
    });
  });
}
