import { setImmediate as nextTurn } from 'node:timers/promises';

/** Items between two turns of the event loop: with a few µs each, other work waits for less than a millisecond. */
const AT_ONCE = 100;

/** The items in their order. The event loop is free after every hundred of them. */
export async function* inTurns<Item>(items: Iterable<Item>): AsyncGenerator<Item, void, undefined> {
  let count = 0;
  for (const item of items) {
    yield item;
    count += 1;
    if (count % AT_ONCE === 0) await nextTurn();
  }
}
