import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionRecord, Store } from '../../ports/store.js';

/** Writes a session over and over without a pause, until it is gone. */
export class BusyWriter {
  /** Resolved when there is nothing left to write. */
  readonly isOver: Promise<void>;
  #writes = 0;
  #isWriting = true;

  constructor(store: Store, record: SessionRecord) {
    this.isOver = this.#write(store, record).finally(() => {
      this.#isWriting = false;
    });
  }

  /** Resolves after so many more writes, or when there is nothing left to write. */
  async wrote(count: number): Promise<void> {
    const enough = this.#writes + count;
    while (this.#writes < enough && this.#isWriting) await nextTurn();
  }

  async #write(store: Store, { version, ...rest }: SessionRecord): Promise<void> {
    for (let turn = version; ; turn += 1) {
      const outcome = await store.update({ ...rest, version: turn, body: `{"turn":${turn}}` });
      if (outcome !== 'ok') return;
      this.#writes += 1;
      // An operation that waits for nothing leaves the others no turn.
      await nextTurn();
    }
  }
}
