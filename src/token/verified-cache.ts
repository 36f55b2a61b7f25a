/** The number of marks after which the doorkeeper is cleared: by then, one bit in 32 is set. */
const MARKS_BEFORE_CLEARING = 16_384;
const DOORKEEPER_WORDS = 16_384;

/**
 * Caches the content of verified tokens, by the whole token.
 *
 * It has two generations of a Map: when the young one is full it becomes the old one, and entries that are used move
 * up. The key of the Map is 30 bits of the signature, because hashing 500 characters costs more than everything else. A
 * hit also requires an identical token; comparing only a part of it was CVE-2026-35039. A token is cached when it is
 * seen for the second time, so tokens that are seen once cost nothing.
 */
export class VerifiedCache<Value> {
  readonly #halfSize: number;
  #young = new Map<number, Entry<Value>>();
  #old = new Map<number, Entry<Value>>();
  readonly #doorkeeper = new Uint32Array(DOORKEEPER_WORDS);
  #marks = 0;

  /** `size`: the maximum number of tokens, rounded up to an even number; 0 = no cache. */
  constructor(size: number) {
    this.#halfSize = Math.ceil(size / 2);
  }

  get(token: string): Value | undefined {
    const key = keyOf(token);
    const young = this.#young.get(key);
    if (young !== undefined && young.token === token) return young.value;
    const old = this.#old.get(key);
    if (old === undefined || old.token !== token) return undefined;
    this.#insert(key, old);
    return old.value;
  }

  /** Caches the token if it was offered before. */
  offer(token: string, value: Value): void {
    if (this.#halfSize === 0) return;
    const key = keyOf(token);
    // A copy, because a slice of a header line would keep the whole line in memory.
    if (this.#isKnown(key)) this.#insert(key, { token: Buffer.from(token, 'latin1').toString('latin1'), value });
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#doorkeeper.fill(0);
    this.#marks = 0;
  }

  #insert(key: number, entry: Entry<Value>): void {
    if (this.#young.size >= this.#halfSize) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
  }

  #isKnown(key: number): boolean {
    const word = key >>> 16;
    const bit = 1 << (key & 31);
    const marked = this.#doorkeeper[word] ?? 0;
    if ((marked & bit) !== 0) return true;
    if (this.#marks === MARKS_BEFORE_CLEARING) {
      this.#doorkeeper.fill(0);
      this.#marks = 0;
    }
    this.#doorkeeper[word] = (this.#doorkeeper[word] ?? 0) | bit;
    this.#marks += 1;
    return false;
  }
}

interface Entry<Value> {
  readonly token: string;
  readonly value: Value;
}

/** 30 bits of five characters of the signature, without the last one, which carries fewer bits. */
function keyOf(token: string): number {
  const end = token.length - 1;
  let key = 0;
  for (let at = end - 5; at < end; at += 1) key = Math.imul(key ^ token.charCodeAt(at), 0x9e37_79b1);
  return key >>> 2;
}
