import { expect } from 'chai';
import sinon from 'sinon';
import type { LiveSession } from '../../src/live/index.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import { type LiveProcess, processOf, STORAGES } from '../support/live-streams.js';
import { errorOf } from '../support/outcomes.js';

describe('a session that live is asked about', () => {
  let bus: MemoryBus;
  let process: LiveProcess;

  beforeEach(() => {
    const [, storageOf] = STORAGES[0] ?? expect.fail('no storage');
    bus = new MemoryBus();
    process = processOf(storageOf(), { bus });
  });

  afterEach(() => process.live.close());

  const reads = ['connections', 'tabs', 'lastActivity', 'sessionActivity', 'sessionActivities'] as const;

  for (const read of reads) {
    it(`is a session, { id, lineage } or an id: ${read} refuses anything else with a TypeError`, async () => {
      for (const wrong of [null, {}, { id: 'id' }, { lineage: 1 }, 1]) {
        const error = await errorOf(async () => Reflect.apply(process.live[read], process.live, [wrong]));
        expect(error, JSON.stringify(wrong)).to.be.instanceOf(TypeError);
        expect(error.message, JSON.stringify(wrong)).to.include(': expected a session, { id, lineage }, or an id');
      }
    });
  }

  it('may be unknown: nothing is known of it, and the bus is not asked for a malformed id', async () => {
    const asked = [sinon.spy(bus, 'tabs'), sinon.spy(bus, 'lineageOf')];
    for (const unknown of ['', 'a\nb', 'a\u0000', 'x'.repeat(256), 'unknown']) {
      if (unknown === 'unknown') expect(asked.map(({ callCount }) => callCount)).to.deep.equal([0, 0]);
      const sessions: readonly LiveSession[] = [unknown, { id: 'id', lineage: unknown }];
      for (const session of sessions) {
        expect(process.live.connections(session)).to.deep.equal([]);
        expect(await process.live.tabs(session)).to.deep.equal([]);
        expect(await process.live.lastActivity(session)).to.equal(undefined);
      }
    }
  });
});
