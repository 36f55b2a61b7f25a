import type { NewRevocation, Revocation, RevocationMatch } from '../../ports/revocation-log.js';
import { textOf } from './kept-entries.js';
import type { Revocable } from './revocation-index.js';

/**
 * Follows the log until this process has read its own entries in it, and notes whether another entry ended a session
 * meanwhile.
 */
export class ReadBack {
  readonly #own: ReadonlySet<string>;
  readonly #session: Revocable;
  readonly #read = new Set<string>();
  #position: string | undefined;
  #onRead: () => void = () => undefined;
  /** Whether another entry ends the session. */
  isEnded = false;

  constructor(own: readonly NewRevocation[], session: Revocable) {
    this.#own = new Set(own.map(textOf));
    this.#session = session;
  }

  /** Notes entries that this process adds, or reads from the log. */
  take(entries: readonly (NewRevocation | Revocation)[]): void {
    for (const entry of entries) {
      if ('seq' in entry && entry.seq === this.#position) this.#onRead();
      const isOfSession = isMatch(entry.match, this.#session);
      const isOwn = (isOfSession || 'uid' in entry.match) && this.#own.has(textOf(entry));
      if (isOwn && 'seq' in entry) this.#read.add(entry.seq);
      this.isEnded ||= isOfSession && !isOwn;
    }
  }

  /** Calls `onRead` when the own entry at this position has been read; at once if it was before. */
  when(position: string, onRead: () => void): void {
    this.#position = position;
    this.#onRead = onRead;
    if (this.#read.has(position)) onRead();
  }
}

function isMatch(match: RevocationMatch, { id, lineage, uid, since }: Revocable): boolean {
  if ('lineage' in match) return match.lineage === lineage;
  if ('jti' in match) return match.jti === id;
  if (since > match.before) return false;
  return !('uid' in match) || (match.uid === uid && !match.except.includes(lineage));
}
