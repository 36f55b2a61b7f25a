import type { Context } from 'hono';
import type { Place, SessionCell } from '../../http/place.js';

/** A variable of the context. It is read through the context's own methods, so that reading it can be noticed. */
export function asVariable<Kind>(name: string, cell: SessionCell<Kind, Context>): Place<Context> {
  return {
    isTaken: (c) => c.get(name) !== undefined,
    fill(c) {
      const { get, set } = c;
      const outer = Object.getOwnPropertyDescriptor(c, 'var')?.get;
      const session: PropertyDescriptor = { enumerable: true, get: () => cell.get(c) };
      const variables = (): object =>
        Object.defineProperty(outer?.call(c) ?? Reflect.get(Object.getPrototypeOf(c), 'var', c), name, session);
      Object.assign(c, {
        get: (key: string) => (key === name ? cell.get(c) : get(key)),
        set: (key: string, value: Kind) => (key === name ? cell.set(c, value) : set(key, value)),
      });
      Object.defineProperty(c, 'var', { configurable: true, get: variables });
    },
  };
}
