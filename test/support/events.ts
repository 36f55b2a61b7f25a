import type { SessionEventName, SessionStorage } from '../../src/index.js';
import { SessionEventEmitter } from '../../src/storage/events.js';

/** The names of all events. */
export const EVENT_NAMES: readonly SessionEventName[] = new SessionEventEmitter().names;

/** The events of these names that a storage emits from now on, in order, as [name, event]. Default: all events. */
export function eventsOf(
  storage: Pick<SessionStorage, 'events'>,
  ...names: readonly SessionEventName[]
): [name: string, event: unknown][] {
  const emitted: [string, unknown][] = [];
  for (const name of names.length === 0 ? EVENT_NAMES : names) {
    storage.events.on(name, (event) => emitted.push([name, event]));
  }
  return emitted;
}

/** The same of all events but `loaded`, which every `get` emits, and `accessed`, which every request emits. */
export function eventsBesidesLoaded(storage: Pick<SessionStorage, 'events'>): [name: string, event: unknown][] {
  return eventsOf(storage, ...EVENT_NAMES.filter((name) => name !== 'loaded' && name !== 'accessed'));
}
