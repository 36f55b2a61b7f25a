const LOOKS = ['writableEnded', 'finished'] as const;

/**
 * Makes a response whose `end()` is held back look as Node's own does after `end()`: frameworks ask whether a handler has answered.
 * Returns the function that undoes this.
 */
export function lookEnded(response: object): () => void {
  const before = LOOKS.map((name) => Object.getOwnPropertyDescriptor(response, name));
  for (const name of LOOKS) {
    Reflect.defineProperty(response, name, { configurable: true, enumerable: true, writable: true, value: true });
  }
  return () => {
    LOOKS.forEach((name, i) => {
      const own = before[i];
      if (own === undefined) Reflect.deleteProperty(response, name);
      else Reflect.defineProperty(response, name, own);
    });
  };
}
