import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NewRevocation, Revocation, RevocationLog } from '../../ports/revocation-log.js';

/** A log in memory that answers in the next turn of the event loop. A request that ends a session has to wait for it. */
export class TurnLog implements RevocationLog {
  readonly guarantee = 'log';
  readonly #entries: Revocation[] = [];
  readonly #waiting = new Set<() => void>();

  async append(entry: NewRevocation): Promise<string> {
    await nextTurn();
    const seq = String(this.#entries.length + 1);
    this.#entries.push({ ...entry, seq });
    this.#wake();
    return seq;
  }

  async *read(after: string | null, signal: AbortSignal): AsyncGenerator<readonly Revocation[], void, undefined> {
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    for (let position = Number(after ?? 0); !signal.aborted; await this.#beyond(position, signal)) {
      const unread = this.#entries.slice(position);
      position += unread.length;
      yield unread;
    }
  }

  async close(): Promise<void> {}

  /** Resolves when there may be more entries than these, or a read is to end. */
  async #beyond(count: number, { aborted }: AbortSignal): Promise<void> {
    if (this.#entries.length > count || aborted) return;
    await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
