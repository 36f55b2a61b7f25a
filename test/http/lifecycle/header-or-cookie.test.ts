import { expect } from 'chai';
import { sourceModes } from '../../support/shop.js';
import { JUNK, Site, type SiteOptions } from '../../support/visits.js';

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });

  describe(`Lifecycle over a ${mode} source`, () => {
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
        expect(answer.setCookies).to.deep.equal([]);
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
  });
}
