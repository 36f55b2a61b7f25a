/** `inspect.custom` of node:util: to import that module loads parts of it that nothing here needs. */
const CUSTOM = Symbol.for('nodejs.util.inspect.custom');

/** Makes `util.inspect` and `console` show the result of `show` for instances of a class. */
export function showAs<Instance extends object>(prototype: Instance, show: (instance: Instance) => string): void {
  Object.defineProperty(prototype, CUSTOM, {
    value(this: Instance): string {
      return show(this);
    },
  });
}
