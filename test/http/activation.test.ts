import { expect } from 'chai';
import { activate } from '../../src/http/activation.js';
import type { Visit } from '../../src/http/visit.js';
import { StoreUnavailable } from '../../src/index.js';
import { FakeExchange } from '../support/fake-exchange.js';
import { errorOf } from '../support/outcomes.js';
import { Shop, type ShopSession, sourceModes } from '../support/shop.js';

/** A request of no framework in particular. */
interface Ask {
  readonly path: string;
  session?: ShopSession;
  account?: ShopSession;
}

function ofShop(shop: Shop, options: object = {}) {
  return activate<ShopSession, Ask>({ sessionStorage: shop.sessionStorage, cookie: true, ...options });
}

for (const mode of sourceModes) {
  describe(`An activation over a ${mode} source`, () => {
    it('makes the session a property of the request, and commits what changed', async () => {
      const shop = new Shop({ mode });
      const activation = ofShop(shop);
      const request: Ask = { path: '/' };
      const exchange = new FakeExchange();
      const visit = await activation.open(request, exchange);
      expect(request.session).to.equal(visit.session);
      if (request.session !== undefined) request.session.sessionData.count = 7;
      await activation.commit(exchange, visit);
      const sid = /^sid=([^;]+)/.exec(exchange.setCookies[0] ?? '')?.[1];
      const cookie = new FakeExchange({ headers: { cookie: `sid=${sid}` } });
      expect((await activation.read(cookie))?.sessionData).to.deep.equal({ count: 7 });
    });

    it('knows which requests it has opened, and which only allows', async () => {
      const activation = ofShop(new Shop({ mode }), { only: ({ path }: Ask) => path === '/app' });
      const request: Ask = { path: '/app' };
      expect(activation.needsOpening({ path: '/' })).to.equal(false);
      expect(activation.needsOpening(request)).to.equal(true);
      await activation.open(request, new FakeExchange());
      expect(activation.needsOpening(request)).to.equal(false);
      expect(activation.needsOpening({ path: '/app' })).to.equal(true);
    });

    it('asks passive of the request', async () => {
      const shop = new Shop({ mode });
      const headers = { cookie: `sid=${await shop.issue({ count: 1 }, 'u1')}` };
      const activation = ofShop(shop, { passive: ({ path }: Ask) => path === '/poll' });
      shop.pass(3_600_000);
      const accessOf = async (path: string) => {
        const { session } = await activation.open({ path }, new FakeExchange({ headers }));
        return session?.lastAccess;
      };
      const polled = await accessOf('/poll');
      expect(await accessOf('/'))
        .to.equal(shop.clock.now())
        .and.be.above(polled ?? Number.POSITIVE_INFINITY);
    });

    it('keeps apart what two activations with different properties opened', async () => {
      const [one, other] = [
        ofShop(new Shop({ mode })),
        ofShop(new Shop({ mode }), { property: 'account', cookie: 'account' }),
      ];
      const request: Ask = { path: '/' };
      await one.open(request, new FakeExchange());
      expect(other.needsOpening(request)).to.equal(true);
      expect(() => other.of(request)).to.throw(TypeError);
      await other.open(request, new FakeExchange());
      expect(one.of(request)).to.equal(request.session);
      expect(other.of(request)).to.equal(request.account);
      expect(request.session).not.to.equal(request.account);
    });

    it('refuses a property that the request has already, before it opens anything', async () => {
      for (const create of ['lazy', 'never'] as const) {
        const shop = new Shop({ mode });
        const request: Ask = { path: '/' };
        await ofShop(new Shop({ mode }), { create }).open(request, new FakeExchange());
        const error = await errorOf(() => ofShop(shop).open(request, new FakeExchange()), TypeError);
        expect(error.message).to.include('already has a property "session"').and.include('options property and cookie');
        expect(ofShop(shop).needsOpening(request)).to.equal(true);
      }
      const foreign = Object.defineProperty({ path: '/' }, 'session', { get: () => ({}) });
      await errorOf(() => ofShop(new Shop({ mode })).open(foreign, new FakeExchange()), TypeError);
      await errorOf(
        () => ofShop(new Shop({ mode }), { property: 'path' }).open({ path: '/' }, new FakeExchange()),
        TypeError,
      );
    });

    it('takes the place of a placeholder, own or inherited, and keeps it', async () => {
      for (const value of [null, undefined]) {
        for (const request of [{ path: '/', session: value }, Object.create({ path: '/', session: value })]) {
          const activation = ofShop(new Shop({ mode }));
          const { session } = await activation.open(request, new FakeExchange());
          expect(Reflect.get(request, 'session')).to.equal(session);
          expect(() => Object.defineProperty(request, 'session', { value: 1 })).to.throw(TypeError);
          await errorOf(() => ofShop(new Shop({ mode })).open(request, new FakeExchange()), TypeError);
        }
      }
    });

    it('takes no inherited property for a placeholder that has a value or a getter', async () => {
      for (const property of [{ value: {} }, { value: false }, { get: () => undefined }, { set: () => undefined }]) {
        const request = Object.create(Object.defineProperty({ path: '/' }, 'session', property));
        await errorOf(() => ofShop(new Shop({ mode })).open(request, new FakeExchange()), TypeError);
      }
      const proxy = new Proxy({ path: '/' }, { has: () => true });
      await errorOf(() => ofShop(new Shop({ mode })).open(proxy, new FakeExchange()), TypeError);
    });

    it('keeps its property from a package that would define its own over it', async () => {
      const request: Ask = { path: '/' };
      await ofShop(new Shop({ mode })).open(request, new FakeExchange());
      const over = () => Object.defineProperty(request, 'session', { configurable: true, get: () => ({}) });
      expect(over).to.throw(TypeError, 'Cannot redefine property: session');
    });

    it('lets the response vary on the cookie only for a request that read its session', async () => {
      const activation = ofShop(new Shop({ mode }));
      for (const reads of [true, false]) {
        const request: Ask = { path: '/' };
        const exchange = new FakeExchange();
        const visit: Visit<ShopSession> = await activation.open(request, exchange);
        if (reads) activation.of(request);
        await activation.commit(exchange, visit);
        expect(exchange.responseHeader('vary')).to.deep.equal(reads ? ['Cookie'] : []);
      }
    });

    it('takes an assigned session for a request that has none', async () => {
      const shop = new Shop({ mode });
      const activation = ofShop(shop, { create: 'never' });
      const request: Ask = { path: '/' };
      await activation.open(request, new FakeExchange());
      expect(activation.of(request)).to.equal(undefined);
      const made = await shop.storage.create();
      request.session = made;
      expect(activation.of(request)).to.equal(made);
    });

    it('refuses a second activation whose responses would set the same cookie or header', async () => {
      const csrf = { token: true, secret: 's'.repeat(32) };
      for (const [first, second, name] of [
        [{}, {}, 'sid'],
        [{ header: true }, { header: 'x-session-id', cookie: false }, 'x-session-id'],
        [{ csrf }, { csrf, cookie: 'admin' }, 'csrf'],
      ] as const) {
        const request: Ask = { path: '/' };
        await ofShop(new Shop({ mode }), first).open(request, new FakeExchange());
        const open = () =>
          ofShop(new Shop({ mode }), { property: 'account', ...second }).open(request, new FakeExchange());
        expect(open).to.throw(TypeError, `uses the name "${name}", too`);
      }
    });

    it('says how to install the middleware when the request did not pass it', () => {
      expect(() => ofShop(new Shop({ mode })).of({ path: '/' })).to.throw(
        TypeError,
        'the request did not pass this activateSessions: install it before the route and before checkCsrf',
      );
    });
  });
}

describe('An activation whose source fails', () => {
  it('rejects, and gives error handlers a session that is nobody’s', async () => {
    const shop = new Shop({ mode: 'asynchronous' });
    const headers = { cookie: `sid=${await shop.issue({ count: 1 })}` };
    shop.source.fail = { get: new StoreUnavailable('down') };
    const request: Ask = { path: '/' };
    const activation = ofShop(shop);
    expect(await errorOf(() => activation.open(request, new FakeExchange({ headers })))).to.be.instanceOf(
      StoreUnavailable,
    );
    expect(request.session?.uid).to.equal(undefined);
    expect(activation.of(request)).to.equal(request.session);
    request.session?.setUser('u1');
    expect(shop.toldNames).to.deep.equal([]);
    const never = ofShop(shop, { create: 'never' });
    const other: Ask = { path: '/' };
    await errorOf(() => never.open(other, new FakeExchange({ headers })), StoreUnavailable);
    expect(never.of(other)).to.equal(undefined);
  });
});
