import type { NewRevocation } from '../../ports/revocation-log.js';
import { textOf } from './kept-entries.js';

/** How many answers of the log may come after an acknowledgement without the entry. The first may have been on its way. */
const MOST_ANSWERS = 3;
/** How many entries are waited for. More come together only while the log cannot be read. */
const MOST = 10_000;

interface OwnEntry {
  readonly entry: NewRevocation;
  /** How many answers came since the acknowledgement; `undefined` before it. */
  answers: number | undefined;
  isRead: boolean;
}

/**
 * The entries that this process appends, until it reads them back. One that never comes was lost after it was acknowledged,
 * and before anyone had read it.
 */
export class OwnEntries {
  readonly #entries = new Map<string, OwnEntry>();

  begin(entry: NewRevocation): void {
    this.#entries.set(textOf(entry), { entry, answers: undefined, isRead: false });
    if (this.#entries.size <= MOST) return;
    const [oldest = ''] = this.#entries.keys();
    this.#entries.delete(oldest);
  }

  acknowledged(entry: NewRevocation): void {
    const text = textOf(entry);
    const own = this.#entries.get(text);
    if (own?.isRead) this.#entries.delete(text);
    else if (own !== undefined) own.answers = 0;
  }

  /** Notes that this entry was read. Returns whether it is one of these. */
  read(entry: NewRevocation): boolean {
    if (this.#entries.size === 0) return false;
    const text = textOf(entry);
    const own = this.#entries.get(text);
    if (own === undefined) return false;
    if (own.answers === undefined) own.isRead = true;
    else this.#entries.delete(text);
    return true;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Notes that the log has answered. Returns the entries that it has lost. */
  answered(): NewRevocation[] {
    const lost: NewRevocation[] = [];
    for (const [text, own] of this.#entries) {
      if (own.answers === undefined) continue;
      own.answers += 1;
      if (own.answers < MOST_ANSWERS) continue;
      this.#entries.delete(text);
      lost.push(own.entry);
    }
    return lost;
  }
}
