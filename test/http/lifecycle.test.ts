import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import {
  RevocationList,
  SessionDataInvalid,
  SessionEnded,
  SessionTooLarge,
  StoreUnavailable,
} from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { promised } from '../support/deferred-head.js';
import { FakeExchange } from '../support/fake-exchange.js';
import { errorOf } from '../support/outcomes.js';
import { callUntyped } from '../support/sessions.js';
import { sourceModes } from '../support/shop.js';
import { SilentLog } from '../support/silent-log.js';
import { NOW } from '../support/token-fixtures.js';
import { parsed } from '../support/transports.js';
import { Site, type SiteOptions } from '../support/visits.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GRACE = 10_000;

/** Sids in good shape that open nothing. */
const JUNK = ['junk', 'a.b.c', 'eyJhbGciOiJIUzUxMiJ9.e30.AAAA', '-', '.', 'x'.repeat(16_384)];

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });
  const isToken = mode !== 'server-side';

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
        for (const carried of [{ cookie: one }, { cookie: [again, other] }, { method: 'OPTIONS' }]) {
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

    describe('choosing between header and cookie (row 41)', () => {
      it('judges a request with the header by the header alone', async () => {
        const shop = site({ header: true });
        const opened = await shop.open({
          cookie: await shop.issue({}, 'by-cookie'),
          header: await shop.issue({}, 'by-header'),
        });
        expect(opened.session.uid).to.equal('by-header');
      });

      it('finds no session behind a bad header, though a good cookie is there', async () => {
        const shop = site({ header: true });
        const good = await shop.issue({ count: 1 }, 'u1');
        const old = await shop.issue({}, 'u2');
        await shop.storage.revoke({ sid: old });
        for (const header of [
          '',
          ' ',
          '"',
          'a b',
          `${good},${good}`,
          `${good}, ${good}`,
          `Bearer ${good}`,
          old,
          ...JUNK,
        ]) {
          const opened = await shop.open({ cookie: good, header });
          expect(opened.session.isEmpty, header).to.equal(true);
        }
      });

      it('answers a bad header with a new session by header, and leaves the good cookie alone', async () => {
        const shop = site({ header: true });
        const answer = await shop.ask({ cookie: await shop.issue({}, 'u1'), header: '' }, (session) => {
          session.sessionData.count = 1;
        });
        expect(answer.exchange.setCookies).to.deep.equal([]);
        expect((await shop.storage.get(answer.header)).sessionData.count).to.equal(1);
      });

      it('does not look at a header that is switched off, nor at a cookie that is', async () => {
        const byCookie = site();
        const cookieSid = await byCookie.issue({}, 'u1');
        expect((await byCookie.open({ header: cookieSid })).session.uid).to.equal(undefined);
        expect((await byCookie.open({ header: 'junk', cookie: cookieSid })).session.uid).to.equal('u1');
        const byHeader = site({ cookie: false, header: true });
        const headerSid = await byHeader.issue({}, 'u1');
        expect((await byHeader.open({ cookie: headerSid })).session.uid).to.equal(undefined);
        expect((await byHeader.open({ cookie: 'junk', header: headerSid })).session.uid).to.equal('u1');
      });
    });

    describe('choosing what carries a new sid', () => {
      const put = { cookie: { cookie: 'junk' }, header: { header: 'junk' }, nothing: {} };
      const table: readonly [options: SiteOptions, used: keyof typeof put, byCookie: boolean, byHeader: boolean][] = [
        [{ header: true }, 'nothing', true, false],
        [{ header: true }, 'cookie', true, false],
        [{ header: true }, 'header', false, true],
        [{ header: { announce: true } }, 'nothing', true, true],
        [{ header: { announce: true } }, 'cookie', true, false],
        [{ header: { announce: true } }, 'header', false, true],
        [{ cookie: false, header: true }, 'nothing', false, true],
        [{ cookie: false, header: true }, 'cookie', false, true],
        [{ cookie: false, header: true }, 'header', false, true],
        [{}, 'nothing', true, false],
        [{}, 'header', true, false],
      ];
      for (const [options, used, byCookie, byHeader] of table) {
        const ways = [byCookie && 'cookie', byHeader && 'header'].filter(Boolean).join(' and ');
        it(`takes ${ways} for a client that used ${used}: ${JSON.stringify(options)}`, async () => {
          const answer = await site(options).ask(put[used], (session) => void session.setUser('u1'));
          expect([answer.cookies.length === 1, answer.header !== undefined]).to.deep.equal([byCookie, byHeader]);
        });
      }

      it('sends the same sid by both when it announces', async () => {
        const answer = await site({ header: { announce: true } }).ask({}, (session) => void session.setUser('u1'));
        expect(answer.header).to.equal(answer.cookie.value);
      });

      it('renews a sid by what brought it', async () => {
        const shop = site({ header: true });
        const sid = await shop.issue({}, 'u1');
        const change = (session: { rotate(): unknown }) => void session.rotate();
        const byHeader = await shop.ask({ header: sid }, change);
        expect([byHeader.cookies, typeof byHeader.header]).to.deep.equal([[], 'string']);
        const byCookie = await shop.ask({ cookie: await shop.issue({}, 'u2') }, change);
        expect([byCookie.cookies.length, byCookie.header]).to.deep.equal([1, undefined]);
      });
    });

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
        expect(answer.exchange.responseHeader('cache-control')).to.deep.equal(['private, no-store']);
        expect(answer.exchange.responseHeader('vary')).to.deep.equal(['Cookie']);
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

    describe('sign-out', () => {
      for (const used of ['cookie', 'header'] as const) {
        it(`by ${used} clears every transport`, async () => {
          const shop = site({ header: true });
          const sid = await shop.issue({}, 'u1');
          const answer = await shop.ask({ [used]: sid }, (session) => void session.revoke());
          expect([answer.cookie.value, answer.cookie.maxAge, answer.header]).to.deep.equal(['', 0, '']);
          expect(shop.toldNames).to.deep.equal(['ended', 'cleared']);
          for (const again of ['cookie', 'header']) {
            expect((await shop.open({ [again]: sid })).session.uid, again).to.equal(undefined);
          }
        });
      }

      it('clears the cookie with the attributes that set it (row 39)', async () => {
        const shop = site({
          cookie: { path: '/app', domain: 'example.com', sameSite: 'strict', httpOnly: false, secure: true },
        });
        const { cookie: set } = await shop.ask({}, (session) => void session.setUser('u1'));
        const { cookie: cleared } = await shop.ask({ cookie: set.value }, (session) => void session.revoke());
        const attributes = ({ key, path, domain, sameSite, httpOnly, secure }: typeof set) => ({
          ...{ key, path, domain, sameSite, httpOnly, secure },
        });
        expect(attributes(cleared)).to.deep.equal(attributes(set));
        expect([cleared.value, cleared.maxAge, cleared.expires]).to.deep.equal(['', 0, new Date(0)]);
      });

      it('clears also what was written in the same request', async () => {
        const shop = site();
        const sid = await shop.issue({}, 'u1');
        const answer = await shop.ask({ cookie: sid }, (session) => {
          session.sessionData.count = 1;
          session.rotate().revoke();
        });
        expect(answer.cookie.value).to.equal('');
        expect((await shop.open({ cookie: sid })).session.uid).to.equal(undefined);
      });

      it('of one request holds against the late save of another', async () => {
        const shop = site();
        const sid = await shop.issue({}, 'u1');
        const late = await shop.open({ cookie: sid });
        await shop.ask({ cookie: sid }, (session) => void session.revoke());
        late.session.sessionData.count = 1;
        expect((await late.commit()).headerNames).to.deep.equal([]);
        expect(shop.toldNames).to.deep.equal(['ended', 'cleared', 'refused-late-save']);
      });

      it('of one request holds against the late renewal, sign-in and rotation of another', async () => {
        const shop = site();
        const sid = await shop.issue({}, 'u1');
        shop.pass(HOUR);
        const lates = [
          await shop.open({ cookie: sid }),
          await shop.open({ cookie: sid }),
          await shop.open({ cookie: sid }),
        ];
        await shop.ask({ cookie: sid }, (session) => void session.revoke());
        lates[1]?.session.setUser('u1');
        lates[2]?.session.rotate();
        for (const late of lates) expect((await late.commit()).headerNames).to.deep.equal([]);
      });

      it('of a user everywhere holds against a late renewal', async () => {
        const shop = site();
        const sid = await shop.issue({}, 'u1');
        shop.pass(HOUR);
        const late = await shop.open({ cookie: sid });
        await shop.storage.revoke({ uid: 'u1' });
        expect((await late.commit()).headerNames).to.deep.equal([]);
      });

      it('of a user everywhere else renews the session that asks for it', async () => {
        const shop = site();
        const [here, there] = [await shop.issue({}, 'u1'), await shop.issue({}, 'u1')];
        const { cookie } = await shop.ask({ cookie: here }, (session) => {
          session.forceInvalidate('AllSessionIdsOfLoggedUser');
        });
        // A store must know which one stays before it ends the others.
        expect(shop.toldNames).to.deep.equal(isToken ? ['ended', 'rotated'] : ['rotated', 'ended']);
        for (const [sid, uid] of [
          [here, undefined],
          [there, undefined],
          [cookie.value, 'u1'],
        ] as const) {
          expect((await shop.open({ cookie: sid })).session.uid).to.equal(uid);
        }
      });

      it('lets another session of the same user live', async () => {
        const shop = site();
        const [here, there] = [await shop.issue({}, 'u1'), await shop.issue({}, 'u1')];
        await shop.ask({ cookie: here }, (session) => void session.revoke());
        expect((await shop.open({ cookie: there })).session.uid).to.equal('u1');
      });
    });

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
        for (const carried of [{}, { cookie: await shop.issue({}, 'u1') }, { header: 'junk' }]) {
          const opened = await shop.open(carried);
          opened.visit.isRead = true;
          const answer = await opened.commit();
          expect(answer.headerNames).to.deep.equal(['vary']);
          expect(answer.exchange.responseHeader('vary')).to.deep.equal(['Cookie, X-Session-Id']);
        }
      });

      const sent: readonly [what: string, options: SiteOptions, vary: string][] = [
        ['cookie', {}, 'Cookie'],
        ['header', { cookie: false, header: 'X-App-Session' }, 'X-App-Session'],
        ['cookie and header', { header: true }, 'Cookie, X-Session-Id'],
      ];
      for (const [what, options, vary] of sent) {
        it(`is Vary and Cache-Control with every credential, by ${what} (row 40)`, async () => {
          const { exchange } = await site(options).ask({}, (session) => void session.setUser('u1'));
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
          const { exchange } = await opened.commit();
          expect(exchange.responseHeader('cache-control'), act).to.deep.equal(['private, no-store']);
          expect(exchange.responseHeader('vary'), act).to.deep.equal(['Accept, Cookie']);
        }
      });

      it('leaves the Cache-Control of an application that only read alone', async () => {
        const shop = site();
        const opened = await shop.open({ cookie: await shop.issue({}, 'u1') });
        opened.visit.isRead = true;
        opened.exchange.setResponseHeader('Cache-Control', 'private, max-age=60');
        expect((await opened.commit()).exchange.responseHeader('cache-control')).to.deep.equal(['private, max-age=60']);
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

    it('takes any Cookie and X-Session-Id without failing, and finds no session in them (row 37, property)', async () => {
      const shop = site({ header: true });
      const good = await shop.issue({}, 'u1');
      const piece = fc.oneof(
        fc.string({ unit: fc.nat(0xff).map((code) => String.fromCharCode(code)) }),
        fc.constantFrom('sid=', '; ', ';', '"', '=', 'sid', good.slice(1), good.slice(0, -1), ...JUNK.slice(0, 5)),
      );
      const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
      const carried = fc.record({ cookie: text, 'x-session-id': text }, { requiredKeys: [] });
      await fc.assert(
        fc.asyncProperty(carried, async (headers) => {
          const exchange = new FakeExchange({ headers });
          const visit = await shop.lifecycle.open(exchange, false);
          expect(visit.session?.isEmpty).to.equal(true);
          await shop.lifecycle.commit(exchange, visit);
          expect(exchange.responseHeader('x-session-id').join('')).to.equal('');
          for (const line of exchange.setCookies) expect(parsed(line).value).to.equal('');
        }),
      );
      expect((await shop.storage.get(good)).uid).to.equal('u1');
    });
  });
}

