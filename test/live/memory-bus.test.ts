import { MemoryBus } from '../../src/live/memory-bus.js';
import { busSuite } from '../../src/testing/index.js';

busSuite({ runner: { describe, it, before, after }, name: 'MemoryBus', create: async () => new MemoryBus() });
