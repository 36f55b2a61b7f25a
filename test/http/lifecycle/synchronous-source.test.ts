import { expect } from 'chai';
import { FakeExchange } from '../../support/fake-exchange.js';
import { Site } from '../../support/visits.js';

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
