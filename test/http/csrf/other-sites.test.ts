import { expect } from 'chai';
import { activate } from '../../../src/http/activation.js';
import type { CsrfOptions } from '../../../src/http/csrf/options.js';
import { CsrfRefused, SessionEnded } from '../../../src/index.js';
import { FakeExchange } from '../../support/fake-exchange.js';
import { errorOf } from '../../support/outcomes.js';
import { Shop, type ShopSession, sourceModes } from '../../support/shop.js';
import { JUNK } from '../../support/visits.js';

interface Ask {
  readonly path: string;
  session?: ShopSession;
}

interface Options {
  readonly csrf?: false | 'origin' | CsrfOptions<Ask>;
  readonly cookie?: boolean;
  readonly header?: boolean;
  readonly create?: 'lazy' | 'eager' | 'never';
}

const CROSS_SITE = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
const REFUSED: readonly Readonly<Record<string, string>>[] = [
  CROSS_SITE,
  { 'sec-fetch-site': 'same-site' },
  { host: 'shop.example', origin: 'https://evil.example' },
  { origin: 'null' },
];

for (const mode of sourceModes) {
  describe(`A request that another site made the browser send, over a ${mode} source`, () => {
    /** An activation; `ask` opens a request and commits it. */
    const siteOf = (options: Options = {}) => {
      const shop = new Shop({ mode, timeoutResolution: 1000 });
      const { sessionStorage } = shop;
      const activation = activate<ShopSession, Ask>({ sessionStorage, cookie: true, ...options });
      const ask = async (
        headers: Readonly<Record<string, string>>,
        { method = 'POST', path = '/' } = {},
        handle: (session: ShopSession | undefined) => void = () => undefined,
      ) => {
        const exchange = new FakeExchange({ method, headers });
        const visit = await activation.open({ path }, exchange);
        handle(visit.session);
        await activation.commit(exchange, visit);
        return { exchange, visit, uid: visit.session?.uid };
      };
      return { shop, activation, ask };
    };

    it('is refused before its session is opened', async () => {
      const { shop, activation } = siteOf();
      const cookie = `sid=${await shop.issue({ count: 1 }, 'u1')}`;
      shop.pass(2000);
      for (const headers of REFUSED) {
        for (const sent of [{ ...headers, cookie }, headers, { ...headers, cookie: 'sid=junk' }]) {
          const request: Ask = { path: '/' };
          const exchange = new FakeExchange({ method: 'POST', headers: sent });
          const error = await errorOf(async () => activation.open(request, exchange), CsrfRefused);
          expect([error.code, error.status, error.reason]).to.deep.equal(['EBADCSRFTOKEN', 403, 'cross_origin']);
          expect(exchange.headerNames).to.deep.equal([]);
          expect(shop.told).to.deep.equal([]);
        }
      }
    });

    it('has an empty session in error handlers, which is neither stored nor sent', async () => {
      const { shop, activation } = siteOf({ create: 'eager' });
      const request: Ask = { path: '/' };
      const headers = { ...CROSS_SITE, cookie: `sid=${await shop.issue({ count: 1 }, 'u1')}` };
      const exchange = new FakeExchange({ method: 'POST', headers });
      await errorOf(async () => activation.open(request, exchange), CsrfRefused);
      expect(request.session?.uid).to.equal(undefined);
      expect(request.session?.sessionData).to.deep.equal({});
      expect(activation.needsOpening(request)).to.equal(false);
    });

    it('does not repeat what it sent', async () => {
      const { shop, activation } = siteOf();
      const sid = await shop.issue({}, 'u1');
      const headers = { ...CROSS_SITE, cookie: `sid=${sid}` };
      const exchange = new FakeExchange({ method: 'POST', headers });
      const { message } = await errorOf(async () => activation.open({ path: '/' }, exchange), CsrfRefused);
      expect(message).not.to.include(sid).and.not.to.include('evil');
    });

    it('is let in if it is safe, if its origin is listed, or if there is no check', async () => {
      for (const [csrf, method] of [
        [undefined, 'GET'],
        ['origin', 'HEAD'],
        [{ origins: ['https://evil.example'] }, 'POST'],
        [false, 'POST'],
      ] as const) {
        const { shop, ask } = siteOf(csrf === undefined ? {} : { csrf });
        const cookie = `sid=${await shop.issue({ count: 1 }, 'u1')}`;
        expect((await ask({ ...CROSS_SITE, cookie }, { method })).uid).to.equal('u1');
      }
    });

    it('opens nothing with OPTIONS, and is not refused', async () => {
      const { shop, ask } = siteOf();
      const cookie = `sid=${await shop.issue({ count: 1 }, 'u1')}`;
      const { uid, exchange } = await ask({ ...CROSS_SITE, cookie }, { method: 'OPTIONS' });
      expect([uid, exchange.headerNames]).to.deep.equal([undefined, []]);
    });

    describe('to a route that other sites call', () => {
      const exempt = ({ path }: Ask) => path === '/hook';

      it('has an empty session, whatever it carries, and is sent none', async () => {
        for (const create of ['lazy', 'eager'] as const) {
          const { shop, ask } = siteOf({ csrf: { exempt }, header: true, create });
          const sid = await shop.issue({ count: 1 }, 'u1');
          for (const headers of [
            { ...CROSS_SITE, cookie: `sid=${sid}` },
            { cookie: `sid=${sid}` },
            { ...CROSS_SITE, 'x-session-id': sid },
          ]) {
            const { uid, exchange } = await ask(headers, { path: '/hook' }, (session) => session?.setUser('u2'));
            expect([uid, exchange.headerNames]).to.deep.equal(['u2', []]);
          }
          expect((await shop.storage.get(sid)).uid).to.equal('u1');
          expect((await ask({ cookie: `sid=${sid}` })).uid).to.equal('u1');
        }
      });

      it('cannot be given one', async () => {
        const { shop, ask } = siteOf({ csrf: { exempt }, create: 'never' });
        const { activation } = siteOf({ csrf: { exempt }, create: 'never' });
        const request: Ask = { path: '/hook' };
        await activation.open(request, new FakeExchange({ method: 'POST', headers: CROSS_SITE }));
        const session = await shop.storage.create();
        const assign = () => Object.assign(request, { session });
        expect((await errorOf(assign, SessionEnded)).message).to.include('csrf.exempt');
        expect((await ask(CROSS_SITE, { path: '/hook' })).visit.session).to.equal(undefined);
      });

      it('is an exception that others are not', async () => {
        const { shop, activation } = siteOf({ csrf: { exempt } });
        const headers = { ...CROSS_SITE, cookie: `sid=${await shop.issue({}, 'u1')}` };
        const exchange = new FakeExchange({ method: 'POST', headers });
        await errorOf(async () => activation.open({ path: '/hook/other' }, exchange), CsrfRefused);
      });
    });

    describe('and that has the session header (row 47)', () => {
      it('has the session of the header, if that opens one', async () => {
        const { shop, ask } = siteOf({ header: true });
        const cookie = `sid=${await shop.issue({}, 'u1')}`;
        const headers = { ...CROSS_SITE, cookie, 'x-session-id': await shop.issue({}, 'u2') };
        expect((await ask(headers)).uid).to.equal('u2');
      });

      it('is refused with any other value of it, and its cookie is not used', async () => {
        const { shop, activation } = siteOf({ header: true });
        const cookie = `sid=${await shop.issue({}, 'u1')}`;
        const ended = await shop.issue({}, 'u3');
        await shop.storage.revoke({ sid: ended });
        const { length } = shop.told;
        for (const value of ['', 'not a sid', ended, ...JUNK]) {
          const exchange = new FakeExchange({
            method: 'POST',
            headers: { ...CROSS_SITE, cookie, 'x-session-id': value },
          });
          await errorOf(async () => activation.open({ path: '/' }, exchange), CsrfRefused);
          expect(exchange.headerNames).to.deep.equal([]);
        }
        expect(shop.told.slice(length).filter(([name]) => name === 'cleared')).to.deep.equal([]);
      });

      it('is refused with any other header, such as Authorization', async () => {
        const { shop, activation } = siteOf();
        const sid = await shop.issue({}, 'u1');
        const headers = { ...CROSS_SITE, cookie: `sid=${sid}`, authorization: 'Bearer junk', 'x-session-id': sid };
        const exchange = new FakeExchange({ method: 'POST', headers });
        await errorOf(async () => activation.open({ path: '/' }, exchange), CsrfRefused);
      });

      it('is not checked if there is no cookie', async () => {
        const { shop, ask } = siteOf({ cookie: false, header: true });
        expect((await ask({ ...CROSS_SITE, 'x-session-id': await shop.issue({}, 'u1') })).uid).to.equal('u1');
        expect((await ask({ ...CROSS_SITE, 'x-session-id': 'junk' })).uid).to.equal(undefined);
        expect((await ask(CROSS_SITE)).uid).to.equal(undefined);
      });
    });

    it('is like any other to read, which changes nothing', async () => {
      const { shop, activation } = siteOf();
      const headers = { ...CROSS_SITE, cookie: `sid=${await shop.issue({}, 'u1')}` };
      expect((await activation.read(new FakeExchange({ method: 'POST', headers })))?.uid).to.equal('u1');
    });
  });
}
