import { type Channel, channel } from 'node:diagnostics_channel';
import type { ExpiredReason, NotFoundReason } from '../errors.js';
import { warn } from '../lib/warn.js';

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
  /** A new session was issued to a client, or stored. */
  readonly created: SessionFacts;
  /** A sid opened it. */
  readonly loaded: SessionFacts;
  /** Something in it changed, and its token was renewed or its record written. */
  readonly saved: SessionFacts;
  /**
   * Two requests changed the same keys of a server-side session at the same time, and the one that tells it, the later, won. `keys` are top-level
   * keys of sessionData, or of userData as `userData.name`.
   */
  readonly conflict: SessionFacts & { readonly keys: readonly string[] };
  /** It got a new id, by `rotate`, `setUser` or `forceInvalidate`; `previous` is the one it had. */
  readonly rotated: SessionFacts & { readonly previous: { readonly id: string; readonly lineage: string } };
  /** One session, all of a user's, or everyone's were ended; `expired` is the reason of those that a sweep found past their time. */
  readonly ended: Partial<SessionFacts> & { readonly reason: string };
  /** A credential that a rotation had replaced was used after its grace: perhaps a stolen copy. Of a server-side one maybe only the id is known. */
  readonly reused: Pick<SessionFacts, 'id'> & Partial<SessionFacts>;
  /**
   * A request changed a session that had been ended or replaced meanwhile, or that may not hold any (OPTIONS, two different
   * sessions at once); the change went nowhere.
   */
  readonly 'refused-late-save': SessionFacts;
  /** A request carried two different valid sessions: perhaps a planted cookie. */
  readonly suspicious: { readonly sessions: readonly SessionFacts[] };
  /** A sid that looked like one opened nothing. */
  readonly refused: { readonly reason: NotFoundReason | ExpiredReason };
  /**
   * Expired sessions could not be removed from the store, for at least the second time in a row. `failures` counts them, `code` is that of the
   * last error. Requests are not affected, but the store grows.
   */
  readonly 'sweep-failed': { readonly failures: number; readonly code: string };
}

/** The name of an event. */
export type SessionEventName = keyof SessionEvents;

type Listener<Name extends SessionEventName> = (event: SessionEvents[Name]) => void;

/** The same for tools that watch a whole process: `node:diagnostics_channel` has a channel `sessions-jwt:<name>` for each event. */
const CHANNELS: Readonly<Record<SessionEventName, Channel>> = {
  created: channel('sessions-jwt:created'),
  loaded: channel('sessions-jwt:loaded'),
  saved: channel('sessions-jwt:saved'),
  conflict: channel('sessions-jwt:conflict'),
  rotated: channel('sessions-jwt:rotated'),
  ended: channel('sessions-jwt:ended'),
  reused: channel('sessions-jwt:reused'),
  'refused-late-save': channel('sessions-jwt:refused-late-save'),
  suspicious: channel('sessions-jwt:suspicious'),
  refused: channel('sessions-jwt:refused'),
  'sweep-failed': channel('sessions-jwt:sweep-failed'),
};

/**
 * The events of one storage. Listeners are called synchronously, in the order they came; one that throws disturbs neither
 * the request nor the other listeners: it becomes a process warning with the code SESSIONS_LISTENER_FAILED.
 */
export class SessionEventEmitter {
  readonly #listeners: { readonly [Name in SessionEventName]: Set<Listener<Name>> } = {
    created: new Set(),
    loaded: new Set(),
    conflict: new Set(),
    saved: new Set(),
    rotated: new Set(),
    ended: new Set(),
    reused: new Set(),
    'refused-late-save': new Set(),
    suspicious: new Set(),
    refused: new Set(),
    'sweep-failed': new Set(),
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

  /** @internal Whether anybody would be told: for events at which every request would pay for the telling. */
  isHeard(name: SessionEventName): boolean {
    return this.#listeners[name].size > 0 || CHANNELS[name].hasSubscribers;
  }

  /** @internal */
  emit<Name extends SessionEventName>(name: Name, event: SessionEvents[Name]): void {
    if (CHANNELS[name].hasSubscribers) CHANNELS[name].publish(event);
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
