import type { ExpiredReason, NotFoundReason } from '../errors.js';
import { warn } from '../session/warn.js';

/** A session as events name it: never its sid. */
export interface SessionFacts {
  readonly id: string;
  readonly lineage: string;
  readonly uid: string | undefined;
}

/** Just the facts of something that has them. */
export function factsOf({ id, lineage, uid }: SessionFacts): SessionFacts {
  return { id, lineage, uid };
}

/** What a storage tells, by name. */
export interface SessionEvents {
  /** A new session was issued to a client. */
  readonly created: SessionFacts;
  /** A session's credential was renewed because something in it changed. */
  readonly saved: SessionFacts;
  /** It got a new id, by `rotate`, `setUser` or `forceInvalidate`; `previous` is the one it had. */
  readonly rotated: SessionFacts & { readonly previous: { readonly id: string; readonly lineage: string } };
  /** One session, all of a user's, or everyone's were ended before their time. */
  readonly ended: Partial<SessionFacts> & { readonly reason: string };
  /** A credential that a rotation had replaced was used after its grace: perhaps a stolen copy. */
  readonly reused: SessionFacts;
  /**
   * A request changed a session that had been ended or replaced meanwhile, or that may not hold any (OPTIONS, two different
   * sessions at once); the change went nowhere.
   */
  readonly 'refused-late-save': SessionFacts;
  /** A request carried two different valid sessions: perhaps a planted cookie. */
  readonly suspicious: { readonly sessions: readonly SessionFacts[] };
  /** A sid that looked like one opened nothing. */
  readonly refused: { readonly reason: NotFoundReason | ExpiredReason };
}

/** The name of an event. */
export type SessionEventName = keyof SessionEvents;

type Listener<Name extends SessionEventName> = (event: SessionEvents[Name]) => void;

/**
 * The events of one storage. Listeners are called synchronously, in the order they came; one that throws disturbs neither
 * the request nor the other listeners: it becomes a process warning with the code SESSIONS_LISTENER_FAILED.
 */
export class SessionEventEmitter {
  readonly #listeners: { readonly [Name in SessionEventName]: Set<Listener<Name>> } = {
    created: new Set(),
    saved: new Set(),
    rotated: new Set(),
    ended: new Set(),
    reused: new Set(),
    'refused-late-save': new Set(),
    suspicious: new Set(),
    refused: new Set(),
  };

  /** Calls `listener` at each such event; gives the function that takes it off again. @throws TypeError for an unknown name */
  on<Name extends SessionEventName>(name: Name, listener: Listener<Name>): () => void {
    if (!Object.hasOwn(this.#listeners, name)) {
      throw new TypeError(
        `there is no event ${JSON.stringify(name)}; there are ${Object.keys(this.#listeners).join(', ')}`,
      );
    }
    if (typeof listener !== 'function') throw new TypeError(`events.on(${JSON.stringify(name)}): expected a function`);
    const listeners = this.#listeners[name];
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** @internal */
  emit<Name extends SessionEventName>(name: Name, event: SessionEvents[Name]): void {
    for (const listener of this.#listeners[name]) {
      try {
        listener(event);
      } catch (error) {
        warn(
          'SESSIONS_LISTENER_FAILED',
          `a listener for "${name}" threw ${error instanceof Error ? error.name : typeof error}`,
        );
      }
    }
  }
}
