import { expect } from 'chai';
import { Announcer } from '../../src/live/announcer.js';
import { Feed } from '../../src/live/feed.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import { CONTROL } from '../../src/live/topics.js';
import { settled } from '../support/live-streams.js';

describe('Announcer', () => {
  it('announces at once what comes right after the bus has taken the one before', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const bus = new MemoryBus();
      const told: unknown[] = [];
      const message = ({ body }: { readonly body: string }): unknown => told.push(JSON.parse(body).id);
      const connection = await bus.connect({ message, missed: () => undefined });
      await connection.listen(CONTROL);
      const feed = new Feed(bus, { limit: 0, life: 1 }, { message: () => {}, lost: () => {}, recovered: () => {} });
      const announcer = new Announcer(feed);
      announcer.announce({ kind: 'rotated', lineage: 'l', id: 'one' });
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      announcer.announce({ kind: 'rotated', lineage: 'l', id: 'two' });
      await settled();
      expect(told, `after ${turns} turns`).to.deep.equal(['one', 'two']);
      await announcer.close();
    }
  });
});
