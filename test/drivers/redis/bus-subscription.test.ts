import { expect } from 'chai';
import type { Subscriber, SubscriberEvents } from '../../../src/drivers/redis/bus/subscriber.js';
import { Subscription } from '../../../src/drivers/redis/bus/subscription.js';

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
});
