import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Concerned } from './concerned.js';
import type { Connection } from './connection.js';
import { Turns } from './turns.js';

/** How many streams are decided about in one turn of the event loop. */
const AT_ONCE = 200;

/** What to do with a stream that is not over. Must not throw or reject. */
export type Decide = (connection: Connection) => void | Promise<void>;

/** A decision that some streams wait for. */
interface Doubt {
  readonly number: number;
  readonly concerned: Concerned;
  readonly decide: Decide;
  /** Decisions that were begun. */
  readonly begun: Promise<void>[];
}

/**
 * Decisions about streams: whether each has to end. Those about many streams are spread over several turns of the event loop. To begin one, no stream is
 * touched, because that alone takes too long for 10,000. Instead, each stream asks here before it writes.
 */
export class Doubts {
  readonly #turns = new Turns(AT_ONCE);
  readonly #open = new Set<Doubt>();
  #newest = 0;

  /** The number of the newest decision. Streams that open later are not concerned by it. */
  get newest(): number {
    return this.#newest;
  }

  /**
   * Decides about streams: about a few at once, about many in turns, but about each before anything else is written to it. Resolves when all decisions
   * are carried out; `undefined` if they are by now.
   */
  settle(concerned: Concerned, decide: Decide): Promise<void> | undefined {
    const { connections } = concerned;
    if (connections.length > AT_ONCE) return this.#settleInTurns(concerned, decide);
    const begun: Promise<void>[] = [];
    for (const connection of connections) decideAbout(connection, { concerned, decide, begun });
    return begun.length === 0 ? undefined : allOf(begun);
  }

  /** Decides about one stream what is still open. */
  resolve(connection: Connection): void {
    if (this.#open.size === 0) return;
    const { decided } = connection;
    // First, because decisions look at the stream, which asks again.
    connection.decided = this.#newest;
    for (const doubt of this.#open) {
      if (doubt.number > decided) decideAbout(connection, doubt);
    }
  }

  async #settleInTurns(concerned: Concerned, decide: Decide): Promise<void> {
    this.#newest += 1;
    const doubt: Doubt = { number: this.#newest, concerned, decide, begun: [] };
    this.#open.add(doubt);
    // Without this, the first two slices may run in one turn of the event loop, because its immediates come last.
    await nextTurn();
    await this.#turns.each(concerned.connections, (connection) => this.resolve(connection));
    this.#open.delete(doubt);
    await allOf(doubt.begun);
  }
}

function decideAbout(connection: Connection, { concerned, decide, begun }: Omit<Doubt, 'number'>): void {
  if (connection.isOver || !concerned.includes(connection)) return;
  const deciding = decide(connection);
  if (deciding !== undefined) begun.push(deciding);
}

async function allOf(begun: readonly Promise<void>[]): Promise<void> {
  await Promise.all(begun);
}
