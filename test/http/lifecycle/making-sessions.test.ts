import { expect } from 'chai';
import { SessionEnded } from '../../../src/index.js';
import { callUntyped } from '../../support/sessions.js';
import { sourceModes } from '../../support/shop.js';
import { Site, type SiteOptions } from '../../support/visits.js';

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });

  describe(`Lifecycle over a ${mode} source`, () => {
    describe('making sessions', () => {
      it('issues none for a request that only looks', async () => {
        const shop = site();
        const answer = await shop.ask({}, (session) => expect(session.sessionData.count).to.equal(undefined));
        expect(answer.headerNames).to.deep.equal([]);
        expect(shop.told).to.deep.equal([]);
      });

      it('issues one once something is put in it', async () => {
        const shop = site();
        const { cookie } = await shop.ask({}, (session) => {
          session.sessionData.count = 1;
        });
        expect((await shop.storage.get(cookie.value)).sessionData).to.deep.equal({ count: 1 });
        expect(shop.toldNames).to.deep.equal(['created', 'saved']);
      });

      it('issues one once somebody signs in', async () => {
        const shop = site();
        const { cookie } = await shop.ask({}, (session) => void session.setUser('u1', { name: 'Ann' }));
        expect(await shop.storage.get(cookie.value)).to.include({ uid: 'u1' });
      });

      it('issues none when what was put in it is taken out again', async () => {
        const answer = await site().ask({}, (session) => {
          session.sessionData.count = 1;
          delete session.sessionData.count;
        });
        expect(answer.headerNames).to.deep.equal([]);
      });

      it("issues an empty one at once with create 'eager', and not again to whoever has it", async () => {
        const shop = site({ create: 'eager' });
        const { cookie } = await shop.ask();
        expect((await shop.storage.get(cookie.value)).isEmpty).to.equal(true);
        expect((await shop.ask({ cookie: cookie.value })).headerNames).to.deep.equal([]);
      });

      it("makes none with create 'never', and opens those that there are", async () => {
        const shop = site({ create: 'never' });
        expect((await shop.open()).visit.session).to.equal(undefined);
        expect((await shop.open({ cookie: 'junk' })).visit.session).to.equal(undefined);
        expect((await (await shop.open()).commit()).headerNames).to.deep.equal([]);
        expect((await shop.open({ cookie: await shop.issue({}, 'u1') })).session.uid).to.equal('u1');
      });

      it("has none with create 'never' within the grace of a sign-out either, and clears nothing", async () => {
        const shop = site({ create: 'never' });
        const sid = await shop.issue({}, 'u1');
        await shop.ask({ cookie: sid }, (session) => void session.revoke());
        const late = await shop.open({ cookie: sid });
        expect(late.visit.session).to.equal(undefined);
        expect((await late.commit()).headerNames).to.deep.equal([]);
      });

      it("takes one that the application made with create 'never', empty or not, and only one", async () => {
        const shop = site({ create: 'never', header: true });
        for (const carried of [{}, { cookie: 'junk' }]) {
          const opened = await shop.open(carried);
          const made = await shop.storage.create();
          shop.lifecycle.adopt(opened.visit, made);
          expect(opened.visit.session).to.equal(made);
          const second = await shop.storage.create();
          expect(() => shop.lifecycle.adopt(opened.visit, second)).to.throw(TypeError, 'has a session');
          expect((await shop.storage.get((await opened.commit()).cookie.value)).lineage).to.equal(made.lineage);
        }
        const byHeader = await shop.open({ header: '' });
        shop.lifecycle.adopt(byHeader.visit, await shop.storage.create());
        const answer = await byHeader.commit();
        expect([answer.cookies.length, (await shop.storage.get(answer.header)).isEmpty]).to.deep.equal([0, true]);
      });

      it('takes nothing that is no session', async () => {
        const shop = site({ create: 'never' });
        const { visit } = await shop.open();
        for (const other of [undefined, null, {}, await shop.issue(), { ...(await shop.storage.create()) }]) {
          expect(() => callUntyped(shop.lifecycle, 'adopt', visit, other)).to.throw(TypeError, 'a session');
        }
        expect(visit.session).to.equal(undefined);
      });

      it('takes none for a request that has one, or for which nothing may be sent', async () => {
        const lazy = site();
        const { visit } = await lazy.open();
        const made = await lazy.storage.create();
        expect(() => lazy.lifecycle.adopt(visit, made)).to.throw(TypeError, 'has a session');
        const shop = site({ create: 'never' });
        const [one, other] = [await shop.issue({}, 'u1'), await shop.issue({}, 'u2')];
        await shop.ask({ cookie: one }, (session) => void session.revoke());
        const again = await shop.issue({}, 'u1');
        const ended = await shop.open({ cookie: one });
        shop.lifecycle.adopt(ended.visit, await shop.storage.create({ count: 1 }));
        expect((await ended.commit()).headerNames).to.deep.equal([]);
        for (const carried of [{ cookie: [again, other] }, { method: 'OPTIONS' }]) {
          const opened = await shop.open(carried);
          const own = await shop.storage.create();
          expect(() => shop.lifecycle.adopt(opened.visit, own)).to.throw(SessionEnded);
          expect(opened.visit.session).to.equal(undefined);
        }
      });

      it('gives each request without a session one of its own', async () => {
        const shop = site();
        const [one, other] = [await shop.open(), await shop.open()];
        one.session.sessionData.count = 1;
        expect(other.session.sessionData).to.deep.equal({});
        expect(other.session.id).not.to.equal(one.session.id);
      });
    });
  });
}
