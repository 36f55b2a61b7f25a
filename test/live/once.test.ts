import { expect } from 'chai';
import { message } from '../../src/live/index.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import type { BusListener, BusMessage } from '../../src/ports/bus.js';
import { type ClientOfStream, processOf, STORAGES, settled, sharedBus } from '../support/live-streams.js';

/** A bus that brings messages later than its history has them, as if over another connection. */
class LateBus extends MemoryBus {
  isLate = false;
  readonly #late: (() => void)[] = [];

  override async connect(listener: BusListener): ReturnType<MemoryBus['connect']> {
    const late = (given: BusMessage): void => {
      if (this.isLate) this.#late.push(() => listener.message(given));
      else listener.message(given);
    };
    return await super.connect({ message: late, missed: () => listener.missed() });
  }

  deliver(): void {
    this.isLate = false;
    for (const deliver of this.#late.splice(0)) deliver();
  }
}

for (const [kind, storageOf] of STORAGES) {
  describe(`A tab that comes back, over sessions in ${kind}, gets each event once`, () => {
    it('while events of a process go to many streams', async () => {
      const process = processOf(storageOf(), { limits: { perSession: 300, perUser: 300 } });
      const sid = await process.signIn();
      const tab = await process.ask(sid, { instance: 'tab' });
      for (let n = 0; n < 250; n += 1) await process.ask(sid);
      tab.leave();
      await process.live.send('everyone', message('one'));
      await process.live.send('everyone', message('two'));
      const back = await process.ask(sid, { instance: 'tab', last: tab.lastId });
      await settled();
      await process.live.send('everyone', message('three'));
      await settled();
      expect(namesOf(back)).to.deep.equal(['one', 'two', 'three']);
      await process.live.close();
    });

    it('although the bus brings one later than its history has it', async () => {
      const bus = new LateBus();
      const process = processOf(storageOf(), { bus: sharedBus(bus) });
      const sid = await process.signIn();
      const tab = await process.ask(sid, { instance: 'tab' });
      tab.leave();
      // Another stream keeps the process listening.
      const other = await process.ask(sid);
      bus.isLate = true;
      await process.live.send({ uid: 'ann' }, message('one'));
      const back = await process.ask(sid, { instance: 'tab', last: tab.lastId });
      bus.deliver();
      await process.live.send({ uid: 'ann' }, message('two'));
      await settled();
      expect(namesOf(other)).to.deep.equal(['one', 'two']);
      expect(namesOf(back)).to.deep.equal(['one', 'two']);
      await process.live.close();
    });
  });
}

/** The names of the messages that a client got. */
function namesOf({ events }: ClientOfStream): unknown[] {
  return events.filter(({ type }) => type === 'message').map(({ data }) => Reflect.get(Object(data), 'name'));
}
