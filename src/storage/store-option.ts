import { kind } from '../lib/rules/kinds.js';
import type { Rule } from '../lib/rules/rule.js';
import { hasMethods } from '../lib/strict-options.js';
import { STORE_OPERATIONS, type Store } from '../ports/store.js';

/** A store. */
export const storeOption: Rule<Store> = kind(
  (store): store is Store => hasMethods(store, ...STORE_OPERATIONS),
  storeFault,
);

/** Describes what is wrong with a value passed as store. */
function storeFault(value: unknown): string {
  const missing = STORE_OPERATIONS.filter((name) => !hasMethods(value, name));
  if (missing.length < STORE_OPERATIONS.length / 2)
    return `expected a Store, with the methods ${missing.join(', ')} too`;
  return hasMethods(value, 'get', 'set')
    ? 'expected a Store: stores of express-session and clients do not fit, use a driver such as new RedisStore({ client }) of sessions-jwt/redis'
    : 'expected a Store, such as new MemoryStore()';
}
