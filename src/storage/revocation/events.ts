import { Emitter, Topic } from '../../lib/emitter.js';

/** The events of a RevocationList that has a log, and the fields of each. */
export interface RevocationEvents {
  /**
   * The log has not answered for longer than `bound`. `age`: how long ago it last answered, in ms; `Infinity` if it has not been read since
   * the start. `code`: that of the error of the last read; `undefined` if the log just did not answer.
   */
  readonly stale: { readonly age: number; readonly code: string | undefined };
  /** The log has answered again after `stale`. `age`: how old its last answer was by then, in ms. */
  readonly recovered: { readonly age: number };
}

/** The name of an event of a RevocationList. */
export type RevocationEventName = keyof RevocationEvents;

/**
 * The events of a RevocationList. Listeners are called synchronously, in the order in which they were added. If one throws, or returns a promise
 * that rejects, the request and the other listeners continue, with a process warning (`SESSIONS_LISTENER_FAILED`). Each event is also
 * published on the channel `sessions-jwt:<name>` of `node:diagnostics_channel`.
 */
export class RevocationEventEmitter extends Emitter<RevocationEvents> {
  /** @internal */
  constructor() {
    super({ stale: new Topic('stale'), recovered: new Topic('recovered') });
  }
}
