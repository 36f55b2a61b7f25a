import { expect } from 'chai';
import sinon from 'sinon';
import { StoreUnavailable } from '../../src/index.js';
import { within } from '../../src/lib/deadline.js';
import { errorOf } from '../support/outcomes.js';
import { guardRejections } from '../support/rejections.js';

describe('within', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    clock.restore();
  });

  guardRejections();

  it('gives what the work comes to, and leaves no timer running', async () => {
    expect(await within(100, 'it', Promise.resolve('done'))).to.equal('done');
    expect(clock.countTimers()).to.equal(0);
  });

  it('rejects with what the work was rejected with, and leaves no timer running', async () => {
    const fault = new Error('failed');
    expect(await errorOf(() => within(100, 'it', Promise.reject(fault)))).to.equal(fault);
    expect(clock.countTimers()).to.equal(0);
  });

  it('rejects with StoreUnavailable at the deadline, naming what and how long, and not before', async () => {
    let failure: unknown;
    within(100, 'the store', new Promise(() => undefined)).catch((error: unknown) => {
      failure = error;
    });
    await clock.tickAsync(99);
    expect(failure).to.equal(undefined);
    await clock.tickAsync(1);
    expect(failure).to.be.instanceOf(StoreUnavailable);
    expect(failure).to.have.property('message').that.includes('the store').and.includes('100 ms');
  });

  it('swallows what comes too late, a rejection as well', async () => {
    for (const late of ['resolve', 'reject'] as const) {
      const settle: { resolve?: (value: string) => void; reject?: (error: Error) => void } = {};
      const work = new Promise<string>((resolve, reject) => Object.assign(settle, { resolve, reject }));
      const failing = errorOf(() => within(100, 'it', work));
      await clock.tickAsync(100);
      expect(await failing).to.be.instanceOf(StoreUnavailable);
      if (late === 'resolve') settle.resolve?.('late');
      else settle.reject?.(new Error('late'));
      await clock.tickAsync(1);
    }
  });
});
