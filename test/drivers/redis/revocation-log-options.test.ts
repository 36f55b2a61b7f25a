import { expect } from 'chai';
import { Redis } from 'ioredis';
import { createClient, createClientPool, createSentinel } from 'redis';
import { RedisRevocationLog } from '../../../src/drivers/redis/index.js';
import { aRevocation, storedSeqs } from '../../support/log-ear.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { newName } from './support.js';

describe('RedisRevocationLog options', () => {
  it('name what is wrong, and the cure', () => {
    const client = createClient();
    for (const [options, message] of [
      [{}, 'RedisRevocationLog: option client'],
      [{ client: 'redis://localhost' }, 'a URL is not a client'],
      [
        { client: createClientPool() },
        'it cannot wait for revocations through a pool: pass one client, of createClient',
      ],
      [
        { client: createSentinel({ name: 'one', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] }) },
        'it cannot wait for revocations through createSentinel: use a client of ioredis',
      ],
      [{ client, prefix: 'a{}' }, "option prefix: must not contain '{}'"],
      [{ client, deadline: 0 }, 'option deadline'],
      [{ client, subscriber: client }, 'leave it out: the log duplicates the option client'],
      [{ client, keyPrefix: 'a' }, 'use prefix'],
    ] as const) {
      expect(() => Reflect.construct(RedisRevocationLog, [options]), message).to.throw(TypeError, message);
    }
  });

  it('take a client that has a prefix of its own and a short commandTimeout', async function () {
    const { port } = await sharedRedis(this);
    const client = new Redis({ port, host: '127.0.0.1', keyPrefix: `${newName()}:`, commandTimeout: 1_000 });
    const log = new RedisRevocationLog({ client });
    const ear = (async () => {
      let beats = 0;
      for await (const batch of log.read(null, new AbortController().signal)) {
        if (batch.length > 0) return batch;
        beats += 1;
        // The second one comes when nothing has happened for longer than the timeout.
        if (beats === 2) await log.append(aRevocation());
      }
      return [];
    })();
    expect((await ear).map(({ seq }) => seq)).to.deep.equal(await storedSeqs(log));
    expect(await client.exists('sessions:{revocations}:entries')).to.equal(1);
    await log.close();
    client.disconnect();
  });

  it('separate logs by their prefix', async function () {
    const { port } = await sharedRedis(this);
    const client = new Redis({ port, host: '127.0.0.1' });
    const [one, other] = [0, 1].map(() => new RedisRevocationLog({ client, prefix: `${newName()}:` }));
    const seq = await one?.append(aRevocation());
    expect(one && (await storedSeqs(one))).to.deep.equal([seq]);
    expect(other && (await storedSeqs(other))).to.deep.equal([]);
    client.disconnect();
  });
});
