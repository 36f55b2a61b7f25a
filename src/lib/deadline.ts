import { StoreUnavailable } from '../errors.js';

/**
 * Settles as `work` does, within `ms`. A later result is ignored: a write may still have happened.
 * @param deadline the ms that the message names, if `ms` is only the rest of them
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
