/** What stands in a {@link Queue}: it holds its own place, so that leaving costs the same wherever it stands. */
export interface Queued<Item> {
  earlier: Item | undefined;
  later: Item | undefined;
}

/** Items in the order of their coming. An item stands in one queue at most; only one that does may be removed. */
export class Queue<Item extends Queued<Item>> {
  #first: Item | undefined;
  #last: Item | undefined;

  /** The one that has been there longest. */
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
