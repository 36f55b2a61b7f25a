import { expect } from 'chai';
import sinon from 'sinon';
import { sourceModes } from '../../support/shop.js';
import { Site, type SiteOptions } from '../../support/visits.js';

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });

  describe(`Lifecycle over a ${mode} source`, () => {
    describe('OPTIONS', () => {
      it('opens nothing, whatever comes with it', async () => {
        const shop = site({ header: true });
        const get = sinon.spy(shop.storage, 'get');
        const sid = await shop.issue({ count: 1 }, 'u1');
        for (const carried of [{ cookie: sid }, { header: sid }, { cookie: [sid, await shop.issue({}, 'u2')] }]) {
          const opened = await shop.open({ method: 'OPTIONS', ...carried });
          expect(opened.session.isEmpty).to.equal(true);
          expect((await opened.commit()).headerNames).to.deep.equal([]);
        }
        expect(get.callCount).to.equal(0);
      });

      for (const create of ['lazy', 'eager'] as const) {
        it(`sends nothing for what is put in it, create '${create}'`, async () => {
          const shop = site({ create });
          const answer = await shop.ask({ method: 'OPTIONS' }, (session) => void session.setUser('u1'));
          expect(answer.headerNames).to.deep.equal([]);
        });
      }

      it('clears nothing when its session is revoked', async () => {
        const shop = site({ header: true });
        const sid = await shop.issue({}, 'u1');
        const answer = await shop.ask({ method: 'OPTIONS', cookie: sid }, (session) => void session.revoke());
        expect(answer.headerNames).to.deep.equal([]);
        expect((await shop.storage.get(sid)).uid).to.equal('u1');
      });
    });
  });
}
