import type { TabSign } from '../ports/bus.js';
import { bothSigns, keyOfTab } from './tab-signs.js';

/** How many tabs wait while the bus is away. Beyond that, what was learned is dropped. */
const MOST_UNSHARED = 100_000;
/** How many tabs of one session without a stream are learned of at a time. Clients choose the ids, and could invent any number. */
const MOST_OF_SESSION = 200;

/** What one process learned. */
interface Learned {
  /** By tab. */
  readonly signs: Map<string, TabSign>;
  /** How many tabs of each lineage there are. */
  readonly counts: Map<string, number>;
  /** Lineages by other ids of their sessions. */
  readonly ids: Map<string, string>;
}

/** What this process learned of tabs and ids, as long as the bus has not confirmed that it has it. */
export class Unshared {
  #latest: Learned = nothing();
  /** What is on its way to the bus. */
  #sent: Learned = nothing();

  note(sign: TabSign): void {
    const { signs, counts } = this.#latest;
    if (!signs.has(keyOfTab(sign))) {
      const count = counts.get(sign.lineage) ?? 0;
      if (count >= MOST_OF_SESSION && sign.openUntil === undefined) return;
      counts.set(sign.lineage, count + 1);
    }
    add(signs, sign);
  }

  nameLineage(id: string, lineage: string): void {
    this.#latest.ids.set(id, lineage);
  }

  lineageOf(id: string): string | undefined {
    return this.#latest.ids.get(id) ?? this.#sent.ids.get(id);
  }

  /** In the order in which they were learned: of one tab, there may be two. */
  signs(): readonly TabSign[] {
    return [...this.#sent.signs.values(), ...this.#latest.signs.values()];
  }

  /** Takes what is to be sent. Call `confirm` or `takeBack` before the next `send`. */
  send(): { readonly signs: readonly TabSign[]; readonly ids: readonly (readonly [id: string, lineage: string])[] } {
    this.#sent = this.#latest;
    this.#latest = nothing();
    return { signs: [...this.#sent.signs.values()], ids: [...this.#sent.ids] };
  }

  /** The bus has what was sent. */
  confirm(): void {
    this.#sent = nothing();
  }

  /** The bus may not have what was sent. It is sent again with what follows. */
  takeBack(): void {
    const { signs, ids } = this.#sent;
    for (const sign of this.#latest.signs.values()) add(signs, sign);
    const all = [...ids, ...this.#latest.ids].slice(-MOST_UNSHARED);
    this.#latest = { ...nothing(), signs: signs.size > MOST_UNSHARED ? new Map() : signs, ids: new Map(all) };
    this.#sent = nothing();
  }
}

function nothing(): Learned {
  return { signs: new Map(), counts: new Map(), ids: new Map() };
}

function add(signs: Map<string, TabSign>, sign: TabSign): void {
  const key = keyOfTab(sign);
  signs.set(key, bothSigns(signs.get(key), sign));
}
