/**
 * A map whose oldest entries are removed first. A `Map` alone would walk over all removed entries to find the oldest: V8
 * keeps their places until it rebuilds the table.
 */
export class AgingMap<Value> {
  readonly #map = new Map<string, Value>();
  /** Goes on through the entries in order of insertion, whatever is inserted or removed meanwhile. */
  #entries: Iterator<[string, Value]> = this.#map.entries();
  #oldest: [string, Value] | undefined;

  get size(): number {
    return this.#map.size;
  }

  get(key: string): Value | undefined {
    return this.#map.get(key);
  }

  has(key: string): boolean {
    return this.#map.has(key);
  }

  values(): Iterable<Value> {
    return this.#map.values();
  }

  /** The entry becomes the newest. */
  set(key: string, value: Value): void {
    this.#map.delete(key);
    this.#map.set(key, value);
  }

  delete(key: string): void {
    this.#map.delete(key);
  }

  /** Removes the oldest entry for as long as `isOver` says so. */
  dropWhile(isOver: (value: Value) => boolean): void {
    for (;;) {
      this.#oldest ??= this.#entries.next().value;
      if (this.#oldest === undefined) {
        this.#entries = this.#map.entries();
        return;
      }
      const [key, value] = this.#oldest;
      // Otherwise it was removed, or is newer now.
      if (this.#map.get(key) === value) {
        if (!isOver(value)) return;
        this.#map.delete(key);
      }
      this.#oldest = undefined;
    }
  }
}
