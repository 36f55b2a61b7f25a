import { expect } from 'chai';
import { SessionDataInvalid, SessionTooLarge } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { sourceModes } from '../../support/shop.js';
import { Site, type SiteOptions } from '../../support/visits.js';

const GRACE = 10_000;

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });
  const isToken = mode !== 'server-side';

  describe(`Lifecycle over a ${mode} source`, () => {
    describe('what cannot be sent (row 34)', () => {
      const TOO_MUCH = 'x'.repeat(4096);

      // The sid of a session in a store says nothing, and is as short as ever.
      if (isToken) {
        it('is a coded error before anything is set, and the old session lives', async () => {
          const shop = site();
          const sid = await shop.issue({ count: 1 });
          const opened = await shop.open({ cookie: sid });
          opened.exchange.setResponseHeader('Set-Cookie', 'theme=dark');
          opened.session.setUser('u1').sessionData.text = TOO_MUCH;
          const failure = await errorOf(() => opened.commit());
          expect(failure).to.be.instanceOf(SessionTooLarge);
          expect(failure).to.include({ code: 'ERR_SESSION_TOO_LARGE', status: 500, limit: 4096 });
          expect(failure).to.have.property('size').above(4096);
          expect([...opened.exchange.responseHeaders]).to.deep.equal([['set-cookie', ['theme=dark']]]);
          expect(shop.told).to.deep.equal([]);
          shop.pass(GRACE);
          const again = await shop.open({ cookie: sid });
          expect(again.session.sessionData).to.deep.equal({ count: 1 });
          expect(again.session.id).to.equal((await shop.storage.get(sid)).id);
        });

        it('is an error even when the header beside it could carry it', async () => {
          const opened = await site({ header: { announce: true } }).open();
          opened.session.sessionData.text = TOO_MUCH;
          expect(await errorOf(() => opened.commit())).to.be.instanceOf(SessionTooLarge);
          expect(opened.exchange.responseHeaders.size).to.equal(0);
        });

        it('ends no other session of the user', async () => {
          const shop = site();
          const [here, there] = [await shop.issue({}, 'u1'), await shop.issue({}, 'u1')];
          const opened = await shop.open({ cookie: here });
          opened.session.sessionData.text = TOO_MUCH;
          opened.session.forceInvalidate('AllSessionIdsOfLoggedUser');
          expect(await errorOf(() => opened.commit())).to.be.instanceOf(SessionTooLarge);
          for (const sid of [here, there]) expect((await shop.storage.get(sid)).uid).to.equal('u1');
          expect(shop.toldNames, 'nothing ended').to.deep.equal([]);
        });
      } else {
        it('is nothing that a store holds, however large', async () => {
          const shop = site();
          const { cookie } = await shop.ask({}, (session) => {
            session.sessionData.text = TOO_MUCH;
          });
          expect(cookie.value).to.have.length(24);
          expect((await shop.storage.get(cookie.value)).sessionData.text).to.equal(TOO_MUCH);
        });
      }

      it('goes by header where the client uses it', async () => {
        const shop = site({ header: true });
        const answer = await shop.ask({ header: '' }, (session) => {
          session.sessionData.text = TOO_MUCH;
        });
        expect((await shop.storage.get(answer.header)).sessionData.text).to.equal(TOO_MUCH);
      });

      it('is an error that names the place for what JSON cannot carry', async () => {
        const shop = site();
        const sid = await shop.issue({ count: 1 });
        const opened = await shop.open({ cookie: sid });
        opened.session.setUser('u1').sessionData.count = Number.NaN;
        const failure = await errorOf(() => opened.commit());
        expect(failure).to.be.instanceOf(SessionDataInvalid);
        expect(failure).to.include({ status: 500, path: 'sessionData.count' });
        expect(opened.exchange.responseHeaders.size).to.equal(0);
        expect((await shop.storage.get(sid)).sessionData).to.deep.equal({ count: 1 });
      });
    });
  });
}
