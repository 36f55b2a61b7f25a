import { newId } from '../../lib/id.js';
import type { NewRevocation, Revocation, RevocationLog } from '../../ports/revocation-log.js';
import { Reading } from './reading.js';

export const HOUR = 3_600_000;

/** What a case works with: the logs of two processes, and names that only this case uses. */
export class RevocationLogBench {
  readonly first: RevocationLog;
  readonly second: RevocationLog;
  /** ms timestamp: now. */
  readonly now: number = Date.now();
  readonly #create: () => Promise<RevocationLog>;
  readonly #readings: Reading[] = [];
  readonly #logs: RevocationLog[] = [];

  constructor(first: RevocationLog, second: RevocationLog, create: () => Promise<RevocationLog>) {
    this.first = first;
    this.second = second;
    this.#create = create;
  }

  name(start = 'name'): string {
    return `${start}.${newId()}`;
  }

  /** A revocation of a session that nothing else revokes. */
  entry(changes: Partial<NewRevocation> = {}): NewRevocation {
    const match = { lineage: this.name('lineage') };
    return { at: this.now, until: this.now + HOUR, reason: 'revoked', match, ...changes };
  }

  entries(count: number, changes: Partial<NewRevocation> = {}): NewRevocation[] {
    return Array.from({ length: count }, () => this.entry(changes));
  }

  /** Appends these entries one after the other, and returns them as they must be read. */
  async append(entries: readonly NewRevocation[], log: RevocationLog = this.first): Promise<Revocation[]> {
    const appended: Revocation[] = [];
    for (const entry of entries) appended.push({ ...entry, seq: await log.append(entry) });
    return appended;
  }

  /** Appends these entries, `atOnce` of them at the same time, and returns them as they must be read. */
  async appendTogether(
    entries: readonly NewRevocation[],
    log: RevocationLog = this.first,
    atOnce = 50,
  ): Promise<Revocation[]> {
    const lanes = Array.from({ length: atOnce }, (_, lane) => entries.filter((_, at) => at % atOnce === lane));
    return (await Promise.all(lanes.map((lane) => this.append(lane, log)))).flat();
  }

  /** Appends an entry, and returns its position: what the case appends later comes after it. */
  async mark(log: RevocationLog = this.first): Promise<string> {
    return await log.append(this.entry());
  }

  /** Starts a read, which ends with the case. */
  read(log: RevocationLog, after: string | null = null): Reading {
    const reading = new Reading(log, after);
    this.#readings.push(reading);
    return reading;
  }

  /** The entries that are stored after a position; with `null`, all of them. */
  async stored(log: RevocationLog, after: string | null = null): Promise<readonly Revocation[]> {
    const stopping = new AbortController();
    const entries: Revocation[] = [];
    try {
      for await (const batch of log.read(after, stopping.signal)) {
        if (batch.length === 0) return entries;
        for (const entry of batch) entries.push(entry);
      }
      throw new Error('the read ended without an empty batch');
    } finally {
      stopping.abort();
    }
  }

  /** Another log on the same backend, closed after the case. */
  async open(): Promise<RevocationLog> {
    const log = await this.#create();
    this.#logs.push(log);
    return log;
  }

  async clean(): Promise<void> {
    for (const reading of this.#readings) reading.abort();
    await Promise.all(this.#logs.map((log) => log.close()));
  }
}
