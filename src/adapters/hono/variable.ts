import type { Context } from 'hono';
import type { Place, SessionCell } from '../../http/place.js';

/**
 * A variable of the context. It is read through the context's own methods, so that reading it can be noticed.
 *
 * All contexts share the accessors. With accessors of its own, each would get a hidden class of its own, which V8 keeps until the next
 * full collection of garbage.
 */
export function asVariable<Kind>(name: string, cell: SessionCell<Kind, Context>): Place<Context> {
  const owner: unique symbol = Symbol(name);
  const outer: unique symbol = Symbol(`var before ${name}`);
  type Variables = object & { readonly [owner]: Context };
  type Extended = Context & { [outer]?: () => object };

  const session: PropertyDescriptor & ThisType<Variables> = {
    enumerable: true,
    get() {
      return cell.get(this[owner]);
    },
  };
  const variables: PropertyDescriptor & ThisType<Extended> = {
    configurable: true,
    get() {
      const found: object = this[outer]?.call(this) ?? Reflect.get(Object.getPrototypeOf(this), 'var', this);
      return Object.defineProperties(found, { [owner]: { value: this }, [name]: session });
    },
  };
  return {
    isTaken: (c) => c.get(name) !== undefined,
    fill(c: Extended) {
      const { get, set } = c;
      const before = Object.getOwnPropertyDescriptor(c, 'var')?.get;
      if (before !== undefined) c[outer] = before;
      Object.assign(c, {
        get: (key: string) => (key === name ? cell.get(c) : get(key)),
        set: (key: string, value: Kind) => (key === name ? cell.set(c, value) : set(key, value)),
      });
      Object.defineProperty(c, 'var', variables);
    },
  };
}
