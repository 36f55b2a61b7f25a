import { expect } from 'chai';
import { errorOf } from '../../support/outcomes.js';
import { sourceModes } from '../../support/shop.js';
import { Site, type SiteOptions } from '../../support/visits.js';

const GRACE = 10_000;

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });
  const isToken = mode !== 'server-side';

  describe(`Lifecycle over a ${mode} source`, () => {
    describe('a credential that was rotated out', () => {
      async function rotated(options: SiteOptions = {}) {
        const shop = site(options);
        const old = await shop.issue({ count: 1 }, 'u1');
        const { cookie } = await shop.ask({ cookie: old }, (session) => void session.rotate());
        return { shop, old, fresh: cookie.value };
      }

      const becomes = isToken ? 'neither renews nor saves it' : 'saves it without renewing';
      it(`still opens its session within the grace, and ${becomes}`, async () => {
        const { shop, old, fresh } = await rotated({ timeoutResolution: 0 });
        shop.pass(GRACE - 1);
        const late = await shop.open({ cookie: old });
        expect(late.session).to.include({ uid: 'u1' });
        late.session.sessionData.count = 9;
        expect((await late.commit()).headerNames).to.deep.equal([]);
        expect((await shop.ask({ cookie: old })).headerNames).to.deep.equal([]);
        // Nobody but the client could keep it in a token; a store merges it into the session as it is now.
        expect((await shop.storage.get(fresh)).sessionData.count).to.equal(isToken ? 1 : 9);
        expect(shop.toldNames).to.deep.equal(['rotated', isToken ? 'refused-late-save' : 'saved']);
      });

      it('beside the fresh one is the same session, and the fresh one counts', async () => {
        const shop = site();
        const old = await shop.issue({ count: 1 }, 'u1');
        shop.pass(1);
        const { cookie } = await shop.ask({ cookie: old }, (session) => void session.rotate());
        for (const both of [
          [old, cookie.value],
          [cookie.value, old],
        ]) {
          const opened = await shop.open({ cookie: both });
          expect(opened.session.id).to.equal((await shop.storage.get(cookie.value)).id);
        }
        expect(shop.toldNames).to.deep.equal(['rotated']);
      });

      for (const order of ['before', 'after']) {
        it(`${order} the fresh one does not keep its session from being rotated again`, async () => {
          const shop = site();
          const old = await shop.issue({}, 'u1');
          shop.pass(1);
          const { cookie: fresh } = await shop.ask({ cookie: old }, (session) => void session.rotate());
          const both = order === 'before' ? [old, fresh.value] : [fresh.value, old];
          const { cookie } = await shop.ask({ cookie: both }, (session) => void session.rotate());
          expect((await shop.open({ cookie: cookie.value })).session.uid).to.equal('u1');
          expect(shop.toldNames).to.deep.equal(['rotated', 'rotated']);
        });
      }

      it('is dead once the grace is over, and gets a new session', async () => {
        const { shop, old, fresh } = await rotated();
        shop.pass(GRACE);
        const { cookie } = await shop.ask({ cookie: old }, (session) => {
          expect(session.uid).to.equal(undefined);
          session.sessionData.count = 7;
        });
        expect((await shop.storage.get(cookie.value)).sessionData.count).to.equal(7);
        expect((await shop.storage.get(fresh)).uid).to.equal('u1');
        expect(shop.toldNames).to.include('reused');
      });

      it('signs its session out all the same', async () => {
        const { shop, old, fresh } = await rotated();
        await shop.ask({ cookie: old }, (session) => void session.revoke());
        for (const cookie of [old, fresh]) expect((await shop.open({ cookie })).session.uid).to.equal(undefined);
        expect(shop.toldNames).to.deep.equal(['rotated', 'ended', 'cleared', 'refused', 'refused']);
      });

      it('ends all sessions of its user when asked to, without a survivor', async () => {
        const shop = site();
        const [old, elsewhere] = [await shop.issue({}, 'u1'), await shop.issue({}, 'u1')];
        const late = await shop.open({ cookie: old });
        const { cookie: successor } = await shop.ask({ cookie: old }, (session) => void session.rotate());
        late.session.forceInvalidate('AllSessionIdsOfLoggedUser');
        const answer = await late.commit();
        expect(answer.cookie.maxAge).to.equal(0);
        for (const sid of [old, elsewhere, successor.value]) {
          const failure = await errorOf(() => shop.storage.get(sid));
          expect(failure).to.have.property('reason', 'revoked');
        }
        expect(shop.toldNames.slice(0, 2)).to.deep.equal(['rotated', 'ended']);
      });

      it('renews nothing of its own, and is told of', async () => {
        const shop = site();
        const [old, elsewhere] = [await shop.issue({}, 'u1'), await shop.issue({}, 'u1')];
        const late = await shop.open({ cookie: old });
        await shop.ask({ cookie: old }, (session) => void session.rotate());
        late.session.forceInvalidate('CurrentSessionId');
        expect((await late.commit()).headerNames).to.deep.equal([]);
        expect((await shop.storage.get(elsewhere)).uid).to.equal('u1');
        expect(shop.toldNames).to.deep.equal(['rotated', 'refused-late-save']);
      });

      it('has one successor, however many rotate at once (row 12)', async () => {
        const shop = site();
        const old = await shop.issue({}, 'u1');
        const all = await Promise.all(Array.from({ length: 10 }, () => shop.open({ cookie: old })));
        for (const { session } of all) session.rotate();
        const answers = await Promise.all(all.map((one) => one.commit()));
        const issued = answers.flatMap(({ cookies }) => cookies);
        expect(issued).to.have.length(1);
        expect((await shop.open({ cookie: old })).session.uid, 'within the grace').to.equal('u1');
        shop.pass(GRACE);
        expect((await shop.open({ cookie: old })).session.uid, 'after it').to.equal(undefined);
        expect((await shop.open({ cookie: issued[0]?.value ?? '' })).session.uid).to.equal('u1');
      });
    });
  });
}
