import { LogPositionLost } from '../../../errors.js';
import type { RevocationReaders } from '../../../ports/revocation-log.js';
import { positionIn } from '../../shared/log-position.js';
import type { RunScript } from '../bus/activity.js';
import type { RevocationKeys } from './keys.js';
import { BEHIND, LEFT, SEEN } from './scripts.js';

/** Knows which processes have read what, by the clock of Redis. */
export class RedisRevocationReaders implements RevocationReaders {
  readonly #keys: string[];
  readonly #run: RunScript;

  constructor({ state, seen, readers }: RevocationKeys, run: RunScript) {
    this.#keys = [state, seen, readers];
    this.#run = run;
  }

  async seen(reader: string, position: string | null, life: number): Promise<void> {
    await this.#run(SEEN, this.#keys, [reader, position ?? '', String(life)]);
  }

  async left(reader: string): Promise<void> {
    await this.#run(LEFT, this.#keys, [reader]);
  }

  /** @throws LogPositionLost when the position is of a log that is gone, and with it the readers */
  async behind(position: string): Promise<number> {
    const { log, entry } = positionIn(position) ?? {};
    if (log === undefined || entry === undefined) throw new LogPositionLost();
    const reply = String(await this.#run(BEHIND, this.#keys, [log, entry]));
    if (reply === '') throw new LogPositionLost();
    return Number(reply);
  }
}
