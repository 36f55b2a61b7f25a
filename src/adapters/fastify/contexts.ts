import type { FastifyInstance } from 'fastify';
import { takenError } from '../../http/place.js';

interface Claim {
  readonly context: FastifyInstance;
  readonly property: string;
}

/** The activations of each application, by its server: all contexts of an application have the same. */
const claims = new WeakMap<object, Claim[]>();

/**
 * Notes that requests of this context, and of its children, have a session as this property.
 * @throws TypeError if they have one already, of this context, one around it or one within it
 */
export function claimProperty(context: FastifyInstance, property: string): void {
  const all = claims.get(context.server) ?? [];
  const isTaken = all.some(
    (other) => other.property === property && (isWithin(context, other.context) || isWithin(other.context, context)),
  );
  if (isTaken) throw takenError(property);
  claims.set(context.server, [...all, { context, property }]);
}

/** A context inherits from the one around it. */
function isWithin(inner: object, outer: object): boolean {
  return inner === outer || Object.prototype.isPrototypeOf.call(outer, inner);
}