describe('Lifecycle over a synchronous source', () => {
  it('makes no promises', async () => {
    const shop = new Site();
    const exchange = new FakeExchange({ headers: { cookie: `sid=${await shop.issue({}, 'u1')}` } });
    const visit = shop.lifecycle.open(exchange, false);
    expect(visit).not.to.be.instanceOf(Promise);
    const awaited = await visit;
    awaited.session?.rotate();
    expect(shop.lifecycle.commit(exchange, awaited)).to.equal(undefined);
    expect(exchange.setCookies).to.have.length(1);
  });
});

describe('Lifecycle over a source that fails', () => {
  const down = new StoreUnavailable('the store is down');

  it('does not open: StoreUnavailable is never "no session"', async () => {
    const shop = new Site({ mode: 'asynchronous', header: true });
    const sid = await shop.issue({}, 'u1');
    shop.source.fail = { get: down };
    for (const carried of [{ cookie: sid }, { header: sid }, { cookie: ['junk', sid, 'junk2'] }]) {
      expect(await errorOf(() => shop.open(carried))).to.equal(down);
    }
    expect(await errorOf(() => shop.lifecycle.read(new FakeExchange({ headers: { cookie: `sid=${sid}` } })))).to.equal(
      down,
    );
    expect((await shop.open()).session.isEmpty, 'nothing to ask the store').to.equal(true);
  });

  it('throws at once where the source does', () => {
    const shop = new Site();
    sinon.stub(shop.storage, 'get').throws(down);
    const exchange = new FakeExchange({ headers: { cookie: 'sid=junk' } });
    expect(() => shop.lifecycle.open(exchange, false)).to.throw(down);
  });

  it('passes on what is no error of ours', async () => {
    const shop = new Site({ mode: 'asynchronous' });
    shop.source.fail = { get: new RangeError('a bug') };
    expect(await errorOf(() => shop.open({ cookie: 'junk' }))).to.be.instanceOf(RangeError);
  });

  it('does not commit: nothing is set', async () => {
    const shop = new Site({ mode: 'asynchronous', header: true });
    for (const act of ['setUser', 'revoke'] as const) {
      const opened = await shop.open({ cookie: await shop.issue({}, 'u0') });
      opened.visit.isRead = true;
      opened.session[act]('u1');
      shop.source.fail = { commit: down };
      expect(await errorOf(() => opened.commit())).to.equal(down);
      expect(opened.exchange.responseHeaders.size, act).to.equal(0);
      shop.source.fail = {};
    }
  });

  it('sets nothing before the source has answered', async () => {
    const shop = new Site({ mode: 'asynchronous' });
    const gate = promised();
    shop.source.hold = () => gate.promise;
    const opened = await shop.open();
    opened.session.setUser('u1');
    const committing = opened.commit();
    expect(opened.exchange.responseHeaders.size).to.equal(0);
    gate.resolve();
    expect((await committing).cookies).to.have.length(1);
  });
});
