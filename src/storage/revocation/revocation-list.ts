import { recognizeCopies } from '../../copies.js';
import { RevocationsStale, StoreUnavailable } from '../../errors.js';
import { warnInWorker } from '../../lib/cluster-worker.js';
import { Pending } from '../../lib/pending.js';
import { FieldsRule } from '../../lib/rules/fields.js';
import { kind, oneOf } from '../../lib/rules/kinds.js';
import { hasMethods, strictOptions } from '../../lib/strict-options.js';
import { warn } from '../../lib/warn.js';
import { LONGEST_TIMER, wholeNumber } from '../../lib/whole-number.js';
import { type Clock, systemClock } from '../../ports/clock.js';
import type { Guarantee, NewRevocation, Revocation, RevocationLog } from '../../ports/revocation-log.js';
import { allRead } from './all-read.js';
import { RevocationEventEmitter } from './events.js';
import { Freshness } from './freshness.js';
import { KeptEntries } from './kept-entries.js';
import { LogReader } from './log-reader.js';
import { LogWriter } from './log-writer.js';
import { OwnEntries } from './own-entries.js';
import { ReadBack } from './read-back.js';
import { type Revocable, type RevocableNames, RevocationIndex, type Verdict } from './revocation-index.js';
import { Waits } from './waits.js';

/** Options of a {@link RevocationList}. All durations are in ms. */
export interface RevocationListOptions {
  /**
   * Where revocations are written for other processes. Default: none; the list is in the memory of this process only
   * (guarantee 'process').
   */
  readonly log?: RevocationLog | undefined;
  /** The maximum age of what was read from the log, in ms. Older than that, the list is stale. Default 30,000. */
  readonly bound?: number | undefined;
  /**
   * What happens to tokens while the list is stale. 'deny' (default): `get` throws RevocationsStale (503), which never
   * means "no session". 'allow': tokens are accepted, and no new token is valid longer than the one that the request
   * came with. Use 'allow' only if staying reachable is more important than a reliable sign-out (OWASP ASVS 16.5.3).
   */
  readonly whenStale?: 'deny' | 'allow' | undefined;
  /** How long ending a session waits for the log's acknowledgement, in ms. Default 2,000. */
  readonly deadline?: number | undefined;
  /** The clock. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

/** The result of `health()`. */
export interface RevocationHealth {
  readonly isFresh: boolean;
  /**
   * How long ago the log last answered, in ms; 0 without a log, `Infinity` until all entries from the start have been
   * read. Up to a tenth of `bound` more with a log that knows its readers.
   */
  readonly age: number;
  readonly guarantee: Guarantee;
}

const OPTIONS = new FieldsRule({
  log: kind((log): log is RevocationLog => hasMethods(log, 'append', 'read'), 'expected a RevocationLog').optional(),
  bound: wholeNumber('ms', 1).default(30_000),
  whenStale: oneOf(['deny', 'allow']).default('deny'),
  deadline: wholeNumber('ms', 1, LONGEST_TIMER).default(2_000),
  clock: kind((clock): clock is Clock => hasMethods(clock, 'now'), 'expected a Clock: { now(): number }').default(
    systemClock,
  ),
});

/** After how long `ready` says why it still waits, in ms. */
const LATE = 5_000;

/**
 * Sessions and users that were ended before they expired. Several storages may share one list. Lookups are synchronous
 * and do no I/O. An entry is removed when no token that it matches can be valid any more.
 */
export class RevocationList {
  static {
    recognizeCopies(RevocationList, 'RevocationList');
  }

  /** @internal What new entries have started, and `add` waits for: live streams that are ending. */
  readonly effects: Pending = new Pending();
  readonly #options: ReturnType<typeof OPTIONS.defaults>;
  readonly #index = new RevocationIndex();
  readonly #kept = new KeptEntries();
  readonly #waits = new Waits();
  readonly #freshness: Freshness | undefined;
  readonly #reader: LogReader | undefined;
  readonly #writer: LogWriter | undefined;
  readonly #own = new OwnEntries();
  readonly #readBacks = new Set<ReadBack>();
  readonly #listeners = new Set<(entries: readonly NewRevocation[]) => void>();
  #version = 0;

  /** The events of this list; see `RevocationEvents`. Without a log, there are none. */
  readonly events: RevocationEventEmitter = new RevocationEventEmitter();

