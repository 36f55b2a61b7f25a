/** ms for which a successful write proves that a primary answers. */
const LIFE = 1_000;

/**
 * Tracks whether the node that answers accepts writes. After a failover, a demoted node still answers reads, but does not know which sessions
 * ended since.
 */
export class PrimaryProof {
  #doubts = 0;
  #isInDoubt = false;
  /** A time of `performance.now()`. */
  #askedAt = Number.NEGATIVE_INFINITY;

  /** True from a refused write until the next one that succeeds. */
  get isInDoubt(): boolean {
    return this.#isInDoubt;
  }

  doubt(): void {
    this.#doubts += 1;
    this.#isInDoubt = true;
  }

  /**
   * Asks with `prove`, a write, when the last proof is too old or there is a doubt; otherwise with `read`. A primary may refuse writes for other
   * reasons, such as a full disk: then sessions can still be read.
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

  /** Asks with a write. Its success ends the doubt. */
  async require<Reply>(at: number, prove: () => Promise<Reply>): Promise<Reply> {
    const doubts = this.#doubts;
    this.#askedAt = at;
    const reply = await prove();
    // A doubt that arose meanwhile may come from a later command.
    if (doubts === this.#doubts) this.#isInDoubt = false;
    return reply;
  }
}
