import { hasMethods } from '../../lib/strict-options.js';

/** FormData or URLSearchParams. */
interface Form {
  getAll(name: string): readonly unknown[];
}

/** The value of a field of a parsed body: an object, FormData or URLSearchParams. `undefined` if there is none, an array if there are several. */
export function fieldOf(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  if (!isForm(body)) return Object.hasOwn(body, name) ? textOf(Reflect.get(body, name)) : undefined;
  const [value, ...others] = body.getAll(name);
  return others.length === 0 ? value : [value, ...others];
}

function isForm(body: object): body is Form {
  return hasMethods(body, 'getAll', 'append');
}

/** A field as @fastify/multipart attaches it to a body is an object, with the text in `value`. */
function textOf(value: unknown): unknown {
  return Reflect.get(Object(value), 'type') === 'field' ? Reflect.get(Object(value), 'value') : value;
}
