import { expect } from 'chai';
import { sourceModes } from '../../support/shop.js';
import { NOW } from '../../support/token-fixtures.js';
import { Site, type SiteOptions } from '../../support/visits.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });
  const isToken = mode !== 'server-side';

  describe(`Lifecycle over a ${mode} source`, () => {
    describe('several session cookies (row 38)', () => {
      it('takes the same sid twice for one', async () => {
        const shop = site();
        const sid = await shop.issue({}, 'u1');
        expect((await shop.open({ cookie: [sid, sid] })).session.uid).to.equal('u1');
        expect(shop.told).to.deep.equal([]);
      });

      // A session in a store has one copy.
      if (isToken) {
        it('takes two copies of one session for one, the newer one, in any order', async () => {
          const shop = site();
          const older = await shop.issue({ count: 1 }, 'u1');
          shop.pass(HOUR);
          const newer = (
            await shop.ask({ cookie: older }, (session) => {
              session.sessionData.count = 2;
            })
          ).cookie.value;
          shop.pass(MINUTE);
          for (const cookie of [
            [older, newer],
            [newer, older],
          ]) {
            const { session } = await shop.open({ cookie });
            expect(session.sessionData.count).to.equal(2);
            expect(session.lastAccess, 'counts as activity').to.equal(NOW + HOUR + MINUTE);
            expect((await shop.open({ cookie, passive: true })).session.lastAccess).to.equal(NOW + HOUR);
          }
          expect(shop.toldNames).not.to.include('suspicious');
        });
      }

      it('finds no session among two valid ones, tells so and says whose they are', async () => {
        const shop = site();
        const cookie = [await shop.issue({}, 'u1'), await shop.issue({}, 'u2')];
        const opened = await shop.open({ cookie });
        expect(opened.session.isEmpty).to.equal(true);
        const [[name, event] = []] = shop.told;
        expect(name).to.equal('suspicious');
        expect(event).to.have.nested.property('sessions[0].uid', 'u1');
        expect(event).to.have.nested.property('sessions[1].uid', 'u2');
        for (const sid of cookie) expect(JSON.stringify(shop.told)).not.to.include(sid);
      });

      it('clears the cookie in all its scopes then', async () => {
        const shop = site({ cookie: { path: '/app', alsoClear: [{}, { path: '/app', domain: 'example.com' }] } });
        const answer = await shop.ask({ cookie: [await shop.issue({}, 'u1'), await shop.issue({}, 'u2')] });
        expect(answer.cookies.map(({ key, value, path, domain, maxAge }) => ({ key, value, path, domain, maxAge })))
          .to.deep //
          .equal([
            { key: 'sid', value: '', path: '/app', domain: null, maxAge: 0 },
            { key: 'sid', value: '', path: '/', domain: null, maxAge: 0 },
            { key: 'sid', value: '', path: '/app', domain: 'example.com', maxAge: 0 },
          ]);
        expect(answer.responseHeader('cache-control')).to.deep.equal(['private, no-store']);
        expect(answer.responseHeader('vary')).to.deep.equal(['Cookie']);
      });

      for (const create of ['lazy', 'eager', 'never'] as const) {
        it(`issues nothing then, whatever the handler does, create '${create}'`, async () => {
          const shop = site({ create });
          const cookie = [await shop.issue({}, 'u1'), await shop.issue({}, 'u2')];
          const opened = await shop.open({ cookie });
          await opened.visit.session?.setUser('u3').rotate().save();
          const answer = await opened.commit();
          expect(answer.cookie.value).to.equal('');
          expect(shop.toldNames).not.to.include.members(['created']);
          for (const sid of cookie) expect((await shop.storage.get(sid)).uid).to.be.a('string');
        });
      }

      it('is suspicious of five candidates, of which only one is valid', async () => {
        const shop = site();
        const good = await shop.issue({}, 'u1');
        for (const cookie of [
          ['j1', 'j2', 'j3', 'j4', good],
          [good, 'j1', 'j2', 'j3', 'j4'],
          [good, good, good, good, good],
          ['j1', 'j2', 'j3', 'j4', 'j5', 'j6', good],
        ]) {
          const answer = await shop.ask({ cookie }, (session) => expect(session.uid).to.equal(undefined));
          expect(answer.cookie.maxAge).to.equal(0);
        }
        expect(shop.toldNames.filter((name) => name === 'suspicious')).to.have.length(4);
      });

      it('takes the good one among up to four candidates, and values without a shape do not count', async () => {
        const shop = site();
        const good = await shop.issue({}, 'u1');
        const revoked = await shop.issue({}, 'u3');
        await shop.storage.revoke({ sid: revoked });
        for (const cookie of [
          ['junk', good],
          [good, 'junk'],
          ['j1', 'j2', 'j3', good],
          ['!', '', ' ', '"', '%61', good],
          [revoked, good],
          [good, `${good.slice(0, -4)}AAAA`],
        ]) {
          expect((await shop.open({ cookie })).session.uid, cookie.join()).to.equal('u1');
        }
        expect(shop.toldNames).not.to.include('suspicious');
      });

      it('takes the good one beside an expired one', async () => {
        const shop = site({ timeToLive: HOUR });
        const expired = await shop.issue({}, 'u1');
        shop.pass(HOUR);
        const good = await shop.issue({}, 'u2');
        for (const cookie of [
          [expired, good],
          [good, expired],
        ]) {
          expect((await shop.open({ cookie })).session.uid).to.equal('u2');
        }
      });

      it('renews the good one beside junk and leaves the junk where it is', async () => {
        const shop = site();
        const answer = await shop.ask(
          { cookie: ['junk', await shop.issue({}, 'u1')] },
          (session) => void session.rotate(),
        );
        expect((await shop.storage.get(answer.cookie.value)).uid).to.equal('u1');
      });
    });
  });
}
