/** The method by which `util.inspect` and `console` are told what to show. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
