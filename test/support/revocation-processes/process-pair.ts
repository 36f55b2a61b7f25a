import { Instance } from './instance.js';
import type { LogPair } from './kinds.js';
import type { ProgramSettings } from './program.js';

/** ms; longer than any test, so that a list is stale only when its clock was set forward. */
export const BOUND = 120_000;

/** What may differ between processes that share a log. */
export type OwnSettings = Partial<Omit<ProgramSettings, 'log' | 'bound'>>;

/** Two processes over one log, for all tests of a suite, and further ones that end with a test. */
export class ProcessPair {
  readonly here: Instance;
  readonly there: Instance;
  readonly #logs: LogPair;
  readonly #others: Instance[] = [];
  /** When the test began. */
  #beginning = Date.now();

  private constructor(logs: LogPair, here: Instance, there: Instance) {
    this.#logs = logs;
    this.here = here;
    this.there = there;
  }

  static async start(logs: LogPair): Promise<ProcessPair> {
    const [here, there] = await Promise.all([start(logs[0]), start(logs[1])]);
    return new ProcessPair(logs, here, there);
  }

  /** Starts a further process. Resolves when it has read the log. */
  async other(settings: OwnSettings = {}): Promise<Instance> {
    const other = await start(this.#logs[1], settings);
    this.#others.push(other);
    return other;
  }

  /** The time `ms` after the test began, as a timestamp. */
  time(ms: number): number {
    return this.#beginning + ms;
  }

  /** Makes it `ms` after the beginning of the test in all processes, and time stand still. */
  async at(ms: number): Promise<void> {
    const all = [this.here, this.there, ...this.#others];
    await Promise.all(all.map((instance) => instance.setClock(this.time(ms))));
  }

  /** Lets a process read all that is in the log: the writer appends one more entry, and the reader reads up to it. */
  async deliver(reader: Instance, writer = reader === this.here ? this.there : this.here): Promise<void> {
    const end = await writer.signIn('the end of the log');
    await writer.revoke(end);
    await reader.release('reads');
    await reader.learn(end);
  }

  /** After a test: ends the further processes. The two go on as if there had been none. */
  async reset(): Promise<void> {
    await Promise.all(this.#others.splice(0).map((other) => other.kill()));
    for (const instance of [this.here, this.there]) {
      await instance.setClock(null);
      await instance.release('reads');
      await instance.release('appends');
    }
    this.#beginning = Date.now();
  }

  async end(): Promise<void> {
    await Promise.all([this.here, this.there, ...this.#others].map((instance) => instance.kill()));
  }
}

async function start(log: LogPair[number], settings: OwnSettings = {}): Promise<Instance> {
  const usual = { bound: BOUND, deadline: 10_000, logDeadline: 5_000, timeoutResolution: 0 };
  return (await Instance.start({ log, ...usual, ...settings })).ready();
}
