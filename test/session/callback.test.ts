import { expect } from 'chai';
import { callBack } from '../../src/session/callback.js';
import { errorOf } from '../support/outcomes.js';
import { guardRejections } from '../support/rejections.js';

describe('tell', () => {
  guardRejections();

  it('without a callback is what the work comes to', async () => {
    expect(await callBack(Promise.resolve('done'), undefined, 'otherwise')).to.equal('done');
    const fault = new Error('failed');
    expect(await errorOf(() => callBack(Promise.reject(fault), undefined, 'otherwise'))).to.equal(fault);
  });

  it('calls the callback once, without an error, when it worked', async () => {
    const calls: unknown[][] = [];
    await callBack(Promise.resolve('done'), (...args) => calls.push(args), 'otherwise');
    expect(calls).to.deep.equal([[]]);
  });

  it('calls the callback once, with the error, and rejects nothing', async () => {
    const calls: unknown[][] = [];
    const fault = new Error('failed');
    expect(await callBack(Promise.reject(fault), (...args) => calls.push(args), 'otherwise')).to.equal('otherwise');
    expect(calls).to.deep.equal([[fault]]);
  });

  it('calls the callback when the work is done, not before', async () => {
    let isDone = false;
    const work = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      isDone = true;
    });
    await callBack(work, () => expect(isDone).to.equal(true), undefined);
  });

  it('does not call it a second time with what it threw itself', async () => {
    const calls: unknown[] = [];
    const fault = new Error('in the callback');
    const callback = (error?: unknown): void => {
      calls.push(error);
      throw fault;
    };
    expect(await errorOf(() => callBack(Promise.resolve(1), callback, 2))).to.equal(fault);
    expect(calls).to.deep.equal([undefined]);
  });
});
