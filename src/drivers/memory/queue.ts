/** An item of a {@link Queue}. It knows its neighbours, so that it can be removed from any place at the same cost. */
export interface Queued<Item> {
  earlier: Item | undefined;
  later: Item | undefined;
}

/** A doubly linked list in the order of insertion. An item may be in one queue only, and only an item of the queue may be removed. */
export class Queue<Item extends Queued<Item>> {
  #first: Item | undefined;
  #last: Item | undefined;

  /** The oldest item. */
  get first(): Item | undefined {
    return this.#first;
  }

  add(item: Item): void {
    item.earlier = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.later = item;
    this.#last = item;
  }

  remove(item: Item): void {
    const { earlier, later } = item;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    item.earlier = undefined;
    item.later = undefined;
  }
}
