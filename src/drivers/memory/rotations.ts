/**
 * Tracks rotations: which new id will replace which old one. When several new entries are to replace one old entry, one succeeds; the others are
 * deleted later.
 */
export class Rotations {
  readonly #replaced = new Map<string, string>();
  readonly #successors = new Map<string, Set<string>>();

  /** The number of new entries whose old entry still exists. */
  get size(): number {
    return this.#replaced.size;
  }

  begin(id: string, replaces: string): void {
    this.#replaced.set(id, replaces);
    const others = this.#successors.get(replaces);
    if (others === undefined) this.#successors.set(replaces, new Set([id]));
    else others.add(id);
  }

  isReplaced(id: string): boolean {
    return this.#successors.has(id);
  }

  /** An entry became a tombstone: one new entry took its place, `successor` if that is given. */
  finish(id: string, successor: string | null): void {
    this.#end(id);
    const successors = this.#successors.get(id);
    if (successors === undefined) return;
    const [first] = successors;
    const settled = successor !== null && successors.has(successor) ? successor : first;
    if (settled !== undefined) this.#end(settled);
  }

  /** An entry was removed. */
  forget(id: string): void {
    this.#end(id);
    for (const successor of this.#successors.get(id) ?? []) this.#end(successor);
  }

  #end(id: string): void {
    const replaces = this.#replaced.get(id);
    if (replaces === undefined) return;
    this.#replaced.delete(id);
    const others = this.#successors.get(replaces);
    others?.delete(id);
    if (others?.size === 0) this.#successors.delete(replaces);
  }
}
