/**
 * A Map that is bounded by the weight of its values, in two generations: when the young one is full it becomes the old one, and the
 * old one is forgotten. Values that are set again stay young.
 */
export class Generations<Key, Value extends { readonly weight: number }> {
  readonly #half: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();
  #weight = 0;

  /** `budget`: the maximum weight of all values together, rounded up to an even number. */
  constructor(budget: number) {
    this.#half = Math.ceil(budget / 2);
  }

  getYoung(key: Key): Value | undefined {
    return this.#young.get(key);
  }

  getOld(key: Key): Value | undefined {
    return this.#old.get(key);
  }

  /** Does nothing for a value that is heavier than a generation. */
  set(key: Key, value: Value): void {
    if (value.weight > this.#half) return;
    const replaced = this.#young.get(key)?.weight ?? 0;
    if (this.#weight - replaced + value.weight > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = value.weight;
    } else {
      this.#weight += value.weight - replaced;
    }
    this.#young.set(key, value);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#weight = 0;
  }
}
