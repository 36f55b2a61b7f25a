import type { NewRevocation, Revocation, RevocationLog } from '../../../src/index.js';

/** What a {@link GatedLog} can hold. */
export type Holdable = 'reads' | 'appends';

/**
 * A log in front of another one. While its reads are held, it yields nothing, not even that there is nothing new; while its appends are held,
 * none reaches the log behind it.
 */
export class GatedLog implements RevocationLog {
  readonly guarantee: RevocationLog['guarantee'];
  readonly readers: RevocationLog['readers'];
  readonly #log: RevocationLog;
  readonly #gates: Readonly<Record<Holdable, Gate>> = { reads: new Gate(), appends: new Gate() };

  constructor(log: RevocationLog) {
    this.guarantee = log.guarantee;
    this.readers = log.readers;
    this.#log = log;
  }

  hold(what: Holdable): void {
    this.#gates[what].close();
  }

  /** Lets through what was held, and all that follows. */
  release(what: Holdable): void {
    this.#gates[what].open();
  }

  async append(entry: NewRevocation): Promise<string> {
    await this.#gates.appends.passed();
    return await this.#log.append(entry);
  }

  async *read(after: string | null, signal: AbortSignal): AsyncGenerator<readonly Revocation[]> {
    for await (const batch of this.#log.read(after, signal)) {
      await this.#gates.reads.passed();
      yield batch;
    }
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}

class Gate {
  #opened: Promise<void> | undefined;
  #open: () => void = () => undefined;

  close(): void {
    this.#opened ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
    this.#opened = undefined;
  }

  /** Resolves while the gate is open. */
  async passed(): Promise<void> {
    while (this.#opened !== undefined) await this.#opened;
  }
}
