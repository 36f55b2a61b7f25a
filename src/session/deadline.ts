import { StoreUnavailable } from '../errors.js';

/**
 * What `work` comes to, if it does within `ms`. What comes of it later is swallowed: a write that was given up may have happened.
 * @throws StoreUnavailable after `ms`
 */
export function within<Value>(ms: number, what: string, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StoreUnavailable(`${what} did not answer within ${ms} ms`)), ms);
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
