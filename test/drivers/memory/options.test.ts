import { expect } from 'chai';
import { MemoryStore } from '../../../src/index.js';

describe('MemoryStore: options', () => {
  it('names the option that is wrong, and the cure for a name of another store', () => {
    for (const [options, message] of [
      [{ maxSessions: 0 }, 'MemoryStore: option maxSessions'],
      [{ maxSessions: '10' }, 'MemoryStore: option maxSessions: expected a whole number above 0, got a string'],
      [{ max: 500 }, 'MemoryStore: unknown option "max": use maxSessions'],
      [
        { ttl: 60_000 },
        'MemoryStore: unknown option "ttl": set idleTimeout and absoluteTimeout of ServerSessionStorage',
      ],
      [{ size: 5 }, 'MemoryStore: unknown option "size": the options are maxSessions'],
      [500, 'MemoryStore: expected an object of options, got a number'],
    ] as const) {
      expect(() => Reflect.construct(MemoryStore, [options])).to.throw(TypeError, message);
    }
  });
});
