import { expect } from 'chai';
import { Redis } from 'ioredis';
import { createClient, createClientPool, createSentinel } from 'redis';
import { RedisBus } from '../../../src/drivers/redis/index.js';

describe('RedisBus options', () => {
  const client = createClient();

  it('name what is wrong, and the cure', () => {
    for (const [options, message] of [
      [{}, 'RedisBus: option client'],
      [{ client: 'redis://localhost' }, 'a URL is not a client'],
      [{ client: createClientPool() }, 'it cannot hear messages through a pool: pass one client, of createClient'],
      [
        { client: createSentinel({ name: 'one', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] }) },
        'it cannot hear messages through createSentinel: use a client of ioredis',
      ],
      [{ client, prefix: 'a{}' }, "option prefix: must not contain '{}'"],
      [{ client, deadline: 0 }, 'option deadline'],
      [{ client, subscriber: client }, 'leave it out: the bus duplicates the option client'],
    ] as const) {
      expect(() => Reflect.construct(RedisBus, [options]), message).to.throw(TypeError, message);
    }
  });

  it('take clients of both kinds', () => {
    const io = new Redis({ lazyConnect: true });
    expect(new RedisBus({ client }).reach).to.equal('instances');
    expect(new RedisBus({ client: io }).reach).to.equal('instances');
    io.disconnect();
  });
});
