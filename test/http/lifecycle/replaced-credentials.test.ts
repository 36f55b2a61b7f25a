import { expect } from 'chai';
import { sourceModes } from '../../support/shop.js';
import { Site, type SiteOptions } from '../../support/visits.js';

const GRACE = 10_000;

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });

  describe(`Lifecycle over a ${mode} source`, () => {
    describe('a credential that was replaced moments ago', () => {
      /** A client whose old sid a sign-in has just replaced. */
      async function signedIn(options: SiteOptions = {}) {
        const shop = site(options);
        const old = await shop.issue({ count: 1 });
        const { cookie } = await shop.ask({ cookie: old }, (session) => void session.setUser('u1'));
        return { shop, old, fresh: cookie.value };
      }

      it('opens nothing, and gets nothing for what is put in', async () => {
        const { shop, old } = await signedIn({ create: 'eager' });
        shop.pass(GRACE - 1);
        const late = await shop.open({ cookie: old });
        expect(late.session.isEmpty).to.equal(true);
        late.session.setUser('u2');
        expect((await late.commit()).headerNames).to.deep.equal([]);
        expect(shop.toldNames).to.include('refused-late-save').and.not.include('reused');
      });

      it('clears nothing by signing out', async () => {
        const { shop, old, fresh } = await signedIn({ header: true });
        for (const used of ['cookie', 'header']) {
          const answer = await shop.ask({ [used]: old }, (session) => void session.revoke());
          expect(answer.headerNames, used).to.deep.equal([]);
        }
        expect((await shop.storage.get(fresh)).uid).to.equal('u1');
      });

      it('clears nothing by signing out in a request that began before', async () => {
        const shop = site();
        const old = await shop.issue({ count: 1 });
        const late = await shop.open({ cookie: old });
        const { cookie } = await shop.ask({ cookie: old }, (session) => void session.setUser('u1'));
        late.session.revoke();
        expect((await late.commit()).headerNames).to.deep.equal([]);
        expect((await shop.storage.get(cookie.value)).uid).to.equal('u1');
      });

      it('gets a new session once the grace is over, and is told of', async () => {
        const { shop, old } = await signedIn();
        shop.pass(GRACE);
        const { cookie } = await shop.ask({ cookie: old }, (session) => {
          session.sessionData.count = 2;
        });
        expect(await shop.storage.get(cookie.value)).to.include({ uid: undefined });
        expect(shop.toldNames).to.include('reused');
      });

      it('beside the fresh one does not matter', async () => {
        const { shop, old, fresh } = await signedIn();
        for (const cookie of [
          [old, fresh],
          [fresh, old],
        ]) {
          shop.pass(1);
          const answer = await shop.ask({ cookie }, (session) => {
            expect(session.uid).to.equal('u1');
            session.sessionData.count = (session.sessionData.count ?? 0) + 1;
          });
          expect(answer.cookie.value).to.be.a('string').and.not.equal('');
        }
      });
    });

    describe('signing in again right after', () => {
      it('a sign-out, with the old header, gives a new credential', async () => {
        const shop = site({ header: true });
        const old = await shop.issue({}, 'u1');
        await shop.ask({ header: old }, (session) => void session.revoke());
        const answer = await shop.ask({ header: old }, (session) => void session.setUser('u2'));
        expect((await shop.storage.get(answer.header)).uid).to.equal('u2');
        expect(answer.cookies).to.deep.equal([]);
      });

      it('a sign-out, with the old cookie, gives a new credential, but nobody gets one within the grace', async () => {
        const shop = site({ header: true });
        const old = await shop.issue({}, 'u1');
        await shop.ask({ cookie: old }, (session) => void session.revoke());
        shop.pass(9999);
        const nobodys = await shop.ask({ cookie: old }, (session) => {
          session.sessionData.count = 1;
        });
        expect(nobodys.headerNames).to.deep.equal([]);
        expect((await shop.ask({ cookie: old }, (session) => void session.revoke())).headerNames).to.deep.equal([]);
        const signedIn = await shop.ask({ cookie: old }, (session) => void session.setUser('u2'));
        expect((await shop.storage.get(signedIn.cookie.value)).uid).to.equal('u2');
      });

      it('all of the user’s sessions ended elsewhere, with the old cookie, gives a new credential', async () => {
        const shop = site();
        const old = await shop.issue({}, 'u1');
        await shop.storage.revoke({ uid: 'u1' });
        const signedIn = await shop.ask({ cookie: old }, (session) => void session.setUser('u1'));
        expect((await shop.storage.get(signedIn.cookie.value)).uid).to.equal('u1');
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
