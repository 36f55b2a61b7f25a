import { digestOf } from '../lib/digest.js';
import { EVERYONE, eventId } from '../live/topics.js';
import type { Bus } from '../ports/bus.js';

/** How long a tab may take to open the stream of its new session: ms. */
const LIFE = 60_000;

/**
 * Remembers, when another user signs in, from where the tabs of the session resume. Their streams end then, and their next streams belong
 * to the new session: what was sent to that meanwhile must not be lost, such as the order to reload.
 */
export class HandOver {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** From now on, nothing that is sent to these tabs of a session is lost. @throws StoreUnavailable */
  async begin(lineage: string, instances: Iterable<string>): Promise<void> {
    const id = eventId(EVERYONE, await this.#bus.position());
    await Promise.all(Array.from(new Set(instances), (instance) => this.#bus.put(keyOf(lineage, instance), id, LIFE)));
  }

  /** The id of the event after which the stream of a tab resumes, once; `undefined` for most streams. @throws StoreUnavailable */
  async take(lineage: string, instance: string): Promise<string | undefined> {
    return await this.#bus.take(keyOf(lineage, instance));
  }
}

function keyOf(lineage: string, instance: string): string {
  return `hand-over.${digestOf(lineage, instance)}`;
}
