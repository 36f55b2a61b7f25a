import { expect } from 'chai';
import sinon from 'sinon';
import { StoreUnavailable } from '../../../src/index.js';
import { promised } from '../../support/deferred-head.js';
import { FakeExchange } from '../../support/fake-exchange.js';
import { errorOf } from '../../support/outcomes.js';
import { Site } from '../../support/visits.js';

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
