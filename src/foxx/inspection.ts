import { type InspectOptions, inspect } from 'node:util';

/** Makes `util.inspect` and `console` show the result of `shown` in place of `target`'s properties. */
export function inspectAs(target: object, shown: () => object, label = ''): void {
  Object.defineProperty(target, inspect.custom, {
    value: (_depth: number, options: InspectOptions) => label + inspect(shown(), options),
  });
}
