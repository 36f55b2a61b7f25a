import type { NewRevocation } from '../../ports/revocation-log.js';
import { AgingMap } from './aging-map.js';

/** How long revocations of sessions and tokens are kept, in ms. A failover loses the last seconds of a log at most. */
const RECENT = 10 * 60 * 1000;
/** How many of them are kept, whatever their age: about 5 MB. */
const MOST_RECENT = 10_000;

/** An entry, and the snapshot of the log in which it was last read or to which it was appended. */
interface Kept {
  readonly entry: NewRevocation;
  readonly text: string;
  snapshot: number;
}

/** The key of revocations of everyone. No user has it. */
const EVERYONE = '';

/**
 * Entries as they are in the log, so that they can be appended again if the log loses them. Revocations of sessions and
 * tokens are kept for ten minutes, those of users and of everyone for as long as they last.
 */
export class KeptEntries {
  /** In order of arrival. */
  readonly #recent = new AgingMap<Kept>();
  readonly #users = new Map<string, readonly Kept[]>();

  /**
   * Returns false if the entry is kept already.
   * @param snapshot the number of the snapshot that the entry was read in or appended to
   */
  add(entry: NewRevocation, snapshot: number, now: number): boolean {
    const { match } = entry;
    if ('lineage' in match || 'jti' in match) {
      return entry.at + RECENT <= now || this.#addRecent(entry, snapshot, now);
    }
    const key = 'uid' in match ? match.uid : EVERYONE;
    const known = this.#users.get(key) ?? [];
    const text = textOf(entry);
    const same = known.find((kept) => kept.text === text);
    if (same === undefined) this.#users.set(key, withoutNeedless([...known, { entry, text, snapshot }]));
    else same.snapshot = Math.max(same.snapshot, snapshot);
    this.#sweepUsers(now);
    return same === undefined;
  }

  /** The entries that were neither read in this snapshot of the log nor appended since. */
  missingFrom(snapshot: number, now: number): NewRevocation[] {
    const kept = [...this.#recent.values(), ...[...this.#users.values()].flat()];
    return kept.filter((one) => one.snapshot !== snapshot && !isOver(one, now)).map(({ entry }) => entry);
  }

  /** Whether this entry is missing from that snapshot. */
  isMissing(entry: NewRevocation, snapshot: number): boolean {
    const { match } = entry;
    const text = textOf(entry);
    if ('lineage' in match || 'jti' in match) return this.#recent.get(text)?.snapshot !== snapshot;
    const kept = this.#users.get('uid' in match ? match.uid : EVERYONE) ?? [];
    return kept.find((one) => one.text === text)?.snapshot !== snapshot;
  }

  /** How many entries are kept. */
  get size(): number {
    return this.#recent.size + this.#users.size;
  }

  #addRecent(entry: NewRevocation, snapshot: number, now: number): boolean {
    const text = textOf(entry);
    const known = this.#recent.get(text);
    if (known === undefined) this.#recent.set(text, { entry, text, snapshot });
    else known.snapshot = Math.max(known.snapshot, snapshot);
    this.#recent.dropWhile((oldest) => this.#recent.size > MOST_RECENT || oldest.entry.at + RECENT <= now);
    return known === undefined;
  }

  /** Checks the two users that were checked longest ago. That is enough, because it runs for every addition. */
  #sweepUsers(now: number): void {
    let count = 0;
    for (const [key, entries] of this.#users) {
      if (count === 2) return;
      count += 1;
      this.#users.delete(key);
      const left = entries.filter((kept) => !isOver(kept, now));
      if (left.length > 0) this.#users.set(key, left);
    }
  }
}

/** Two entries with the same text end the same sessions for the same time. */
export function textOf({ at, until, reason, match }: NewRevocation): string {
  const named = 'lineage' in match ? ['lineage', match.lineage] : 'jti' in match ? ['jti', match.jti] : undefined;
  const users = 'before' in match ? [match.before, ...('uid' in match ? [match.uid, ...match.except] : [])] : [];
  return JSON.stringify([at, until, reason, ...(named ?? users)]);
}

function isOver({ entry }: Kept, now: number): boolean {
  return entry.until !== null && entry.until < now;
}

/**
 * Of the revocations of one user, the newest ends all that the others end, but for the sessions it excepts and for the
 * time after its end.
 */
function withoutNeedless(kept: readonly Kept[]): readonly Kept[] {
  const [newest, ...others] = [...kept].sort((a, b) => beforeOf(b) - beforeOf(a));
  if (newest === undefined) return [];
  const needed = [newest];
  let open = exceptionsOf(newest);
  let last = lastsUntil(newest);
  for (const other of others) {
    const own = exceptionsOf(other);
    if (lastsUntil(other) <= last && !open.some((lineage) => !own.includes(lineage))) continue;
    needed.push(other);
    open = open.filter((lineage) => own.includes(lineage));
    last = Math.max(last, lastsUntil(other));
  }
  return needed;
}

function beforeOf({ entry: { match } }: Kept): number {
  return 'before' in match ? match.before : 0;
}

function exceptionsOf({ entry: { match } }: Kept): readonly string[] {
  return 'uid' in match ? match.except : [];
}

function lastsUntil({ entry }: Kept): number {
  return entry.until ?? Number.POSITIVE_INFINITY;
}
