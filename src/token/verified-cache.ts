import { Generations } from '../lib/generations.js';
import { Doorkeeper } from './doorkeeper.js';

/** Characters of a token that count as one entry. */
const UNIT = 512;

/**
 * Caches the content of verified tokens, by the whole token.
 *
 * It is bounded by the length of the tokens, because parsed data take memory in proportion to it: up to about 20 times as
 * much. A token is cached when it is seen for the second time, and kept apart from the others until it is seen again. So
 * tokens that are seen once cost nothing, and a client that shows each of its tokens twice does not displace those in use.
 *
 * The key is 30 bits of the signature, because hashing 500 characters costs more than everything else. A hit also requires
 * an identical token; comparing only a part of it was CVE-2026-35039.
 */
export class VerifiedCache<Value> {
  readonly #isOff: boolean;
  /** Tokens that were seen twice. */
  readonly #recent: Generations<number, Entry<Value>>;
  /** Tokens that were seen again after that. */
  readonly #used: Generations<number, Entry<Value>>;
  readonly #seenOnce = new Doorkeeper();
  readonly #seenTwice = new Doorkeeper();

  /** `size`: the number of tokens of up to 512 characters, and a quarter more; longer ones count as several. 0 = no cache. */
  constructor(size: number) {
    this.#isOff = size === 0;
    this.#recent = new Generations(size / 4);
    this.#used = new Generations(size);
  }

  get(token: string): Value | undefined {
    const key = keyOf(token);
    const young = this.#used.getYoung(key);
    if (young !== undefined && young.token === token) return young.value;
    const entry = [this.#used.getOld(key), this.#recent.getYoung(key), this.#recent.getOld(key)].find(
      (one) => one?.token === token,
    );
    if (entry === undefined) return undefined;
    this.#used.set(key, entry);
    return entry.value;
  }

  /** Caches the token if it was offered before; among those in use, if it was offered twice. */
  offer(token: string, value: Value): void {
    if (this.#isOff) return;
    const key = keyOf(token);
    if (!this.#seenOnce.knows(key)) return;
    const generations = this.#seenTwice.knows(key) ? this.#used : this.#recent;
    // A copy, because a slice of a header line would keep the whole line in memory.
    const copy = Buffer.from(token, 'latin1').toString('latin1');
    generations.set(key, { token: copy, value, weight: Math.max(1, token.length / UNIT) });
  }

  clear(): void {
    this.#recent.clear();
    this.#used.clear();
    this.#seenOnce.clear();
    this.#seenTwice.clear();
  }
}

interface Entry<Value> {
  readonly token: string;
  readonly value: Value;
  /** How many entries it counts as. */
  readonly weight: number;
}

/** 30 bits of five characters of the signature, without the last one, which carries fewer bits. */
function keyOf(token: string): number {
  const end = token.length - 1;
  let key = 0;
  for (let at = end - 5; at < end; at += 1) key = Math.imul(key ^ token.charCodeAt(at), 0x9e37_79b1);
  return key >>> 2;
}
