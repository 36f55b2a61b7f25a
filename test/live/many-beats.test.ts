import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryBus } from '../../src/live/memory-bus.js';
import type { TabSign } from '../../src/ports/bus.js';
import { type LiveProcess, processOf, STORAGES, settled, stillTime } from '../support/live-streams.js';

const STREAMS = 600;
const HEARTBEAT = 10_000;
/** How many sessions may be checked, and how many tabs shared, in one turn. */
const MOST_CHECKED = 200;
const MOST_SHARED = 500;

/** A bus that counts what it is given. */
class CountingBus extends MemoryBus {
  readonly sizes: number[] = [];
  readonly tabsStamped = new Set<string>();

  override async stamp(signs: readonly TabSign[], life: number): Promise<void> {
    this.sizes.push(signs.length);
    for (const { instance } of signs) this.tabsStamped.add(instance);
    await super.stamp(signs, life);
  }
}

for (const [kind, storageOf] of STORAGES) {
  describe(`a heartbeat of ${STREAMS} streams, over sessions in ${kind}`, () => {
    let time: sinon.SinonFakeTimers;
    let bus: CountingBus;
    let process: LiveProcess;
    let sids: readonly string[];

    beforeEach(async () => {
      time = stillTime(1_800_000_000_000);
      bus = new CountingBus();
      process = processOf(storageOf(), { bus, heartbeat: HEARTBEAT });
      sids = await Promise.all(Array.from({ length: STREAMS }, (_, index) => process.signIn(`user-${index}`)));
      for (const sid of sids) await process.ask(sid);
      await time.tickAsync(1);
      await settled();
    });

    afterEach(async () => {
      await process.live.close();
      time.restore();
    });

    it('checks their sessions over several turns', async () => {
      const check = sinon.spy(process.storage, 'check');
      time.tick(HEARTBEAT);
      let most = check.callCount;
      while (check.callCount < STREAMS) {
        const before = check.callCount;
        await new Promise((resolve) => setImmediate(resolve));
        most = Math.max(most, check.callCount - before);
      }
      await settled();
      expect([check.callCount, most]).to.deep.equal([STREAMS, MOST_CHECKED]);
    });

    it('shares that they are open in several parts', async () => {
      bus.sizes.length = 0;
      bus.tabsStamped.clear();
      for (let beat = 0; beat < 2; beat += 1) {
        time.tick(HEARTBEAT);
        await settled();
      }
      time.tick(HEARTBEAT - 1);
      await settled();
      expect(bus.tabsStamped.size).to.equal(STREAMS);
      for (const size of bus.sizes) expect(size).to.be.within(1, MOST_SHARED);
    });
  });
}
