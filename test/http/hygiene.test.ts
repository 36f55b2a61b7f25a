import { expect } from 'chai';
import { forbidSharing, forbidStoring, varyOn } from '../../src/http/hygiene.js';
import { FakeExchange } from '../support/fake-exchange.js';

function vary(before: readonly string[], names: readonly string[]): readonly string[] {
  const exchange = new FakeExchange();
  if (before.length > 0) exchange.setResponseHeader('Vary', before);
  varyOn(exchange, names);
  return exchange.responseHeader('vary');
}

describe('varyOn', () => {
  it('sets Vary where there was none (row 40)', () => {
    expect(vary([], ['Cookie'])).to.deep.equal(['Cookie']);
    expect(vary([], ['Cookie', 'X-Session-Id'])).to.deep.equal(['Cookie, X-Session-Id']);
  });

  it('adds to what is there, without doubles in any case (row 40)', () => {
    expect(vary(['Accept-Encoding,  Origin'], ['Cookie'])).to.deep.equal(['Accept-Encoding, Origin, Cookie']);
    expect(vary(['Accept', 'origin'], ['Origin', 'Cookie', 'cookie'])).to.deep.equal(['Accept, origin, Cookie']);
    expect(vary(['accept, COOKIE'], ['Cookie'])).to.deep.equal(['accept, COOKIE']);
    expect(vary([' , '], ['Cookie'])).to.deep.equal(['Cookie']);
    expect(vary(['X-Cookie'], ['Cookie'])).to.deep.equal(['X-Cookie, Cookie']);
  });

  it('leaves * as it is', () => {
    expect(vary(['*'], ['Cookie'])).to.deep.equal(['*']);
    expect(vary(['Accept, *'], ['Cookie'])).to.deep.equal(['Accept, *']);
  });

  it('sets nothing for no names', () => {
    expect(vary([], [])).to.deep.equal([]);
  });
});

describe('forbidStoring', () => {
  it('replaces whatever was allowed (row 40)', () => {
    const exchange = new FakeExchange();
    exchange.setResponseHeader('Cache-Control', 'public, max-age=3600');
    forbidStoring(exchange);
    expect(exchange.responseHeader('cache-control')).to.deep.equal(['private, no-store']);
  });

  it('still forbids proxies to change the response', () => {
    const exchange = new FakeExchange();
    exchange.setResponseHeader('Cache-Control', 'no-store, No-Transform');
    forbidStoring(exchange);
    expect(exchange.responseHeader('cache-control')).to.deep.equal(['private, no-store, no-transform']);
  });
});

describe('forbidSharing', () => {
  for (const [said, after] of [
    [undefined, 'private'],
    ['no-transform', 'no-transform, private'],
    ['public, max-age=60', 'public, max-age=60'],
    ['no-store', 'no-store'],
    ['Max-Age=0', 'Max-Age=0'],
  ] as const) {
    it(`makes ${after} of ${said ?? 'no Cache-Control'}`, () => {
      const exchange = new FakeExchange();
      if (said !== undefined) exchange.setResponseHeader('Cache-Control', said);
      forbidSharing(exchange);
      expect(exchange.responseHeader('cache-control')).to.deep.equal([after]);
    });
  }
});
