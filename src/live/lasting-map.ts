interface Lasting<Value> {
  readonly value: Value;
  /** ms timestamp. */
  readonly until: number;
}

/** A map whose entries last for a time. Those that are over go with later additions, the oldest first; no timer is needed. */
export class LastingMap<Value> {
  readonly #entries = new Map<string, Lasting<Value>>();
  readonly #onOver: (value: Value) => void;

  /** `onOver`: called with each value whose time is over, when it goes. */
  constructor(onOver: (value: Value) => void = () => undefined) {
    this.#onOver = onOver;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `life`: ms. */
  set(key: string, value: Value, life: number): void {
    // Deleted first, so that what was set longest ago is in front.
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: Date.now() + life });
    this.#sweep();
  }

  get(key: string): Value | undefined {
    const found = this.#entries.get(key);
    if (found === undefined || found.until > Date.now()) return found?.value;
    this.#remove(key, found);
    return undefined;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** The values, those set last first. */
  latest(): Value[] {
    const now = Date.now();
    return [...this.#entries.values()]
      .filter(({ until }) => until > now)
      .map(({ value }) => value)
      .reverse();
  }

  /** Looks at the two oldest: enough, because it runs for every addition. */
  #sweep(): void {
    const now = Date.now();
    let looked = 0;
    for (const [key, entry] of this.#entries) {
      if (looked === 2 || entry.until > now) return;
      looked += 1;
      this.#remove(key, entry);
    }
  }

  #remove(key: string, { value }: Lasting<Value>): void {
    this.#entries.delete(key);
    this.#onOver(value);
  }
}
