import type { Readable } from 'node:stream';

const expected = new WeakSet<object>();

// @hono/node-server prints what a body throws, and has no option for another place.
const print = console.error;
console.error = (...given: readonly unknown[]): void => {
  if (!expected.has(Object(given[0]))) print(...given);
};

/** The same stream, of which no server prints the error: the suite makes it fail on purpose. */
export function unprinted(stream: Readable): Readable {
  return stream.once('error', (error) => expected.add(error));
}
