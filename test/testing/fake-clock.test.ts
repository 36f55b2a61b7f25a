import { expect } from 'chai';
import { FakeClock } from '../../src/testing/index.js';

describe('FakeClock', () => {
  it('stands still until it is told to advance', () => {
    const clock = new FakeClock(1000);
    expect([clock.now(), clock.now()]).to.deep.equal([1000, 1000]);
    clock.advance(1);
    clock.advance(0);
    expect(clock.now()).to.equal(1001);
  });

  it('can be put to any time, an earlier one too', () => {
    const clock = new FakeClock(1000);
    for (const time of [5000, 0, -1]) {
      clock.set(time);
      expect(clock.now()).to.equal(time);
    }
  });

  it("starts at the machine's time when it is not told another", () => {
    const before = Date.now();
    expect(new FakeClock().now()).to.be.within(before, Date.now());
  });

  it('refuses what is no whole number of ms, and time that passes backward, and stays as it was', () => {
    const clock = new FakeClock(1000);
    for (const wrong of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => clock.advance(wrong)).to.throw(TypeError, 'ms must be a whole number');
      expect(() => clock.set(wrong)).to.throw(TypeError, 'timestamp must be a whole number');
      expect(() => new FakeClock(wrong)).to.throw(TypeError, 'start must be a whole number');
    }
    expect(() => clock.advance(-1)).to.throw(TypeError, 'call set(timestamp) to move the clock back');
    expect(clock.now()).to.equal(1000);
  });
});
