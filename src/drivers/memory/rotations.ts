/**
 * Which new ids are about to replace which old ones. An old entry is replaced by one of them; the others wait to be
 * deleted, or to find out that they came too late.
 */
export class Rotations {
  readonly #replaced = new Map<string, string>();
  readonly #successors = new Map<string, Set<string>>();

  /** How many new entries stand beside the one that they are to replace. */
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

  /** The entry became a tombstone: one new entry has its place, that of `successor` if it is named. */
  finish(id: string, successor: string | null): void {
    this.#end(id);
    const successors = this.#successors.get(id);
    if (successors === undefined) return;
    const [first] = successors;
    const settled = successor !== null && successors.has(successor) ? successor : first;
    if (settled !== undefined) this.#end(settled);
  }

  /** The entry was removed. */
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
