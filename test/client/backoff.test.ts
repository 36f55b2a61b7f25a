import { expect } from 'chai';
import fc from 'fast-check';
import { backoff, retryAfterOf } from '../../src/client/backoff.js';

describe('The backoff of the client', () => {
  it('doubles the longest pause with each attempt, up to a minute', () => {
    const longest = [0, 1, 2, 3, 10, 2_000].map((attempt) => backoff(3_000, attempt, () => 1));
    expect(longest).to.deep.equal([3_000, 6_000, 12_000, 24_000, 60_000, 60_000]);
  });

  it('takes any part of the longest pause', () => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.nat(3_600_000), fc.nat(100), chance, (retry, attempt, part) => {
        expect(backoff(retry, attempt, () => part)).to.equal(part * backoff(retry, attempt, () => 1));
      }),
    );
    expect(new Set(Array.from({ length: 20 }, () => backoff(3_000, 0))).size).to.be.greaterThan(1);
  });
});

describe('Retry-After, as the client reads it,', () => {
  const now = Date.UTC(2026, 0, 1);

  for (const [what, value, ms] of [
    ['seconds', '120', 120_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['a date of the past', 'Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['more than an hour', '99999999999', 3_600_000],
    ['a number below 0', '-1', 0],
    ['text', 'soon', 0],
    ['nothing', null, 0],
  ] as const) {
    it(`can be ${what}`, () => {
      expect(retryAfterOf(value, now)).to.equal(ms);
    });
  }
});
