/** ms for which a write that succeeded proves that a primary answers. */
const LIFE = 1_000;

/**
 * Whether the node that answers takes writes. Another process may have promoted another node: then this one still answers
 * reads, and knows nothing of what was ended since.
 */
export class PrimaryProof {
  #doubts = 0;
  #isInDoubt = false;
  /** By `performance.now()`. */
  #askedAt = Number.NEGATIVE_INFINITY;

  /** From a write that was refused to the next that succeeds. */
  get isInDoubt(): boolean {
    return this.#isInDoubt;
  }

  doubt(): void {
    this.#doubts += 1;
    this.#isInDoubt = true;
  }

  /**
   * Asks by `prove`, a write, when it is time to or there is a doubt; else by `read`. A primary may refuse writes for other
   * reasons, such as a disk that is full: then sessions can still be read.
   */
  async question<Reply>(at: number, prove: () => Promise<Reply>, read: () => Promise<Reply>): Promise<Reply> {
    if (this.#isInDoubt) return this.require(at, prove);
    if (at - this.#askedAt < LIFE) return read();
    try {
      return await this.require(at, prove);
    } catch (error) {
      if (this.#isInDoubt) throw error;
      return read();
    }
  }

  /** Asks by a write, and there is no doubt any more when that succeeds. */
  async require<Reply>(at: number, prove: () => Promise<Reply>): Promise<Reply> {
    const doubts = this.#doubts;
    this.#askedAt = at;
    const reply = await prove();
    // One that arose meanwhile may be of a newer command.
    if (doubts === this.#doubts) this.#isInDoubt = false;
    return reply;
  }
}
