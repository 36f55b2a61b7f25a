/** How many ids are remembered: those of sessions under way in requests, which Node.js ends after five minutes. */
const MOST = 10_000;

/** The sessions that this process ended lately, by id and by lineage. Requests that opened one before can see that it has ended. */
export class RecentEnds {
  readonly #names = new Set<string>();
  /** How often everyone's sessions were ended. */
  everyone = 0;

  add(...names: readonly string[]): void {
    for (const name of names) {
      this.#names.delete(name);
      this.#names.add(name);
    }
    for (const oldest of this.#names) {
      if (this.#names.size <= MOST) break;
      this.#names.delete(oldest);
    }
  }

  has(id: string, lineage: string): boolean {
    return this.#names.has(id) || this.#names.has(lineage);
  }
}
