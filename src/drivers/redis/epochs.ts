import { setTimeout as delay } from 'node:timers/promises';
import { warn } from '../../lib/warn.js';
import type { Commands } from './commands.js';
import { EpochRecord, numberOf } from './epoch-record.js';
import { Keys } from './keys.js';
import { Keyspace } from './keyspace.js';
import { PrimaryProof } from './primary-proof.js';

/** ms after it asked for the epoch for which a store goes by the answer. */
const LEASE = 100;

/** ms by which the timers and clocks of two machines may differ meanwhile. */
const MARGIN = 10;

/** An epoch that a store knows of; times are those of `performance.now()`. */
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
 * Which keys count. All keys carry the epoch they belong to, and a new epoch leaves everything behind at once, without a
 * search through the keyspace; `Leftovers` removes what is left behind.
 *
 * Each store goes by an epoch for no longer than LEASE after it asked for it, and asks along with another command, in the
 * same round trip. Who begins an epoch waits for longer than that before saying so: then no store goes by an older one.
 *
 * Once a second, the question is a write, so that a store also notices when the node that it reads from is a replica now:
 * there, sessions stay that were ended at the new primary. From then on every operation waits for a write to succeed first.
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

  /** A replica refused a write: nothing that was asked so far proves any more who answers. */
  doubt(): void {
    this.#primary.doubt();
    this.#asked = undefined;
  }

  /**
   * What `work` gives with the keys of the epoch. It may run again with newer keys, as what it did with the older ones
   * counts no more. `provesNothing`: of a reply that may be another if someone else has begun a newer epoch, and written.
   */
  async within<Reply>(
    commands: Commands,
    work: (space: Keyspace) => Promise<Reply>,
    provesNothing: (reply: Reply) => boolean,
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
    if (heard.since >= start || !provesNothing(reply)) return reply;
    const latest = await this.#hear(commands, start);
    return latest.keys.epoch === heard.keys.epoch ? reply : run(latest);
  }

  /** Leaves everything behind; resolves when every store of every process does. */
  async next(commands: Commands): Promise<void> {
    const { start } = commands;
    this.#take(await this.#record.next(commands), start);
    await passed(performance.now() + LEASE + MARGIN);
  }

  /** The epoch, once no store goes by an older one any more. */
  async settled(commands: Commands): Promise<string> {
    const since = performance.now();
    const { keys, first } = this.#take(await this.#record.mend(commands), since);
    await passed(first + LEASE + MARGIN);
    return keys.epoch;
  }

  /** Whether this still is the epoch. */
  async isCurrent(commands: Commands, epoch: string): Promise<boolean> {
    return (await this.#hear(commands, commands.start)).keys.epoch === epoch;
  }

  /** The epoch, asked for no earlier than `from`. While in doubt, one question at a time is enough. */
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
    // Where a client has several connections, answers overtake one another. Were it to go back, a rotation that created
    // the new session in the newer epoch could retire the old one in the older.
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
      'Redis lost the keys "epoch" and "epoch:reserve" of a RedisStore: all sessions ended. Use maxmemory-policy noeviction.',
    );
  }
}

/** Resolves at an instant of `performance.now()`. */
async function passed(instant: number): Promise<void> {
  // A timer that begins in a long turn of the loop runs out early.
  for (let left = instant - performance.now(); left > 0; left = instant - performance.now()) await delay(left);
}
