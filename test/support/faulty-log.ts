import type { Guarantee, NewRevocation, Revocation, RevocationLog } from '../../src/index.js';

/** How a direction of the log behaves: as it should, with an error, or not at all. */
export type Behaviour = 'works' | 'fails' | 'throws' | 'stalls';

/** What a log starts with. */
export interface FaultyLogOptions {
  readonly guarantee?: Guarantee;
  readonly reading?: Behaviour;
  readonly appending?: Behaviour;
  readonly entries?: readonly NewRevocation[];
}

/**
 * A log in memory, shared by all lists it is given to, that fails on demand: an error ('fails': a rejection, 'throws': before
 * there is a promise), or silence ('stalls'). It yields nothing by itself between entries; `beat` makes it say that there is
 * nothing new.
 */
export class FaultyLog implements RevocationLog {
  readonly guarantee: Guarantee;
  readonly entries: Revocation[] = [];
  reading: Behaviour;
  appending: Behaviour;
  /** How often it was asked to append, and from which positions it was asked to read. */
  appends = 0;
  readonly reads: (string | null)[] = [];
  readonly #wakers = new Set<() => void>();
  #beats = 0;

  constructor({
    guarantee = 'instances',
    reading = 'works',
    appending = 'works',
    entries = [],
  }: FaultyLogOptions = {}) {
    this.guarantee = guarantee;
    this.reading = reading;
    this.appending = appending;
    for (const entry of entries) this.put(entry);
  }

  /** How many reads are waiting for something new. */
  get openReads(): number {
    return this.#wakers.size;
  }

  /** Writes an entry as another process would. */
  put(entry: NewRevocation): string {
    const seq = String(this.entries.length + 1);
    this.entries.push({ ...entry, seq });
    this.#wake();
    return seq;
  }

  /** Says "I am here" to all readers, or makes them fail when it is to fail. */
  beat(): void {
    this.#beats += 1;
    this.#wake();
  }

  append(entry: NewRevocation): Promise<string> {
    this.appends += 1;
    switch (this.appending) {
      case 'works':
        return Promise.resolve(this.put(entry));
      case 'fails':
        return Promise.reject(new Error('the log is down'));
      case 'throws':
        throw new Error('the log is broken');
      case 'stalls':
        return new Promise(() => undefined);
    }
  }

  read(after: string | null, signal: AbortSignal): AsyncIterable<readonly Revocation[]> {
    this.reads.push(after);
    if (this.reading === 'throws') throw new Error('the log is broken');
    return this.#batches(Number(after ?? 0), signal);
  }

  async close(): Promise<void> {}

  async *#batches(after: number, signal: AbortSignal): AsyncGenerator<readonly Revocation[]> {
    let position = after;
    let beats = -1;
    let isFirst = true;
    while (!signal.aborted) {
      if (this.reading === 'fails' || this.reading === 'throws') throw new Error('the log is down');
      if (this.reading === 'works' && (this.entries.length > position || this.#beats !== beats)) {
        const batch = this.entries.slice(position);
        position = this.entries.length;
        beats = this.#beats;
        yield batch;
        // All that was there when the reading began has been told.
        if (isFirst && batch.length > 0) yield [];
        isFirst = false;
      } else {
        await this.#nextWake(signal);
      }
    }
  }

  #nextWake(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wakers.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
