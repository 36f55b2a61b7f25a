import { expect } from 'chai';
import { Lifecycle } from '../../src/http/lifecycle.js';
import { CookieTransport } from '../../src/http/transports/cookie.js';
import { type Session, SessionEnded, SessionStorage } from '../../src/index.js';
import { FakeExchange } from '../support/fake-exchange.js';
import { SECRET } from '../support/sessions.js';

describe("Lifecycle.adopt, for requests without a session (create: 'never')", () => {
  const storage = new SessionStorage({ jwtSecret: SECRET });
  const lifecycle = new Lifecycle<Session>(storage, { cookie: new CookieTransport(true), header: undefined }, 'never');
  const open = (exchange: FakeExchange) => {
    const visit = lifecycle.open(exchange, false);
    if (visit instanceof Promise) throw new Error('a token storage opens at once');
    return visit;
  };

  it('issues a session that the application assigned', () => {
    const exchange = new FakeExchange();
    const visit = open(exchange);
    expect(visit.session).to.equal(undefined);
    lifecycle.adopt(visit, storage.create().setUser('u1'));
    lifecycle.commit(exchange, visit);
    expect(exchange.setCookies).to.have.length(1);
    expect(storage.get(/^sid=([^;]+)/.exec(exchange.setCookies[0] ?? '')?.[1]).uid).to.equal('u1');
  });

  it('takes no second one, and none in place of the one that came with the request', () => {
    const sid = storage.create({ n: 1 }).forClient();
    const visit = open(new FakeExchange({ headers: { cookie: `sid=${sid}` } }));
    expect(() => lifecycle.adopt(visit, storage.create())).to.throw(
      TypeError,
      'has a session already: change its sessionData',
    );
  });

  it('takes nothing that is no session', () => {
    const visit = open(new FakeExchange());
    const assign = Reflect.get(lifecycle, 'adopt');
    for (const value of [{}, { id: 'a', lineage: 'a' }, 'sid']) {
      expect(() => Reflect.apply(assign, lifecycle, [visit, value])).to.throw(TypeError, 'create()');
    }
  });

  it('says that revoke() ends a session to who assigns null or undefined, as with other packages', () => {
    const sid = storage.create({ n: 1 }).forClient();
    const assign = Reflect.get(lifecycle, 'adopt');
    for (const headers of [{}, { cookie: `sid=${sid}` }]) {
      const visit = open(new FakeExchange({ headers }));
      for (const value of [null, undefined]) {
        expect(() => Reflect.apply(assign, lifecycle, [visit, value])).to.throw(
          TypeError,
          `${value} cannot be assigned as a session: call revoke()`,
        );
      }
    }
  });

  it('refuses where nothing may be sent', () => {
    const visit = open(new FakeExchange({ method: 'OPTIONS' }));
    expect(() => lifecycle.adopt(visit, storage.create())).to.throw(
      SessionEnded,
      'no session can be assigned to this request: its method is OPTIONS',
    );
  });
});
