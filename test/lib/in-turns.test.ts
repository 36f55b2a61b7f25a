import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { inTurns } from '../../src/lib/in-turns.js';

describe('inTurns', () => {
  it('gives every item in order, and leaves the event loop free after each hundred', async () => {
    const items = Array.from({ length: 1_000 }, (_, index) => index);
    let turns = 0;
    let isOver = false;
    const turning = (async () => {
      for (; !isOver; turns += 1) await nextTurn();
    })();
    const given: number[] = [];
    for await (const item of inTurns(items)) given.push(item);
    isOver = true;
    await turning;
    expect(given).to.deep.equal(items);
    expect(turns).to.be.at.least(9);
  });

  it('gives nothing of nothing, and stops where its reader does', async () => {
    for await (const item of inTurns<number>([])) expect.fail(`${item}`);
    const given: number[] = [];
    for await (const item of inTurns(new Set([1, 2, 3]))) {
      given.push(item);
      if (item === 2) break;
    }
    expect(given).to.deep.equal([1, 2]);
  });
});
