import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import sinon from 'sinon';
import { Slices } from '../../../src/drivers/shared/slices.js';

describe('Slices', () => {
  let time = 0;

  beforeEach(() => {
    time = 0;
    sinon.stub(performance, 'now').callsFake(() => time);
  });

  afterEach(() => sinon.restore());

  it('give a turn of the loop to 500 entries at most, of all who work', async () => {
    const slices = new Slices();
    expect([slices.spend(400), slices.spend(99), slices.spend(1), slices.spend(1)]).to.deep.equal([
      false,
      false,
      true,
      true,
    ]);
    await nextTurn();
    expect([slices.spend(499), slices.spend(1)]).to.deep.equal([false, true]);
  });

  it('give a turn of the loop to a ms of work at most', async () => {
    const slices = new Slices();
    expect(slices.spend(1)).to.equal(false);
    time = 0.9;
    expect(slices.spend(1)).to.equal(false);
    time = 1;
    expect(slices.spend(1)).to.equal(true);
    await slices.next();
    time = 1.9;
    expect(slices.spend(1)).to.equal(false);
    time = 2;
    expect(slices.spend(1)).to.equal(true);
  });

  it('go on in the order of asking, one in each turn', async () => {
    const slices = new Slices();
    let turn = 0;
    const count = (): void => {
      turn += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    const resumed: [string, number][] = [];
    const work = async (name: string, shares: number): Promise<void> => {
      for (let share = 0; share < shares; share += 1) {
        await slices.next();
        resumed.push([name, turn]);
        expect(slices.spend(500)).to.equal(true);
      }
    };
    await Promise.all([work('a', 3), work('b', 2), work('c', 1)]);
    clearImmediate(counting);
    expect(resumed.map(([name]) => name).join('')).to.equal('abcaba');
    expect(new Set(resumed.map(([, at]) => at)).size).to.equal(6);
  });

  it('begin anew in a turn in which nobody waited', async () => {
    const slices = new Slices();
    slices.spend(500);
    await slices.next();
    slices.spend(500);
    await nextTurn();
    await nextTurn();
    expect(slices.spend(499)).to.equal(false);
  });
});
