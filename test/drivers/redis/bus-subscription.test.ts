import { expect } from 'chai';
import type { Subscriber, SubscriberEvents } from '../../../src/drivers/redis/bus/subscriber.js';
import { Subscription } from '../../../src/drivers/redis/bus/subscription.js';
import { BusListeners } from '../../../src/drivers/shared/bus-listeners.js';
import { StoreUnavailable } from '../../../src/index.js';
import { BusEar } from '../../support/bus-ear.js';
import { settled } from '../../support/live-streams.js';
import { errorOf } from '../../support/outcomes.js';

/** A connection that hears a message before it knows that it listens: both may come in one packet. */
class EagerSubscriber implements Subscriber {
  readonly #events: SubscriberEvents;

  constructor(events: SubscriberEvents) {
    this.#events = events;
  }

  async connect(): Promise<void> {}

  async subscribe(channels: string[]): Promise<void> {
    for (const channel of channels) this.#events.message(channel, 'early');
  }

  async unsubscribe(): Promise<void> {}

  async ping(): Promise<void> {}

  close(): void {}
}

/** A connection that does not always say that it listens. */
class SilentSubscriber implements Subscriber {
  readonly #isSilent: () => boolean;

  constructor(isSilent: () => boolean) {
    this.#isSilent = isSilent;
  }

  async connect(): Promise<void> {}

  async subscribe(): Promise<void> {
    if (this.#isSilent()) await new Promise(() => undefined);
  }

  async unsubscribe(): Promise<void> {}

  async ping(): Promise<void> {}

  close(): void {}
}

describe('The subscription of a RedisBus', () => {
  it('passes on no message of a new connection before it says that the old one was lost', async () => {
    const opened: SubscriberEvents[] = [];
    const told: string[] = [];
    let restored = (): void => undefined;
    const isRestored = new Promise<void>((resolve) => {
      restored = resolve;
    });
    const subscription = new Subscription(
      async (events) => {
        opened.push(events);
        return new EagerSubscriber(events);
      },
      1_000,
      {
        message: (_channel, text) => told.push(text),
        restored: () => {
          told.push('restored');
          restored();
        },
      },
    );
    await subscription.start();
    await subscription.listen('channel');
    told.length = 0;
    opened[0]?.lost();
    await isRestored;
    opened[1]?.message('channel', 'later');
    subscription.close();
    expect(told).to.deep.equal(['restored', 'later']);
  });

  for (const who of ['another connection', 'the same one']) {
    it(`hears a channel for ${who} although an attempt that was given up before fails only then`, async () => {
      const events: SubscriberEvents[] = [];
      const heard: string[] = [];
      const left: string[] = [];
      let isSilent = true;
      const subscription = new Subscription(
        async (given) => {
          events.push(given);
          return new SilentSubscriber(() => isSilent);
        },
        50,
        { message: (_channel, text) => heard.push(text), restored: () => undefined },
      );
      await subscription.start();
      const listeners = new BusListeners({
        listen: (topic) => subscription.listen(topic),
        unlisten: (topic) => {
          left.push(topic);
          subscription.unlisten(topic);
        },
      });
      const first = listeners.connect(new BusEar());
      const second = who === 'the same one' ? first : listeners.connect(new BusEar());
      const error = errorOf(() => first.listen('channel'));
      await settled();
      first.unlisten('channel');
      isSilent = false;
      await second.listen('channel');
      expect(await error).to.be.instanceOf(StoreUnavailable);
      events[0]?.message('channel', 'hello');
      expect(heard).to.deep.equal(['hello']);
      await second.close();
      expect(left).to.deep.equal(['channel', 'channel']);
      subscription.close();
    });
  }
});
