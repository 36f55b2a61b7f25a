import { setTimeout as delay } from 'node:timers/promises';
import type { Commands } from './commands.js';
import { Keys } from './keys.js';
import { newNonce } from './nonce.js';
import { type Script, script } from './script.js';

/** ms after it asked for the epoch for which a store goes by the answer. */
const LEASE = 100;

/** ms by which the timers and clocks of two machines may differ meanwhile. */
const MARGIN = 10;

/** nonce -> the epoch, begun if there is none */
const FIRST: Script = script(`
redis.call('SET', KEYS[1], '0' .. ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
`);

/** nonce -> an epoch that never was: it has the next number, and a nonce in case that the last was lost. */
const NEXT: Script = script(`
local number = tonumber(string.match(redis.call('GET', KEYS[1]) or '', '^%d+')) or 0
local epoch = string.format('%.0f', number + 1) .. ARGV[1]
redis.call('SET', KEYS[1], epoch)
return epoch
`);

/** An epoch that was heard of; times are those of `performance.now()`. */
interface Heard {
  readonly keys: Keys;
  /** When it was asked for. */
  readonly since: number;
  /** When the answer came. */
  readonly at: number;
}

/**
 * Which keys count. All keys carry the epoch they belong to, and a new epoch leaves everything behind at once, without a
 * search through the keyspace; what is left behind goes when it expires.
 *
 * Each store goes by an epoch for no longer than LEASE after it asked for it, and asks along with another command, in the
 * same round trip. Who begins an epoch waits for longer than that before saying so: then no store goes by an older one.
 * Should Redis lose which epoch it is, the next to ask begins a new one, so that nothing comes back.
 */
export class Epochs {
  readonly #prefix: string;
  #heard: Heard | undefined;
  #asked: { readonly answer: Promise<Heard>; readonly since: number } | undefined;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /**
   * What `work` gives with the keys of the epoch. It may run again with newer keys, as what it did with the older ones
   * counts no more. `provesNothing`: of a reply that may be another if someone else has begun a newer epoch, and written.
   */
  async within<Reply>(
    commands: Commands,
    work: (keys: Keys) => Promise<Reply>,
    provesNothing: (reply: Reply) => boolean,
  ): Promise<Reply> {
    const { start } = commands;
    const before = this.#heard ?? (await this.#hear(commands, start - LEASE));
    let heard = before;
    let reply: Reply;
    if (start - before.since < LEASE) {
      reply = await work(before.keys);
    } else {
      [reply, heard] = await Promise.all([work(before.keys), this.#hear(commands, start - LEASE)]);
      if (heard.keys.epoch !== before.keys.epoch) reply = await work(heard.keys);
    }
    if (heard.since >= start || !provesNothing(reply)) return reply;
    const { keys } = await this.#hear(commands, start);
    return keys.epoch === heard.keys.epoch ? reply : work(keys);
  }

  /** Leaves everything behind; resolves when every store of every process does. */
  async next(commands: Commands): Promise<void> {
    const { start } = commands;
    this.#take(await commands.run(NEXT, this.#key, [newNonce()]), start);
    const end = performance.now() + LEASE + MARGIN;
    // A timer that begins in a long turn of the loop runs out early.
    for (let left = LEASE + MARGIN; left > 0; left = end - performance.now()) await delay(left);
  }

  /** The epoch, asked for no earlier than `from`. */
  #hear(commands: Commands, from: number): Promise<Heard> {
    if (this.#asked !== undefined && this.#asked.since >= from) return this.#asked.answer;
    const since = performance.now();
    const asked = { answer: this.#ask(commands, since), since };
    this.#asked = asked;
    asked.answer.catch(() => {
      if (this.#asked === asked) this.#asked = undefined;
    });
    return asked.answer;
  }

  async #ask(commands: Commands, since: number): Promise<Heard> {
    const epoch = (await commands.get(this.#key)) ?? (await commands.run(FIRST, this.#key, [newNonce()]));
    return this.#take(epoch, since);
  }

  #take(epoch: string, since: number): Heard {
    const known = this.#heard;
    // Where a client has several connections, answers overtake one another. Were it to go back, a rotation that created
    // the new session in the newer epoch could retire the old one in the older.
    const isOvertaken = known !== undefined && since < known.at && numberOf(epoch) < numberOf(known.keys.epoch);
    const keys = isOvertaken || known?.keys.epoch === epoch ? known.keys : new Keys(this.#prefix, epoch);
    const heard = { keys, since: Math.max(since, known?.since ?? since), at: performance.now() };
    this.#heard = heard;
    return heard;
  }

  get #key(): string {
    return `${this.#prefix}epoch`;
  }
}

function numberOf(epoch: string): number {
  return Number.parseInt(epoch, 10);
}
