const SHARDS = 256;
/** The most characters that are hashed, spread over the key: enough for keys that begin or end alike. */
const HASHED = 16;

/**
 * A Map that is divided into small Maps. A single Map of a million entries would block the event loop for 30 to 80 ms whenever it grows or
 * shrinks.
 */
export class ShardedMap<Value> {
  readonly #shards: readonly Map<string, Value>[] = Array.from({ length: SHARDS }, () => new Map());
  #size = 0;
  #turn = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    return this.#shards[shardOf(key)]?.get(key);
  }

  /** Adds or replaces a value. */
  set(key: string, value: Value): void {
    const shard = this.#shards[shardOf(key)];
    if (shard === undefined) return;
    this.#size -= shard.size;
    shard.set(key, value);
    this.#size += shard.size;
  }

  delete(key: string): void {
    if (this.#shards[shardOf(key)]?.delete(key) === true) this.#size -= 1;
  }

  /**
   * Yields every value that exists during the whole iteration; others may be added and removed meanwhile. Starts after the shard that was visited
   * last. A position within a shard is not kept, because it would keep every older state of its Map in memory.
   */
  *goRound(): Generator<Value> {
    const start = this.#turn;
    for (let step = 0; step < SHARDS; step += 1) {
      const shard = this.#shards[(start + step) % SHARDS];
      this.#turn = (start + step + 1) % SHARDS;
      if (shard !== undefined && shard.size > 0) yield* shard.values();
    }
  }
}

function shardOf(key: string): number {
  const step = Math.ceil(key.length / HASHED);
  let hash = 0;
  for (let at = 0; at < key.length; at += step) hash = Math.imul(hash ^ key.charCodeAt(at), 0x9e37_79b1);
  return hash >>> 24;
}
