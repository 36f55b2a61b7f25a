/** The responses that look ended. */
const ended = new WeakSet<object>();

/** One for all responses, so that they keep one hidden class. It stays on the response, where it then says what Node says. */
const LOOK: PropertyDescriptor & ThisType<object> = {
  configurable: true,
  enumerable: false,
  get() {
    return ended.has(this) || Reflect.get(Object(Reflect.getPrototypeOf(this)), 'writableEnded', this);
  },
};

/**
 * Makes a response whose `end()` is held back look as Node's own does after `end()`: frameworks ask whether a handler has
 * answered. `finished` stays false: by that, `server.close()` finds connections that it may cut.
 *
 * Returns the function that undoes this.
 */
export function lookEnded(response: object): () => void {
  const own = Object.getOwnPropertyDescriptor(response, 'writableEnded');
  if (own !== undefined && own.get !== LOOK.get) {
    Reflect.set(response, 'writableEnded', true);
    return () => void Reflect.set(response, 'writableEnded', own.value);
  }
  if (own === undefined) Object.defineProperty(response, 'writableEnded', LOOK);
  ended.add(response);
  return () => void ended.delete(response);
}
