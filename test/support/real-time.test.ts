import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
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

  it('ends timers and intervals, however short', () => {
    const timers = [
      setTimeout(() => undefined, 1000),
      setInterval(() => undefined, 1000).unref(),
      setTimeout(() => undefined),
    ];
    realTimeEnds();
    expect(timers.map((timer) => Reflect.get(timer, '_destroyed'))).to.deep.equal([true, true, true]);
  });

  it('ends pauses: what follows them does not run', async () => {
    let isOver = false;
    for (const pause of [timersPromises.setTimeout, promisify(setTimeout)]) {
      void pause(1).then(() => {
        isOver = true;
      });
    }
    realTimeEnds();
    await timersPromises.setTimeout(2);
    expect(isOver).to.equal(false);
  });
});
