import { changedKeys, cloneJson, compareJson, copyAsJson, isSameJson } from '../lib/json.js';
import { mergeInto } from './merge.js';

/**
 * One of a session's two data objects. The loaded data is never changed and may be shared by sessions. The
 * application's copy is made when it is first read, so unused data is neither copied nor compared.
 */
export class SessionData<Data> {
  readonly #name: string;
  #loaded: Data & object;
  #copy: (Data & object) | undefined;
  #kept: readonly string[] | undefined;
  #own: Set<string> | undefined;
  /** The application's copy as it was checked, if its schema made something else of it. */
  #given: (Data & object) | undefined;

  constructor(name: string, loaded: Data & object) {
    this.#name = name;
    this.#loaded = loaded;
  }

  /** The application's copy. It may be changed in place, and stays the same object until it is replaced. */
  get value(): Data & object {
    this.#copy ??= cloneJson(this.#loaded);
    return this.#copy;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#copy ?? this.#loaded);
  }

  /** Replaces the data. @throws SessionDataInvalid that names the path */
  replace(value: Data & object): void {
    this.#copy = copyAsJson(value, this.#name);
  }

  /** Deletes every top-level key that is not in `keys`. */
  keepOnly(keys: readonly string[]): void {
    this.#kept = keys.filter((key) => this.#kept?.includes(key) ?? true);
    const value = this.value;
    for (const key of Object.keys(value)) if (!keys.includes(key)) Reflect.deleteProperty(value, key);
  }

  /**
   * The data to write. `check` validates the application's copy; loaded data was validated before. `changes`: whether it may return
   * something else than the copy's JSON, as a schema does.
   */
  checked(check: (copy: Data & object) => Data & object, changes: boolean): Data & object {
    if (this.#copy === undefined) return this.#loaded;
    const written = check(this.#copy);
    this.#given = changes && !isSameJson(written, this.#copy) ? cloneJson(this.#copy) : undefined;
    return written;
  }

  get isEmpty(): boolean {
    return Object.values(this.#copy ?? this.#loaded).every((value) => value === undefined);
  }

  /**
   * Whether a top-level key was added, deleted or changed, compared by JSON text.
   * @throws SessionDataInvalid if the data has to be compared as text and is none; otherwise `checked` does
   */
  get isModified(): boolean {
    if (this.#copy === undefined) return false;
    const comparison = compareJson(this.#loaded, this.#copy);
    if (comparison !== 'unknown') return comparison === 'different';
    return changedKeys(this.#loaded, copyAsJson(this.#copy, this.#name)).length > 0;
  }

  /**
   * Makes `theirs`, which others stored since, the loaded data, and merges their changes into the application's copy.
   * Keys that `keepOnly` did not name are not merged.
   * @returns the keys that both changed to different values
   */
  rebase(theirs: Data & object): string[] {
    const base = this.#loaded;
    this.#loaded = theirs;
    if (this.#copy === undefined) return [];
    this.#own ??= new Set();
    return mergeInto(this.#copy, base, theirs, this.#kept, this.#own);
  }

  /**
   * Merges the changes from `before`, a copy of the application's copy, to `after`. What the application changed since
   * wins.
   */
  absorb(before: Data & object, after: Data & object): void {
    mergeInto(this.value, before, after);
    this.#given = undefined;
  }

  /** Whether the application has read its copy and may have changed it. */
  get isTouched(): boolean {
    return this.#copy !== undefined;
  }

  /**
   * Makes `written`, the result of `checked`, the loaded data. The application keeps its copy, with what the schema made of
   * values that it has not changed since: otherwise they would count as changed.
   */
  settle(written: Data & object): void {
    if (this.#copy !== undefined && this.#given !== undefined) mergeInto(this.#copy, this.#given, written);
    this.#given = undefined;
    this.#loaded = written;
    this.#kept = undefined;
    this.#own = undefined;
  }
}
