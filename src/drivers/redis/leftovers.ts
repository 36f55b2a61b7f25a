import type { Commands } from './commands.js';
import type { Epochs } from './epochs.js';
import { epochOf } from './keys.js';
import { type Script, script } from './script.js';
import type { Scan } from './wire.js';

/** ms after which one call leaves the rest to the next. */
const BUDGET = 5_000;

const MARK: Script = script(`return redis.call('SET', KEYS[1], ARGV[1])`);

/** How far a search has come: the scans that are left, and where the first of them goes on. */
interface Search {
  readonly epoch: string;
  readonly scans: Scan[];
  cursor: string;
}

/**
 * Removes the keys of former epochs, which `deleteAll` has left behind, in small steps. Where nothing was left behind since the
 * last time, a mark in Redis says so, and nothing is searched. Several processes may do the same: it is only done twice.
 */
export class Leftovers {
  readonly #prefix: string;
  readonly #epochs: Epochs;
  readonly #begin: () => Commands;
  #search: Search | undefined;
  #running: Promise<void> | undefined;

  /** `begin`: each step has the deadline of an operation of its own. */
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
      // The servers may be others by the next time.
      this.#search = undefined;
      throw error;
    }
  }

  /** Whether the search may go on. */
  async #step(search: Search): Promise<boolean> {
    const [scan] = search.scans;
    if (scan === undefined) return true;
    const { cursor, keys } = await this.#begin().do(() => scan(search.cursor));
    const former = keys.filter((key) => (epochOf(this.#prefix, key) ?? search.epoch) !== search.epoch);
    if (former.length > 0) {
      const commands = this.#begin();
      // Keys of a newer epoch are there only once it counts. So if this one still counts, theirs never will again.
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
