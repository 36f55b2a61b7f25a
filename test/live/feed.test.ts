import { expect } from 'chai';
import { StoreUnavailable } from '../../src/index.js';
import { Feed } from '../../src/live/feed.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import type { BusConnection, BusListener } from '../../src/ports/bus.js';
import { settled } from '../support/live-streams.js';
import { errorOf } from '../support/outcomes.js';

/** A bus that counts its open connections, and does not say its position while it is away. */
class CountingBus extends MemoryBus {
  open = 0;
  isAway = true;

  override async position(): Promise<string> {
    if (this.isAway) throw new StoreUnavailable('away');
    return await super.position();
  }

  override async connect(listener: BusListener): Promise<BusConnection> {
    const connection = await super.connect(listener);
    this.open += 1;
    return {
      ...connection,
      close: async () => {
        this.open -= 1;
        await connection.close();
      },
    };
  }
}

describe('a feed', () => {
  it('has one connection open, however often its bus did not answer before', async () => {
    const bus = new CountingBus();
    const feed = new Feed(bus, { limit: 1, life: 1_000 }, { message() {}, lost() {}, recovered() {} });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await errorOf(() => feed.listen(['topic']))).to.be.instanceOf(StoreUnavailable);
    }
    expect(bus.open).to.equal(0);
    bus.isAway = false;
    await feed.listen(['topic']);
    expect(bus.open).to.equal(1);
    await feed.close();
    expect(bus.open).to.equal(0);
  });

  it('that listened to nothing for a time catches up with nothing from then', async () => {
    const bus = new MemoryBus();
    const heard: string[] = [];
    const feed = new Feed(
      bus,
      { limit: 10, life: 60_000 },
      {
        message: ({ body }) => heard.push(body),
        lost: () => heard.push('lost'),
        recovered: () => heard.push('recovered'),
      },
    );
    const keep = { limit: 10, life: 60_000 };
    await feed.listen(['topic']);
    await feed.tick();
    await feed.tick();
    feed.unlisten(['topic']);
    await settled();
    await bus.publish('topic', 'before', keep);
    await Promise.all([feed.listen(['topic']), feed.listen(['topic', 'other'])]);
    await bus.publish('topic', 'after', keep);
    feed.missed();
    await settled();
    expect(heard).to.deep.equal(['after', 'recovered']);
    await feed.close();
  });
});
