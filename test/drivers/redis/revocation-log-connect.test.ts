import { once } from 'node:events';
import { expect } from 'chai';
import { RedisRevocationLog } from '../../../src/drivers/redis/index.js';

/** A client like those of ioredis, whose connection is made only when the test says so. */
class SlowClient {
  readonly signs = new EventTarget();
  disconnects = 0;

  call(): Promise<unknown> {
    return Promise.reject(new Error('nothing is asked here'));
  }

  duplicate(): SlowClient {
    return this;
  }

  on(): void {}

  async connect(): Promise<void> {
    queueMicrotask(() => this.signs.dispatchEvent(new Event('connecting')));
    await once(this.signs, 'connect');
  }

  disconnect(): void {
    this.disconnects += 1;
  }
}

describe('RedisRevocationLog, while the connection of a read is made', () => {
  it('ends the read when the log closes, and closes the connection if it comes later', async () => {
    const client = new SlowClient();
    const log = new RedisRevocationLog({ client, deadline: 60_000 });
    const connecting = once(client.signs, 'connecting');
    const next = log.read(null, new AbortController().signal).next();
    await connecting;
    await log.close();
    expect(await next).to.deep.equal({ done: true, value: undefined });
    const before = client.disconnects;
    client.signs.dispatchEvent(new Event('connect'));
    await new Promise(setImmediate);
    expect(client.disconnects).to.be.above(before).and.above(1);
  });
});
