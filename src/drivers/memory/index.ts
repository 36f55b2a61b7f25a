/**
 * Sessions in the memory of one process. The package's main entry exports this store.
 *
 * @module
 */
export type { MemoryStoreOptions } from './options.js';
export { MemoryStore } from './store.js';
