/** Marks after which the doorkeeper forgets: one bit in 32 is set by then. */
const MARKS_BEFORE_CLEARING = 16_384;
const DOORKEEPER_WORDS = 16_384;

/**
 * Remembers what verified tokens said, by the whole token.
 *
 * Two generations of a Map: when the young one is full it becomes the old one, and what is asked for again moves up. The
 * Map's key is 30 bits of the signature, because hashing 500 characters costs more than all the rest; a hit also needs
 * the very same token (a mutation here is what CVE-2026-35039 was). A token is only kept the second time it is seen, so
 * that tokens seen once cost nothing.
 */
export class VerifiedCache<Value> {
  readonly #halfSize: number;
  #young = new Map<number, Entry<Value>>();
  #old = new Map<number, Entry<Value>>();
  readonly #doorkeeper = new Uint32Array(DOORKEEPER_WORDS);
  #marks = 0;

  /** `size`: how many tokens at most, rounded up to an even number; 0 keeps none. */
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

  /** Keeps it if the token was offered before. */
  offer(token: string, value: Value): void {
    if (this.#halfSize === 0) return;
    const key = keyOf(token);
    // A slice of a header line would keep the whole line alive: the copy is a string of its own.
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

/** 30 bits from five characters of the signature, leaving out the last, which carries fewer. */
function keyOf(token: string): number {
  const end = token.length - 1;
  let key = 0;
  for (let at = end - 5; at < end; at += 1) key = Math.imul(key ^ token.charCodeAt(at), 0x9e37_79b1);
  return key >>> 2;
}
