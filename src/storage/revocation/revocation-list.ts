import { z } from 'zod';
import { RevocationsStale } from '../../errors.js';
import { hasMethods, strictOptions } from '../../lib/strict-options.js';
import { LONGEST_TIMER, wholeNumber } from '../../lib/whole-number.js';
import { type Clock, systemClock } from '../../ports/clock.js';
import type { Guarantee, NewRevocation, RevocationLog } from '../../ports/revocation-log.js';
import { LogReader } from './log-reader.js';
import { LogWriter } from './log-writer.js';
import { type Revocable, type RevocableNames, RevocationIndex, type Verdict } from './revocation-index.js';

/** How a {@link RevocationList} keeps and shares what it knows. */
export interface RevocationListOptions {
  /** Where revocations are written down. Default: nowhere but in this process's memory (guarantee 'process'). */
  readonly log?: RevocationLog | undefined;
  /** ms within which a revocation made elsewhere holds here. Default 30,000. Older knowledge is stale. */
  readonly bound?: number | undefined;
  /**
   * What happens to tokens while knowledge is stale: 'deny' (default) answers RevocationsStale (503), which never means
   * "no session"; 'allow' takes them, and issues none that outlives the one read. Choose 'allow' only where staying
   * reachable matters more than a sign-out that holds (OWASP ASVS 16.5.3).
   */
  readonly whenStale?: 'deny' | 'allow' | undefined;
  /** ms that ending a session waits for the log's acknowledgement. Default 2,000. */
  readonly deadline?: number | undefined;
  /** Where the time comes from. Default: the machine. */
  readonly clock?: Clock | undefined;
}

/** What `health()` answers. */
export interface RevocationHealth {
  readonly isFresh: boolean;
  /** ms since the log last answered; 0 without a log, Infinity before its first answer. */
  readonly age: number;
  readonly guarantee: Guarantee;
}

const OPTIONS = z.strictObject({
  log: z.custom<RevocationLog>((log) => hasMethods(log, 'append', 'read'), 'expected a RevocationLog').optional(),
  bound: wholeNumber('ms', 1).default(30_000),
  whenStale: z.enum(['deny', 'allow']).default('deny'),
  deadline: wholeNumber('ms', 1, LONGEST_TIMER).default(2_000),
  clock: z
    .custom<Clock>((clock) => hasMethods(clock, 'now'), 'expected a Clock: { now(): number }')
    .default(systemClock),
});

/**
 * The sessions and users that were ended before their time, for any number of storages. Looking one up is synchronous and
 * does no I/O. Entries leave by themselves when no token they match can be alive any more.
 */
export class RevocationList {
  readonly #options: Readonly<z.output<typeof OPTIONS>>;
  readonly #index = new RevocationIndex();
  readonly #reader: LogReader | undefined;
  readonly #writer: LogWriter | undefined;
  #version = 0;

  /** @throws TypeError naming the option that is wrong */
  constructor(options: RevocationListOptions = {}) {
    this.#options = strictOptions('RevocationList', OPTIONS, options);
    const { log, clock, deadline } = this.#options;
    if (log === undefined) return;
    this.#writer = new LogWriter(log, deadline);
    this.#reader = new LogReader(log, clock, (entries) => this.#take(entries, clock.now()));
  }

  /** How far ending a session reaches once its promise is resolved. */
  get guarantee(): Guarantee {
    return this.#options.log?.guarantee ?? 'process';
  }

  /** ms; see {@link RevocationListOptions.bound}. */
  get bound(): number {
    return this.#options.bound;
  }

  /** Grows with every entry: as long as it stands still, what was not revoked is not revoked. */
  get version(): number {
    return this.#version;
  }

  /** What is known against a session or token, if anything. Synchronous, O(1). */
  find(session: Revocable, now: number): Verdict | undefined {
    return this.#index.find(session, now);
  }

  /** The same by names alone: whose the session is, and since when, stays out of it. */
  findNames(names: RevocableNames, now: number): Verdict | undefined {
    return this.#index.findNames(names, now);
  }

  /** The first instant from `instant` on that no revocation of this user reaches, or of everyone. */
  after(uid: string | undefined, instant: number): number {
    return Math.max(instant, this.#index.newestBefore(uid) + 1);
  }

  /** The first instant from `instant` on that no revocation of any user reaches. */
  afterAll(instant: number): number {
    return Math.max(instant, this.#index.newestBeforeOfAll + 1);
  }

  /** Whether the log has not answered within the bound. */
  isStale(now: number): boolean {
    return this.#reader !== undefined && this.#reader.age(now) > this.#options.bound;
  }

  /** @throws RevocationsStale when knowledge is stale and that means 'deny' */
  checkFresh(now: number): void {
    if (this.#reader !== undefined && this.#options.whenStale === 'deny' && this.isStale(now)) {
      throw new RevocationsStale(this.#reader.age(now), this.#options.bound, this.#reader.failure);
    }
  }

  /** @internal No newer credential went out along with these entries, so no client is spared for the sake of one. */
  forgetHandingOver(entries: readonly NewRevocation[]): void {
    for (const { match } of entries) if ('lineage' in match) this.#index.forgetHandingOver(match.lineage);
  }

  /** @internal Keeps for `ms` at least when lineages and tokens were revoked. */
  remember(ms: number): void {
    this.#index.keepRecent = Math.max(this.#index.keepRecent, ms);
  }

  /**
   * Ends what the entries match: in this process at once, and resolved when the log has acknowledged them all.
   * @throws StoreUnavailable after `deadline`; the log is still tried until it has them
   */
  async add(entries: readonly NewRevocation[], now: number = this.#options.clock.now()): Promise<Guarantee> {
    this.#take(entries, now);
    const writer = this.#writer;
    if (writer !== undefined) await Promise.all(entries.map((entry) => writer.append(entry)));
    return this.guarantee;
  }

  /** Resolves when everything in the log is known; at once without a log. Before that, `get` answers RevocationsStale. */
  async ready(): Promise<void> {
    await this.#reader?.caughtUp;
  }

  /** The state of the list: how long ago the log answered, and how far a revocation reaches. */
  health(): RevocationHealth {
    const now = this.#options.clock.now();
    return { isFresh: !this.isStale(now), age: this.#reader?.age(now) ?? 0, guarantee: this.guarantee };
  }

  /** Stops following the log and retrying; the log itself stays the application's to close. */
  async close(): Promise<void> {
    this.#writer?.close();
    await this.#reader?.stop();
  }

  #take(entries: readonly NewRevocation[], now: number): void {
    for (const entry of entries) this.#index.add(entry, now);
    if (entries.length > 0) this.#version += 1;
  }
}
