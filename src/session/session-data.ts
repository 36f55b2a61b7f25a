import { changedKeys, cloneJson, copyAsJson, isSameJson } from '../lib/json.js';
import { mergeInto } from './merge.js';

/**
 * One of a session's two data objects, lazily: what was loaded stays untouched and may be shared between sessions; the
 * application's own copy is made when it is first read. Untouched data costs neither a copy nor a comparison.
 */
export class SessionData<Data> {
  readonly #name: string;
  #loaded: Data & object;
  #copy: (Data & object) | undefined;
  #kept: readonly string[] | undefined;
  #own: Set<string> | undefined;

  constructor(name: string, loaded: Data & object) {
    this.#name = name;
    this.#loaded = loaded;
  }

  /** The application's copy: the same object until it is replaced, free to be changed in place. */
  get value(): Data & object {
    this.#copy ??= cloneJson(this.#loaded);
    return this.#copy;
  }

  /** The top-level keys. */
  get keys(): readonly string[] {
    return Object.keys(this.#copy ?? this.#loaded);
  }

  /** Takes other data in place of the present. @throws SessionDataInvalid naming the path */
  replace(value: Data & object): void {
    this.#copy = copyAsJson(value, this.#name);
  }

  /** Drops every top-level key that is not among `keys`. */
  keepOnly(keys: readonly string[]): void {
    this.#kept = keys.filter((key) => this.#kept?.includes(key) ?? true);
    const value = this.value;
    for (const key of Object.keys(value)) if (!keys.includes(key)) Reflect.deleteProperty(value, key);
  }

  /** The data to be written: `check` judges the application's copy, and what was loaded was judged before. */
  checked(check: (copy: Data & object) => Data & object): Data & object {
    return this.#copy === undefined ? this.#loaded : check(this.#copy);
  }

  get isEmpty(): boolean {
    return Object.values(this.#copy ?? this.#loaded).every((value) => value === undefined);
  }

  /** Whether a top-level key was added, deleted, or has another JSON text than what was loaded. @throws SessionDataInvalid */
  get isModified(): boolean {
    if (this.#copy === undefined || isSameJson(this.#loaded, this.#copy)) return false;
    return changedKeys(this.#loaded, copyAsJson(this.#copy, this.#name)).length > 0;
  }

  /**
   * Takes `theirs`, stored by others since, for what was loaded, and brings into the application's copy what they changed; keys
   * that `keepOnly` did not name stay as the application has them. @returns the keys that both changed, to different ends
   */
  rebase(theirs: Data & object): string[] {
    const base = this.#loaded;
    this.#loaded = theirs;
    if (this.#copy === undefined) return [];
    this.#own ??= new Set();
    return mergeInto(this.#copy, base, theirs, this.#kept, this.#own);
  }

  /** Takes over what a change made of `before`, a copy of the application's copy; what the application changed meanwhile stays. */
  absorb(before: Data & object, after: Data & object): void {
    mergeInto(this.value, before, after);
  }

  /** Whether the application has looked at its copy, and so may have changed it. */
  get isTouched(): boolean {
    return this.#copy !== undefined;
  }

  /** Declares `written` (what `checked` gave) to be what was loaded; the application keeps its copy. */
  settle(written: Data & object): void {
    this.#loaded = written;
    this.#kept = undefined;
    this.#own = undefined;
  }
}
