import { setTimeout as delay } from 'node:timers/promises';
import { warn } from '../../lib/warn.js';
import type { Commands } from './commands.js';
import { EpochRecord, numberOf } from './epoch-record.js';
import { Keys } from './keys.js';
import { Keyspace } from './keyspace.js';
import { PrimaryProof } from './primary-proof.js';

/** ms for which a store uses an answer, counted from when it asked. */
const LEASE = 100;

/** ms by which timers of two machines may differ within a lease. */
const MARGIN = 10;

/** An epoch that Redis returned; times are those of `performance.now()`. */
interface Heard {
  readonly keys: Keys;
  /** When the store asked for it. */
  readonly since: number;
  /** When the answer came. */
  readonly at: number;
  /** When an answer first was this epoch. */
  readonly first: number;
}

interface Question {
  readonly answer: Promise<Heard>;
  readonly since: number;
}

/**
 * Makes `deleteAll` one write. Every key contains its epoch, so a new epoch abandons all sessions at once, without a search through the
 * keyspace. `Leftovers` later removes the abandoned keys.
 *
 * A store uses an epoch for at most LEASE ms after it asked for it, and asks in the same round trip as another command. `next` resolves only
 * after a longer wait: then no store uses an older epoch.
 *
 * Once a second the question is a write, which a replica refuses. A node that was demoted may still have sessions that were ended on the new
 * primary. After a refusal, every operation waits until a write succeeds.
 */
export class Epochs {
  readonly #prefix: string;
  readonly #record: EpochRecord;
  readonly #primary = new PrimaryProof();
  #heard: Heard | undefined;
  #asked: Question | undefined;
  #hasWarned = false;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#record = new EpochRecord(prefix);
  }

  /** To be called when a replica refused a write: no earlier answer proves any more that a primary answers. */
  doubt(): void {
    this.#primary.doubt();
    this.#asked = undefined;
  }

  /**
   * Runs `work` with the keys of the current epoch, and again when a newer epoch turns out to have begun: what was written under the older
   * keys is void. `isInconclusive` says which replies could differ in a newer epoch; for those the epoch is asked for once more.
   */
  async within<Reply>(
    commands: Commands,
    work: (space: Keyspace) => Promise<Reply>,
    isInconclusive: (reply: Reply) => boolean,
  ): Promise<Reply> {
    const { start } = commands;
    const run = ({ keys }: Heard): Promise<Reply> => work(new Keyspace(commands, keys));
    const isSure = this.#heard !== undefined && !this.#primary.isInDoubt;
    const before = this.#heard !== undefined && isSure ? this.#heard : await this.#hear(commands, start - LEASE);
    let heard = before;
    let reply: Reply;
    if (start - before.since < LEASE) {
      reply = await run(before);
    } else {
      [reply, heard] = await Promise.all([run(before), this.#hear(commands, start - LEASE)]);
      if (heard.keys.epoch !== before.keys.epoch) reply = await run(heard);
    }
    if (heard.since >= start || !isInconclusive(reply)) return reply;
    const latest = await this.#hear(commands, start);
    return latest.keys.epoch === heard.keys.epoch ? reply : run(latest);
  }

  /** Abandons all sessions. Resolves when no store of any process uses an older epoch. */
  async next(commands: Commands): Promise<void> {
    const { start } = commands;
    this.#take(await this.#record.next(commands), start);
    await passed(performance.now() + LEASE + MARGIN);
  }

  /** The current epoch, once no store uses an older one. */
  async settled(commands: Commands): Promise<string> {
    const since = performance.now();
    const { keys, first } = this.#take(await this.#record.mend(commands), since);
    await passed(first + LEASE + MARGIN);
    return keys.epoch;
  }

  /** Whether `epoch` is still the current one. */
  async isCurrent(commands: Commands, epoch: string): Promise<boolean> {
    return (await this.#hear(commands, commands.start)).keys.epoch === epoch;
  }

  /** The current epoch, by a question not older than `from`. While in doubt, one question at a time is enough. */
  #hear(commands: Commands, from: number): Promise<Heard> {
    if (this.#asked !== undefined && (this.#asked.since >= from || this.#primary.isInDoubt)) return this.#asked.answer;
    const since = performance.now();
    const asked = { answer: this.#ask(commands, since), since };
    this.#asked = asked;
    asked.answer.catch(() => {
      if (this.#asked === asked) this.#asked = undefined;
    });
    return asked.answer;
  }

  async #ask(commands: Commands, since: number): Promise<Heard> {
    if (this.#heard === undefined) {
      const epoch = await this.#primary.require(since, () => this.#record.mend(commands));
      return this.#take(epoch, since);
    }
    const epoch = await this.#primary.question(
      since,
      () => this.#record.prove(commands),
      () => this.#record.read(commands),
    );
    return this.#take(epoch, since);
  }

  #take(epoch: string, since: number): Heard {
    const known = this.#heard;
    const isOther = known !== undefined && known.keys.epoch !== epoch;
    const isOlder = isOther && numberOf(epoch) <= numberOf(known.keys.epoch);
    // With several connections, answers can overtake one another. Going back to an older epoch could split a rotation: the new
    // session created in one epoch, and the old one retired in another.
    const isOvertaken = isOlder && since < known.at;
    if (isOlder && !isOvertaken) this.#warn();
    const at = performance.now();
    const isKept = known !== undefined && (!isOther || isOvertaken);
    const heard = {
      keys: isKept ? known.keys : new Keys(this.#prefix, epoch),
      since: Math.max(since, known?.since ?? since),
      at,
      first: isKept ? known.first : at,
    };
    this.#heard = heard;
    return heard;
  }

  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn(
      'SESSIONS_EPOCH_LOST',
      'Redis lost the keys "epoch" and "epoch:reserve" of a RedisStore, so all sessions ended. Set maxmemory-policy noeviction.',
    );
  }
}

/** Resolves at a time of `performance.now()`. */
async function passed(instant: number): Promise<void> {
  // A timer that is started in a long turn of the event loop fires early.
  for (let left = instant - performance.now(); left > 0; left = instant - performance.now()) await delay(left);
}
