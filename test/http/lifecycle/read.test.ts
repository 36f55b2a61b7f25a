import { expect } from 'chai';
import { FakeExchange } from '../../support/fake-exchange.js';
import { sourceModes } from '../../support/shop.js';
import { NOW } from '../../support/token-fixtures.js';
import { Site, type SiteOptions } from '../../support/visits.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });

  describe(`Lifecycle over a ${mode} source`, () => {
    describe('read', () => {
      it('gives the session without touching it, and undefined where there is none', async () => {
        const shop = site({ header: true });
        const sid = await shop.issue({ count: 1 }, 'u1');
        shop.pass(HOUR);
        const read = (headers: Record<string, string>) => shop.lifecycle.read(new FakeExchange({ headers }));
        expect(await read({ cookie: `sid=${sid}` })).to.include({ uid: 'u1', lastAccess: NOW });
        expect(await read({ 'x-session-id': sid })).to.include({ uid: 'u1' });
        for (const headers of [{}, { cookie: 'sid=junk' }, { cookie: `sid=${sid}`, 'x-session-id': '' }]) {
          expect(await read(headers)).to.equal(undefined);
        }
      });

      it('finds no session wherever a request would find none', async () => {
        const shop = site();
        const [one, other] = [await shop.issue({}, 'u1'), await shop.issue({}, 'u2')];
        for (const sids of [
          [one, other],
          [one, 'j1', 'j2', 'j3', 'j4'],
        ]) {
          const cookie = sids.map((sid) => `sid=${sid}`).join('; ');
          expect(await shop.lifecycle.read(new FakeExchange({ headers: { cookie } }))).to.equal(undefined);
        }
      });
    });
  });
}
