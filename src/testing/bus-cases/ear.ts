import type { Bus, BusConnection, BusListener, BusMessage } from '../../ports/bus.js';

/** A listener that remembers what it heard, and its connection. */
export class Ear implements BusListener {
  readonly messages: BusMessage[] = [];
  readonly #waiting = new Set<() => void>();
  #connection: BusConnection | undefined;

  /** Connects to `bus` and listens to the topics. */
  static async on(bus: Bus, ...topics: readonly string[]): Promise<Ear> {
    const ear = new Ear();
    ear.#connection = await bus.connect(ear);
    for (const topic of topics) await ear.connection.listen(topic);
    return ear;
  }

  get connection(): BusConnection {
    if (this.#connection === undefined) throw new Error('not connected');
    return this.#connection;
  }

  get bodies(): string[] {
    return this.messages.map(({ body }) => body);
  }

  message(message: BusMessage): void {
    this.messages.push(message);
    for (const check of this.#waiting) check();
  }

  /** A backend that was never away may still be suspected of it. */
  missed(): void {}

  /** Resolves when a message with this body has arrived. */
  async heard(body: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!this.messages.some((message) => message.body === body)) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }
}
