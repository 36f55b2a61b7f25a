/** The number of marks after which all are cleared: by then, one bit in 32 is set. */
const MARKS_BEFORE_CLEARING = 16_384;
const WORDS = 16_384;

/** Remembers in one bit each which keys it was asked about lately. It may take a key for another one. */
export class Doorkeeper {
  readonly #bits = new Uint32Array(WORDS);
  #marks = 0;

  /** Whether it was asked about this key before. */
  knows(key: number): boolean {
    const word = key >>> 16;
    const bit = 1 << (key & 31);
    if (((this.#bits[word] ?? 0) & bit) !== 0) return true;
    if (this.#marks === MARKS_BEFORE_CLEARING) this.clear();
    this.#bits[word] = (this.#bits[word] ?? 0) | bit;
    this.#marks += 1;
    return false;
  }

  clear(): void {
    this.#bits.fill(0);
    this.#marks = 0;
  }
}
