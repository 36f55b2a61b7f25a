import { EventEmitter, once } from 'node:events';
import type { BusListener, BusMessage } from '../../src/ports/bus.js';

/** A listener that remembers what it heard. */
export class BusEar implements BusListener {
  readonly messages: BusMessage[] = [];
  misses = 0;
  readonly #changes = new EventEmitter();

  message(message: BusMessage): void {
    this.messages.push(message);
    this.#changes.emit('change');
  }

  missed(): void {
    this.misses += 1;
    this.#changes.emit('change');
  }

  get bodies(): string[] {
    return this.messages.map(({ body }) => body);
  }

  /** Resolves when that is true. */
  async until(isSo: (ear: this) => boolean): Promise<void> {
    while (!isSo(this)) await once(this.#changes, 'change');
  }
}
