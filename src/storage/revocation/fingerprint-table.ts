import { getRandomValues } from 'node:crypto';

/** A slot is three 32-bit words: two of fingerprint, one of `expiry tick << 1 | flag`. An empty slot is all zero. */
const WORDS = 3;
const SMALLEST = 16;
const SEGMENTS = 64;
const SEGMENT_SHIFT = 26;
const FULLEST = 0.7;
/** Once in so many inserts, many adjacent slots of one segment are swept: the first access to a segment is the slow part. */
const SWEEP_EVERY = 64;
const SWEPT_PER_INSERT = 8;
/** The length of a tick in ms. Expiries are stored as whole ticks in 31 bits, which last until 2106. */
const TICK = 2000;
const NEVER = 0x7fff_ffff;

/** What the table stores about a name, besides its expiry. */
export interface FingerprintEntry {
  readonly flag: boolean;
}

const FLAGGED: FingerprintEntry = Object.freeze({ flag: true });
const PLAIN: FingerprintEntry = Object.freeze({ flag: false });

/**
 * A set of names, each with an expiry and a flag, in 12 bytes a slot.
 *
 * Names are stored as 64-bit fingerprints under a random seed; a false hit has a probability of about n / 2^64. The
 * table uses open addressing with linear probing. It has 64 segments, so that growing one never blocks the event loop
 * for long. Expired names count as absent, and later inserts remove them step by step.
 */
export class FingerprintTable {
  readonly #seeds = getRandomValues(new Uint32Array(2));
  readonly #segments: readonly Segment[] = Array.from({ length: SEGMENTS }, () => new Segment());
  #inserts = 0;

  /** `until`: ms timestamp, or `null` = never. A name that exists gets the later expiry and the newer flag. */
  add(name: string, until: number | null, flag: boolean, now: number): void {
    const [high, low] = this.#print(name);
    this.#segments[high >>> SEGMENT_SHIFT]?.add(high, low, lastTick(until), flag, firstTick(now));
    this.#inserts = (this.#inserts + 1) % (SWEEP_EVERY * SEGMENTS);
    if (this.#inserts % SWEEP_EVERY > 0) return;
    this.#segments[this.#inserts / SWEEP_EVERY]?.sweep(SWEPT_PER_INSERT * SWEEP_EVERY, firstTick(now));
  }

  find(name: string, now: number): FingerprintEntry | undefined {
    const [high, low] = this.#print(name);
    const life = this.#segments[high >>> SEGMENT_SHIFT]?.find(high, low) ?? 0;
    if (life === 0 || life >>> 1 < firstTick(now)) return undefined;
    return (life & 1) === 1 ? FLAGGED : PLAIN;
  }

  /** How many slots are used, including expired ones that were not removed yet. */
  get size(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  /** The memory of the slots, in bytes. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  #print(name: string): readonly [high: number, low: number] {
    let a = this.#seeds[0] ?? 0;
    let b = this.#seeds[1] ?? 0;
    for (let i = 0; i < name.length; i += 1) {
      const unit = name.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x9e37_79b1);
      b = Math.imul(b ^ unit, 0x85eb_ca77);
      a ^= a >>> 15;
      b ^= b >>> 13;
    }
    a = Math.imul(a ^ (b >>> 16), 0xc2b2_ae3d);
    b = Math.imul(b ^ (a >>> 15), 0x27d4_eb2f);
    // The second word is never zero, because a zero marks an empty slot.
    return [(a ^ (b >>> 13)) >>> 0, (b ^ (a >>> 16)) >>> 0 || 1];
  }
}

class Segment {
  #slots = new Uint32Array(SMALLEST * WORDS);
  #capacity = SMALLEST;
  #cursor = 0;
  /** No name in this segment expires before this tick. */
  #soonest = NEVER;
  size = 0;

  get bytes(): number {
    return this.#slots.byteLength;
  }

  find(high: number, low: number): number {
    const slot = this.#slotOf(high, low);
    return this.#word(slot, 1) === 0 ? 0 : this.#word(slot, 2);
  }

  add(high: number, low: number, last: number, flag: boolean, current: number): void {
    if (this.size + 1 > this.#capacity * FULLEST) this.#grow(current);
    const slot = this.#slotOf(high, low);
    const isNew = this.#word(slot, 1) === 0;
    const life = isNew ? last : Math.max(last, this.#word(slot, 2) >>> 1);
    this.#write(slot, high, low, (life << 1) | Number(flag));
    if (life < this.#soonest) this.#soonest = life;
    if (isNew) this.size += 1;
  }

  /** Checks the next `count` slots, and removes those that expired before the current tick. */
  sweep(count: number, current: number): void {
    if (this.#soonest >= current) return;
    for (let i = 0; i < count; i += 1) {
      const slot = this.#cursor;
      if (this.#word(slot, 1) !== 0 && this.#word(slot, 2) >>> 1 < current) this.#remove(slot);
      else this.#cursor = (slot + 1) & (this.#capacity - 1);
    }
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#capacity - 1;
    let slot = low & mask;
    while (this.#word(slot, 1) !== 0 && (this.#word(slot, 1) !== low || this.#word(slot, 0) !== high)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(current: number): void {
    const old = this.#slots;
    let live = 0;
    for (let at = 0; at < old.length; at += WORDS) if (isLive(old, at, current)) live += 1;
    while (live + 1 > this.#capacity * FULLEST * 0.75) this.#capacity *= 2;
    this.#slots = new Uint32Array(this.#capacity * WORDS);
    this.#cursor = 0;
    this.size = live;
    for (let at = 0; at < old.length; at += WORDS) {
      if (!isLive(old, at, current)) continue;
      const [high = 0, low = 0, life = 0] = [old[at], old[at + 1], old[at + 2]];
      this.#write(this.#slotOf(high, low), high, low, life);
    }
  }

  /** Backward-shift deletion: moves up entries that linear probing would no longer find after the removal. */
  #remove(slot: number): void {
    const mask = this.#capacity - 1;
    let hole = slot;
    for (let next = (hole + 1) & mask; this.#word(next, 1) !== 0; next = (next + 1) & mask) {
      const home = this.#word(next, 1) & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      this.#slots.copyWithin(hole * WORDS, next * WORDS, (next + 1) * WORDS);
      hole = next;
    }
    this.#slots.fill(0, hole * WORDS, (hole + 1) * WORDS);
    this.size -= 1;
  }

  /** Word by word: `set` of an array takes several times as long. */
  #write(slot: number, high: number, low: number, life: number): void {
    const at = slot * WORDS;
    this.#slots[at] = high;
    this.#slots[at + 1] = low;
    this.#slots[at + 2] = life;
  }

  #word(slot: number, word: number): number {
    return this.#slots[slot * WORDS + word] ?? 0;
  }
}

function isLive(slots: Uint32Array, at: number, current: number): boolean {
  return slots[at + 1] !== 0 && (slots[at + 2] ?? 0) >>> 1 >= current;
}

function lastTick(until: number | null): number {
  return until === null ? NEVER : Math.min(NEVER, Math.max(0, Math.ceil(until / TICK)));
}

function firstTick(now: number): number {
  return Math.max(0, Math.floor(now / TICK));
}
