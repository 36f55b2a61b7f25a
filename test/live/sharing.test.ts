import { expect } from 'chai';
import { StoreUnavailable } from '../../src/index.js';
import { Activity } from '../../src/live/activity.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import type { TabSign } from '../../src/ports/bus.js';
import { settled } from '../support/live-streams.js';

const NOW = 1_800_000_000_000;
const WINDOW = 3_600_000;
const HEARTBEAT = 15_000;

/** A bus that stamps only when the test lets it. */
class SlowBus extends MemoryBus {
  readonly #waiting: { answer: () => void; fail: () => void }[] = [];
  /** How many stamps wait for an answer. */
  get waiting(): number {
    return this.#waiting.length;
  }

  override async stamp(signs: readonly TabSign[], life: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ answer: resolve, fail: () => reject(new StoreUnavailable('away')) });
    });
    await super.stamp(signs, life);
  }

  async proceed(how: 'answer' | 'fail'): Promise<void> {
    this.#waiting.shift()?.[how]();
    await settled();
  }
}

describe('while the activity of tabs is being shared', () => {
  let bus: SlowBus;
  let activity: Activity;

  beforeEach(() => {
    bus = new SlowBus();
    activity = new Activity(bus, { now: () => NOW }, WINDOW, HEARTBEAT);
  });

  const sign = (instance: string, at = NOW): TabSign => ({ lineage: 'lineage', uid: 'ann', instance, at });

  it('it can be read, and so can the lineage of an id', async () => {
    activity.note(sign('tab'));
    activity.nameLineage('id', 'lineage');
    const sharing = activity.share();
    await settled();
    expect(bus.waiting).to.equal(1);
    expect(await activity.lastActivity('lineage', 'tab')).to.equal(NOW);
    expect(await activity.ofAll(10)).to.deep.equal({ lineage: { tab: NOW } });
    expect(await activity.lineageOf('id')).to.equal('lineage');
    await bus.proceed('answer');
    await sharing;
    expect(await activity.lastActivity('lineage', 'tab')).to.equal(NOW);
    expect(await bus.lineageOf('id')).to.equal('lineage');
  });

  it('what is learned meanwhile is shared next, and what fails with it', async () => {
    activity.note(sign('one', NOW - 1));
    activity.nameLineage('first', 'lineage');
    const sharing = [activity.share()];
    await settled();
    activity.note(sign('two'));
    activity.nameLineage('second', 'lineage');
    sharing.push(activity.share(), activity.share());
    await settled();
    expect(bus.waiting).to.equal(1);
    await bus.proceed('fail');
    expect(await activity.ofSession('lineage')).to.deep.equal({ one: NOW - 1, two: NOW });
    expect(bus.waiting).to.equal(1);
    await bus.proceed('answer');
    await Promise.all(sharing);
    const stored = (await bus.tabs('lineage')).map(({ instance }) => instance);
    expect(stored).to.deep.equal(['one', 'two']);
    expect([await bus.lineageOf('first'), await bus.lineageOf('second')]).to.deep.equal(['lineage', 'lineage']);
  });

  it('an answer of the bus that is older than the sharing loses nothing', async () => {
    activity.note(sign('tab'));
    const sharing = activity.share();
    await settled();
    const tabs = bus.tabs.bind(bus);
    bus.tabs = async (lineage) => {
      const before = await tabs(lineage);
      await bus.proceed('answer');
      await sharing;
      return before;
    };
    expect(await activity.ofSession('lineage')).to.deep.equal({ tab: NOW });
  });
});
