import { expect } from 'chai';
import { Turns } from '../../src/live/turns.js';

/** More ms than work may go on in one turn. */
const LONG = 4;

describe('work over several turns of the event loop', () => {
  it('does so many pieces in a turn, in order', async () => {
    const sizes = await sizesOf(new Turns(3), 8, () => undefined);
    expect(sizes).to.deep.equal([3, 3, 2]);
  });

  it('leaves the rest of a turn to others if a piece takes long', async () => {
    const sizes = await sizesOf(new Turns(3), 4, () => {
      const end = performance.now() + LONG;
      while (performance.now() < end);
    });
    expect(sizes).to.deep.equal([1, 1, 1, 1]);
  });

  it('has no more room in a turn for work that comes in between', async () => {
    const turns = new Turns(3);
    const first: number[] = [];
    const work = turns.each([1, 2, 3], (item) => first.push(item));
    expect([first, turns.take()]).to.deep.equal([[1, 2, 3], false]);
    await work;
    await new Promise((resolve) => setImmediate(resolve));
    expect(turns.take()).to.equal(true);
  });
});

/** How many pieces were done in each turn. */
async function sizesOf(turns: Turns, count: number, act: () => void): Promise<number[]> {
  const done: number[] = [];
  const sizes: number[] = [];
  const work = turns.each([...Array(count).keys()], (item) => {
    act();
    done.push(item);
  });
  while (done.length < count) {
    const before = sizes.reduce((sum, size) => sum + size, 0);
    sizes.push(done.length - before);
    await new Promise((resolve) => setImmediate(resolve));
  }
  sizes.push(count - sizes.reduce((sum, size) => sum + size, 0));
  await work;
  expect(done).to.deep.equal([...Array(count).keys()]);
  return sizes;
}
