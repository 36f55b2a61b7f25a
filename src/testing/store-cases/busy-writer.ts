import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionRecord, Store } from '../../ports/store.js';

/** Keeps updating a session until it is gone. */
export class BusyWriter {
  /** Resolves when the session is gone. */
  readonly isOver: Promise<void>;
  #writes = 0;
  #isWriting = true;

  constructor(store: Store, record: SessionRecord) {
    this.isOver = this.#write(store, record).finally(() => {
      this.#isWriting = false;
    });
    // A case that fails before it waits for this closes its stores meanwhile.
    this.isOver.catch(() => undefined);
  }

  /** Resolves after `count` more writes, or when the session is gone. */
  async wrote(count: number): Promise<void> {
    const enough = this.#writes + count;
    while (this.#writes < enough && this.#isWriting) await nextTurn();
  }

  async #write(store: Store, { version, ...rest }: SessionRecord): Promise<void> {
    for (let turn = version; ; turn += 1) {
      const outcome = await store.update({ ...rest, version: turn, body: `{"turn":${turn}}` });
      if (outcome !== 'ok') return;
      this.#writes += 1;
      // A store that never waits, such as one in memory, would let nothing else run.
      await nextTurn();
    }
  }
}
