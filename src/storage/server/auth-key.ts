import { cloneJson, isPlainObject } from '../../lib/json.js';

/** A path into `sessionData`, such as 'passport.user', where the uid is mirrored for code that expects it there. */
export class AuthKey {
  readonly #parents: readonly string[];
  readonly #leaf: string;

  constructor(path: string) {
    const keys = path.split('.');
    this.#leaf = keys.pop() ?? '';
    this.#parents = keys;
  }

  /** Returns the value at the path; `undefined` if there is none. */
  read(data: object): unknown {
    const place = this.#placeIn(data);
    return place === undefined ? undefined : ownValue(place, this.#leaf);
  }

  /** Writes the uid to the path, or deletes it if there is no uid. Changes `data`. */
  write(data: object, uid: string | undefined): void {
    if (uid === undefined) {
      const place = this.#placeIn(data);
      if (place !== undefined) Reflect.deleteProperty(place, this.#leaf);
      return;
    }
    let place = data;
    for (const key of this.#parents) {
      const next = ownValue(place, key);
      if (isPlainObject(next)) {
        place = next;
        continue;
      }
      const made = {};
      Reflect.set(place, key, made);
      place = made;
    }
    Reflect.set(place, this.#leaf, uid);
  }

  /** Returns a copy with the uid. */
  with<Data extends object>(data: Data, uid: string | undefined): Data {
    if (uid === undefined) return data;
    const copy = cloneJson(data);
    this.write(copy, uid);
    return copy;
  }

  /** Returns a copy without the uid, and without parent objects that are empty then. */
  without<Data extends object>(data: Data): Data {
    const path = [...this.#parents, this.#leaf];
    if (!Object.hasOwn(data, path[0] ?? '')) return data;
    const copy = cloneJson(data);
    prune(copy, path);
    return copy;
  }

  #placeIn(data: object): object | undefined {
    let place: unknown = data;
    for (const key of this.#parents) place = isPlainObject(place) ? ownValue(place, key) : undefined;
    return isPlainObject(place) ? place : undefined;
  }
}

function prune(data: object, [key = '', ...rest]: readonly string[]): void {
  const value = ownValue(data, key);
  if (rest.length > 0) {
    if (!isPlainObject(value)) return;
    prune(value, rest);
    if (Object.keys(value).length > 0) return;
  }
  Reflect.deleteProperty(data, key);
}

function ownValue(data: object, key: string): unknown {
  return Object.hasOwn(data, key) ? Reflect.get(data, key) : undefined;
}
