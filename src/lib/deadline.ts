import { StoreUnavailable } from '../errors.js';

/**
 * The outcome of `work`, if it settles within `ms`. A later outcome is swallowed: a write that was given up may have happened.
 * `deadline`: the ms that the message names, where `ms` is only what is left of them.
 * @throws StoreUnavailable after `ms`
 */
export function within<Value>(ms: number, what: string, work: Promise<Value>, deadline: number = ms): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(missed(what, deadline)), ms);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** The error of a backend that did not answer within `deadline` ms. */
export function missed(what: string, deadline: number): StoreUnavailable {
  return new StoreUnavailable(`${what} did not answer within ${deadline} ms`);
}
