import { expect } from 'chai';
import fc from 'fast-check';
import { Queue, type Queued } from '../../../src/drivers/memory/queue.js';

class Item implements Queued<Item> {
  earlier: Item | undefined = undefined;
  later: Item | undefined = undefined;
}

function itemsOf(queue: Queue<Item>): Item[] {
  const items: Item[] = [];
  for (let item = queue.first; item !== undefined; item = item.later) items.push(item);
  return items;
}

describe('Queue', () => {
  it('does what a list does from which items leave anywhere and come back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 50 }), (steps) => {
        const items = Array.from({ length: 8 }, () => new Item());
        const queue = new Queue<Item>();
        const list: Item[] = [];
        for (const step of steps) {
          const item = items[step];
          if (item === undefined) continue;
          if (list.includes(item)) {
            queue.remove(item);
            list.splice(list.indexOf(item), 1);
          } else {
            queue.add(item);
            list.push(item);
          }
          expect(itemsOf(queue).map((one) => items.indexOf(one))).to.deep.equal(list.map((one) => items.indexOf(one)));
        }
      }),
    );
  });
});
