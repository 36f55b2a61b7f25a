/** Work that is under way, for those who must wait for it. */
export class Pending {
  readonly #work = new Set<Promise<void>>();

  /** `work` must not reject. */
  add(work: Promise<void>): void {
    this.#work.add(work);
    void work.then(() => this.#work.delete(work));
  }

  /** Resolves when what is under way now is done; `undefined` if there is nothing to wait for. */
  settled(): Promise<unknown> | undefined {
    return this.#work.size === 0 ? undefined : Promise.all(this.#work);
  }
}
