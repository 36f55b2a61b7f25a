import { expect } from 'chai';
import sinon from 'sinon';
import { realTimeBegins, realTimeEnds } from './real-time.js';

describe('Real time, for the tests of a file', () => {
  const clocks: sinon.SinonFakeTimers[] = [];
  const { Date: realDate } = globalThis;

  afterEach(() => {
    for (const clock of clocks.splice(0)) clock.restore();
    realTimeBegins();
  });

  it('says what was left faked, and makes it real', () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'Date'] });
    clocks.push(clock);
    expect(realTimeEnds).to.throw('a test of this file left these faked: setTimeout, Date');
    expect(Date).to.equal(realDate);
    expect(setTimeout).not.to.have.property('clock');
  });

  it('ends timers of a minute and more', () => {
    const timers = [59_999, 60_000, undefined].map((ms) => setTimeout(() => undefined, ms));
    realTimeEnds();
    expect(timers.map((timer) => Reflect.get(timer, '_destroyed'))).to.deep.equal([false, true, false]);
    for (const timer of timers) clearTimeout(timer);
  });
});
