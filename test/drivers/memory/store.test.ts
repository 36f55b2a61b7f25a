import { MemoryStore } from '../../../src/drivers/memory/store.js';
import { storeSuite } from '../../../src/testing/index.js';

storeSuite({
  runner: { describe, it, before, after },
  name: 'MemoryStore',
  open: async () => new MemoryStore(),
  openAlone: async () => {
    const store = new MemoryStore();
    return [store, store];
  },
  sizes: process.env['SESSIONS_LARGE'] === '1' ? 'large' : 'default',
});
