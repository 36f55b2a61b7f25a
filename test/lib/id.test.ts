import { expect } from 'chai';
import { newId } from '../../src/lib/id.js';

describe('newId', () => {
  it('gives 24 base64url characters, which hold 144 bits (row 1)', () => {
    for (let i = 0; i < 1000; i += 1) expect(newId()).to.match(/^[A-Za-z0-9_-]{24}$/);
  });

  it('gives no id twice, across many refills of its pool', () => {
    const ids = new Set(Array.from({ length: 100_000 }, newId));
    expect(ids.size).to.equal(100_000);
  });

  it('gives every bit as often 1 as 0', () => {
    const count = 20_000;
    const ones = new Array<number>(144).fill(0);
    for (let i = 0; i < count; i += 1) {
      const bytes = Buffer.from(newId(), 'base64url');
      for (let bit = 0; bit < 144; bit += 1) ones[bit] = (ones[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
    }
    // Seven standard deviations: one run in about 10^9 would fail by chance.
    const margin = 7 * Math.sqrt(count / 4);
    for (const one of ones) expect(Math.abs(one - count / 2)).to.be.below(margin);
  });
});
