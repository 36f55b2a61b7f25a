import type { Commands } from './commands.js';
import type { Epochs } from './epochs.js';
import { epochOf } from './keys.js';
import { type Script, script } from './script.js';
import type { Scan } from './wire.js';

/** ms after which a call leaves the rest to the next call. */
const BUDGET = 5_000;

const MARK: Script = script(`return redis.call('SET', KEYS[1], ARGV[1])`);

/** The progress of a search: the scans that are left, and the cursor of the first one. */
interface Search {
  readonly epoch: string;
  readonly scans: Scan[];
  cursor: string;
}

/**
 * Removes the keys of former epochs, which `deleteAll` left behind, in small steps. A mark in Redis records the epoch for which that is done,
 * so that nothing is searched again. Several processes may do this at the same time.
 */
export class Leftovers {
  readonly #prefix: string;
  readonly #epochs: Epochs;
  readonly #begin: () => Commands;
  #search: Search | undefined;
  #running: Promise<void> | undefined;

  /** `begin` starts an operation: each step has a deadline of its own. */
  constructor(prefix: string, epochs: Epochs, begin: () => Commands) {
    this.#prefix = prefix;
    this.#epochs = epochs;
    this.#begin = begin;
  }

  remove(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    const end = performance.now() + BUDGET;
    try {
      const epoch = await this.#epochs.settled(this.#begin());
      if (epoch !== this.#search?.epoch) this.#search = undefined;
      if ((await this.#begin().get(this.#mark)) === epoch) return;
      this.#search ??= { epoch, scans: [...(await this.#begin().do((wire) => wire.scans(this.#prefix)))], cursor: '0' };
      while (this.#search.scans.length > 0) {
        if (performance.now() >= end || !(await this.#step(this.#search))) return;
      }
      await this.#begin().run(MARK, this.#mark, [epoch]);
      this.#search = undefined;
    } catch (error) {
      // The cluster may have other servers at the next call.
      this.#search = undefined;
      throw error;
    }
  }

  /** Returns whether the search may continue. */
  async #step(search: Search): Promise<boolean> {
    const [scan] = search.scans;
    if (scan === undefined) return true;
    const { cursor, keys } = await this.#begin().do(() => scan(search.cursor));
    const former = keys.filter((key) => (epochOf(this.#prefix, key) ?? search.epoch) !== search.epoch);
    if (former.length > 0) {
      const commands = this.#begin();
      // Keys of a newer epoch exist only after it became current. While this epoch is current, all other keys are of former ones.
      if (!(await this.#epochs.isCurrent(commands, search.epoch))) return false;
      await Promise.all(former.map((key) => commands.do((wire) => wire.unlink(key))));
    }
    search.cursor = cursor;
    if (cursor === '0') search.scans.shift();
    return true;
  }

  get #mark(): string {
    return `${this.#prefix}epoch:clean`;
  }
}
