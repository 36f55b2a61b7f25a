import { inspect } from 'node:util';

/** Makes `util.inspect` and `console` show the result of `show` for instances of a class. */
export function showAs<Instance extends object>(prototype: Instance, show: (instance: Instance) => string): void {
  Object.defineProperty(prototype, inspect.custom, {
    value(this: Instance): string {
      return show(this);
    },
  });
}
