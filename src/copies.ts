/**
 * Makes `instanceof` hold across copies of this package: a bundler, hot reloading or npm may leave two in one process, each with
 * classes of its own. Call it in the class's static block. Subclasses that an application makes are told apart as usual.
 *
 * @param name the name of the class, the same in all copies
 */
export function recognizeCopies(own: abstract new (...args: never[]) => object, name: string): void {
  const mark = markOf(name);
  Object.defineProperty(own.prototype, mark, { value: true });
  Object.defineProperty(own, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this !== own) return Reflect.apply(Function.prototype[Symbol.hasInstance], this, [value]);
      return hasMark(value, mark);
    },
  });
}

/** Whether a value is an instance of the class `name` in any copy, subclasses included. */
export function isOfAnyCopy(value: unknown, name: string): boolean {
  return hasMark(value, markOf(name));
}

function hasMark(value: unknown, mark: symbol): boolean {
  return typeof value === 'object' && value !== null && mark in value;
}

function markOf(name: string): symbol {
  return Symbol.for(`sessions-jwt:${name}`);
}