  /** @throws TypeError that names the invalid option */
  constructor(options: RevocationListOptions = {}) {
    this.#options = strictOptions('RevocationList', OPTIONS, options);
    const { log, clock, bound, deadline } = this.#options;
    if (log === undefined) {
      warnInWorker(
        'a RevocationList without a log keeps a list',
        'pass a log that the workers share, or sessions that ended in one of them live on in others',
      );
      return;
    }
    this.#writer = new LogWriter(log, deadline, (entry) => {
      const snapshot = this.#snapshot;
      // A log that exists only in this process need not give back what it was given.
      if (log.guarantee !== 'process') this.#own.begin(entry);
      return () => {
        this.#own.acknowledged(entry);
        this.#kept.add(entry, snapshot, clock.now());
      };
    });
    this.#freshness = new Freshness(clock, bound, this.events);
    this.#reader = new LogReader({
      log,
      clock,
      bound,
      deadline,
      freshness: this.#freshness,
      take: (entries) => this.#read(entries),
      onSnapshot: () => this.#refill(),
      onAnswer: () => this.#appendAgain(),
    });
  }

  /** How far a revocation reaches when its promise has resolved. */
  get guarantee(): Guarantee {
    const guarantee = this.#options.log?.guarantee ?? 'process';
    return guarantee === 'instances' && this.limit !== undefined ? 'log' : guarantee;
  }

  /** @internal The values of `wait` that this list supports. */
  get reach(): readonly Guarantee[] {
    if (this.guarantee === 'process') return ['process'];
    return this.#reachesAll && this.limit === undefined ? ['process', 'log', 'instances'] : ['process', 'log'];
  }

  /**
   * @internal Why 'instances' is impossible, if that is because of an option. With 'allow', a process may not know a
   * revocation for as long as its log does not answer.
   */
  get limit(): string | undefined {
    return this.#reachesAll && this.#options.whenStale === 'allow'
      ? "'instances' needs whenStale: 'deny', because with 'allow' an instance that cannot read the log accepts what was revoked"
      : undefined;
  }

  get #reachesAll(): boolean {
    const { log } = this.#options;
    return log?.guarantee === 'instances' || (log?.guarantee === 'log' && log.readers !== undefined);
  }

  /** See {@link RevocationListOptions.bound}; in ms. */
  get bound(): number {
    return this.#options.bound;
  }

  /** @internal See {@link RevocationListOptions.deadline}; in ms. */
  get deadline(): number {
    return this.#options.deadline;
  }

  /** Increases when entries are added. While it stays the same, an earlier negative lookup is still right. */
  get version(): number {
    return this.#version;
  }

  /** @internal Whether the session has ended: a rotation that applies later has not ended it yet. */
  hasEnded(session: Revocable, now: number): boolean {
    const verdict = this.find(session, now);
    return verdict !== undefined && verdict.at <= now;
  }

  /** Returns the revocation that matches a session or token, if there is one. Synchronous, O(1). */
  find(session: Revocable, now: number): Verdict | undefined {
    return this.#index.find(session, now);
  }

  /** The same without the user: ignores revocations of a user or of everyone. */
  findNames(names: RevocableNames, now: number): Verdict | undefined {
    return this.#index.findNames(names, now);
  }

  /** The first time from `instant` on that is later than every revocation of this user or of everyone: ms timestamp. */
  after(uid: string | undefined, instant: number): number {
    return Math.max(instant, this.#index.newestBefore(uid) + 1);
  }

  /** The first time from `instant` on that is later than every revocation of any user: ms timestamp. */
  afterAll(instant: number): number {
    return Math.max(instant, this.#index.newestBeforeOfAll + 1);
  }

  /** Whether the log has not answered for longer than `bound`. */
  isStale(now: number): boolean {
    return this.#freshness !== undefined && this.#freshness.age(now) > this.#options.bound;
  }

  /** @throws RevocationsStale if the list is stale and `whenStale` is 'deny' */
  checkFresh(now: number): void {
    if (this.#freshness !== undefined && this.#options.whenStale === 'deny' && this.isStale(now)) {
      throw new RevocationsStale(this.#freshness.age(now), this.#options.bound, this.#freshness.failure);
    }
  }

  /** @internal No newer credential was sent with these entries, so their lineages get no grace. */
  forgetHandingOver(entries: readonly NewRevocation[]): void {
    for (const { match } of entries) if ('lineage' in match) this.#index.forgetHandingOver(match.lineage);
  }

  /** @internal Remembers for at least `ms` when lineages and tokens were revoked. */
  remember(ms: number): void {
    this.#index.keepRecent = Math.max(this.#index.keepRecent, ms);
  }

  /**
   * Ends the sessions that the entries match: in this process at once. Resolves when the log has acknowledged all
   * entries; with `wait: 'instances'`, when all instances that use the log have read them.
   * @throws StoreUnavailable after `deadline`; appending is retried until the log acknowledges
   * @throws StoreUnavailable after `bound` and `deadline` if instances that did not read the entries may still be alive
   */
  async add(
    entries: readonly NewRevocation[],
    now: number = this.#options.clock.now(),
    { wait }: { readonly wait?: Guarantee | undefined } = {},
  ): Promise<Guarantee> {
    this.#take(entries, now);
    const [positions] = await Promise.all([this.#append(entries), this.effects.settled()]);
    const { log } = this.#options;
    if (wait !== 'instances' || this.guarantee === 'instances') return this.guarantee;
    const last = positions.at(-1);
    if (last !== undefined && log?.readers !== undefined) await allRead(this.#waits, log.readers, last, this.#options);
    return wait;
  }

  /**
   * @internal Adds entries as `add` does, and waits until this process has read the log up to them. Returns whether
   * another entry ended `session` meanwhile: in this process, or before these in the log.
   * @throws StoreUnavailable if the log does not acknowledge within `deadline`, or is not read up to the entries within another
   */
  async addInTurn(entries: readonly NewRevocation[], session: Revocable, now: number): Promise<boolean> {
    this.#take(entries, now);
    const { deadline } = this.#options;
    const readBack = new ReadBack(entries, session);
    this.#readBacks.add(readBack);
    try {
      const [positions] = await Promise.all([this.#append(entries), this.effects.settled()]);
      const last = positions.at(-1);
      if (last !== undefined && this.guarantee !== 'process') {
        await this.#waits.until(
          deadline,
          () => unread(deadline, this.#freshness?.failure),
          (done) => {
            readBack.when(last, done);
            return () => undefined;
          },
        );
      }
      return readBack.isEnded;
    } finally {
      this.#readBacks.delete(readBack);
    }
  }

  /**
   * Resolves when the whole log has been read; at once without a log. Until then, `get` throws RevocationsStale, unless
   * `whenStale` is 'allow'. Waits for as long as the log does not answer, and keeps the process alive meanwhile. If reading
   * fails for 5 s, the process warning SESSIONS_LOG_UNREAD says why, once.
   * @throws StoreUnavailable if the list is closed before
   */
  async ready(): Promise<void> {
    if (this.#reader === undefined) return;
    let hasWarned = false;
    const alive = setInterval(() => {
      if (!hasWarned) hasWarned = this.#warnOfUnreadLog();
    }, LATE);
    try {
      await this.#reader.caughtUp;
    } finally {
      clearInterval(alive);
    }
  }

  /** Returns the state of the list: how long ago the log answered, and how far a revocation reaches. */
  health(): RevocationHealth {
    const now = this.#options.clock.now();
    return { isFresh: !this.isStale(now), age: this.#freshness?.age(now) ?? 0, guarantee: this.guarantee };
  }

  /** Stops reading the log and retrying. The log stays open: close it yourself. */
  async close(): Promise<void> {
    this.#writer?.close();
    this.#waits.close();
    this.#freshness?.stop();
    await this.#reader?.stop();
  }

  /** @internal Calls `listener` after entries were added, by this process or by the log. Returns a function that removes it. */
  onAdded(listener: (entries: readonly NewRevocation[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #take(entries: readonly NewRevocation[], now: number): void {
    for (const entry of entries) this.#index.add(entry, now);
    for (const readBack of this.#readBacks) readBack.take(entries);
    this.#announce(entries);
  }

  /** Entries that this process knows, such as its own, are announced no second time. */
  #read(entries: readonly Revocation[]): void {
    const now = this.#options.clock.now();
    const unknown = entries.filter((entry) => {
      const isNew = this.#kept.add(entry, this.#snapshot, now);
      return !this.#own.read(entry) && isNew;
    });
    for (const entry of entries) this.#index.add(entry, now);
    for (const readBack of this.#readBacks) readBack.take(entries);
    this.#announce(unknown);
  }

  #announce(entries: readonly NewRevocation[]): void {
    if (entries.length === 0) return;
    this.#version += 1;
    for (const listener of this.#listeners) listener(entries);
  }

  /** The number of the snapshot of the log that this process read last, or is reading. */
  /** For who waits for `ready`: a mistake such as missing tables is not cured by waiting. */
  #warnOfUnreadLog(): boolean {
    const failure = this.#freshness?.failure;
    if (failure === undefined) return false;
    const why = failure instanceof Error ? failure.message : String(failure);
    warn('SESSIONS_LOG_UNREAD', `ready() of a RevocationList still waits, because its log cannot be read: ${why}`);
    return true;
  }

  get #snapshot(): number {
    return this.#reader?.snapshots ?? 0;
  }

  async #append(entries: readonly NewRevocation[]): Promise<readonly string[]> {
    return this.#writer === undefined || entries.length === 0 ? [] : await this.#writer.append(...entries);
  }

  /** Appends entries that the log has acknowledged and lost before this process could read them back. */
  #appendAgain(): void {
    const lost = this.#own.answered();
    if (lost.length > 0) void this.#writer?.refill(lost, () => true);
  }

  /** Appends the entries that the log has lost. Other processes may do the same, which is harmless. */
  #refill(): void {
    const snapshot = this.#snapshot;
    const missing = this.#kept.missingFrom(snapshot, this.#options.clock.now());
    const isMissing = (entry: NewRevocation): boolean =>
      this.#snapshot === snapshot && this.#kept.isMissing(entry, snapshot);
    void this.#writer?.refill(missing, isMissing);
  }
}

function unread(deadline: number, cause: unknown): StoreUnavailable {
  return new StoreUnavailable(
    `the revocation is in the log, but this process did not read the log up to it within ${deadline} ms`,
    cause,
  );
}
