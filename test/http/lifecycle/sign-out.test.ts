import { expect } from 'chai';
import { sourceModes } from '../../support/shop.js';
import { Site, type SiteOptions } from '../../support/visits.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CREATED = ['cache-control', 'set-cookie', 'vary'];

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });
  const isToken = mode !== 'server-side';

  describe(`Lifecycle over a ${mode} source`, () => {
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
        const [, set] = (await shop.ask({}, (session) => void session.setUser('u1'))).cookies;
        const [cleared] = (await shop.ask({ cookie: set?.value ?? '' }, (session) => void session.revoke())).cookies;
        if (set === undefined || cleared === undefined) throw new Error('no cookie');
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

    describe('a sign-out', () => {
      for (const create of ['lazy', 'eager'] as const) {
        it(`of a request that carried no sid clears nothing and sends no header at all, create '${create}'`, async () => {
          const shop = site({ create, header: { announce: true } });
          const answer = await shop.ask({}, (session) => void session.revoke());
          expect(answer.headerNames).to.deep.equal([]);
          expect(shop.told).to.deep.equal([]);
        });
      }

      it('of somebody who signed in by the same request, without a sid, sends nothing either', async () => {
        const shop = site({ header: { announce: true } });
        const answer = await shop.ask({}, (session) => void session.setUser('u1').revoke());
        expect(answer.headerNames).to.deep.equal([]);
      });

      it("clears nothing for a session that the application made without a sid, create 'never'", async () => {
        const shop = site({ create: 'never' });
        const opened = await shop.open();
        const made = await shop.storage.create({ count: 1 });
        shop.lifecycle.adopt(opened.visit, made);
        made.revoke();
        expect((await opened.commit()).headerNames).to.deep.equal([]);
      });

      it('of a request without a sid leaves other cookies of the response alone', async () => {
        const shop = site();
        const opened = await shop.open();
        opened.exchange.setResponseHeader('Set-Cookie', ['theme=dark', 'sid=old; Path=/elsewhere']);
        opened.session.revoke();
        expect((await opened.commit()).setCookies).to.deep.equal(['theme=dark', 'sid=old; Path=/elsewhere']);
      });

      it('of a request without a sid still says that the response depends on the cookie, when it was looked at', async () => {
        const shop = site();
        const opened = await shop.open();
        opened.session.revoke();
        opened.visit.isRead = true;
        expect((await opened.commit()).headerNames).to.deep.equal(['vary']);
      });

      it('clears a cookie that opened a session', async () => {
        const shop = site();
        const answer = await shop.ask({ cookie: await shop.issue({}, 'u1') }, (session) => void session.revoke());
        expect([answer.cookie.value, answer.cookie.maxAge]).to.deep.equal(['', 0]);
        expect(answer.headerNames).to.deep.equal(CREATED);
      });

      for (const bad of ['junk', '', 'a b']) {
        it(`clears a cookie that opened none: ${JSON.stringify(bad)}`, async () => {
          const shop = site();
          const answer = await shop.ask({ cookie: bad }, (session) => void session.revoke());
          expect([answer.cookie.value, answer.cookie.maxAge]).to.deep.equal(['', 0]);
        });

        it(`clears a header that opened none: ${JSON.stringify(bad)}`, async () => {
          const shop = site({ cookie: false, header: true });
          const answer = await shop.ask({ header: bad }, (session) => void session.revoke());
          expect(answer.header).to.equal('');
        });
      }
    });
  });
}
