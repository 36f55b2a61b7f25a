import type { FastifyInstance, FastifyRequest } from 'fastify';
import { asProperty, hasProperty, type Place, type SessionCell } from '../../http/place.js';

/**
 * A property of the requests of a context, by an accessor of their class. An accessor of its own would make each request an object
 * that is slow for everyone who uses it.
 *
 * It is null for requests that have no session. If the application has declared the property itself, requests get accessors of their own.
 */
export function asDecorator<Kind>(
  instance: FastifyInstance,
  name: string,
  cell: SessionCell<Kind, FastifyRequest>,
): Place<FastifyRequest> {
  if (instance.hasRequestDecorator(name)) return asProperty(name, cell);
  const filled: unique symbol = Symbol(name);
  type Filled = FastifyRequest & { [filled]?: true };
  instance.decorateRequest<unknown, string>(name, {
    getter(this: Filled): unknown {
      return this[filled] ? cell.get(this) : null;
    },
    setter(this: Filled, value: Kind) {
      if (this[filled]) cell.set(this, value);
      // Somebody else's: the activation will refuse it.
      else Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true });
    },
  });
  return {
    isTaken: (request) => Object.hasOwn(request, name) && hasProperty(request, name),
    fill: (request: Filled) => {
      request[filled] = true;
    },
  };
}
