import { setImmediate } from 'node:timers/promises';
import { StoreUnavailable } from '../../errors.js';

/** What the port calls a failure of lmdb. */
export async function unavailable(error: unknown): Promise<StoreUnavailable> {
  return new StoreUnavailable('the LMDB database failed', await causeOf(error));
}

/** lmdb tells why a commit failed through a promise of its own, which it may reject later or never. */
async function causeOf(error: unknown): Promise<unknown> {
  const commitError: unknown = Reflect.get(Object(error), 'commitError');
  if (!(commitError instanceof Promise)) return error;
  return Promise.race([commitError.catch((reason: unknown) => reason), setImmediate(error)]);
}
