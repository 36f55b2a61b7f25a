import type { ExpiredReason, NotFoundReason } from '../errors.js';
import { Emitter, Topic, type Topics } from '../lib/emitter.js';
import { Pending } from '../lib/pending.js';

/** Identifies the session of an event. Never contains its sid. */
export interface SessionFacts {
  readonly id: string;
  readonly lineage: string;
  readonly uid: string | undefined;
}

/** Copies only these facts. */
export function factsOf({ id, lineage, uid }: SessionFacts): SessionFacts {
  return { id, lineage, uid };
}

/** The events of a storage and the fields of each. No event contains a sid, a token or session data. */
export interface SessionEvents {
  /**
   * A request's sid opened the session. Emitted once for each request. `instance`: the client's name for the browser tab or the like, from the
   * request header `X-Session-Instance` (1 to 64 letters, digits, `_` or `-`); `undefined` without one. `passive`: the request does not
   * count as activity.
   */
  readonly accessed: SessionFacts & { readonly instance: string | undefined; readonly passive: boolean };
  /** A new session was sent to a client, or stored. */
  readonly created: SessionFacts;
  /** A sid opened the session. */
  readonly loaded: SessionFacts;
  /** The session changed, and its token was issued again or its record written. */
  readonly saved: SessionFacts;
  /**
   * Two requests changed the same keys of a session in a store. The later one, which emits this, was saved. `keys`:
   * top-level keys of `sessionData`, or of `userData` as `userData.name`.
   */
  readonly conflict: SessionFacts & { readonly keys: readonly string[] };
  /** The session got a new id. `previous` has the id and lineage that it had before. */
  readonly rotated: SessionFacts & { readonly previous: { readonly id: string; readonly lineage: string } };
  /**
   * One session, all sessions of a user (only `uid` is set) or all sessions (no name is set) were ended. `reason` is
   * the one given to `revoke`; `invalidated` after `forceInvalidate`; `too many sessions` because of
   * `maxSessionsPerUser`; `reused` after the event of that name, with `onReuse: 'revoke'`; `expired` for a session that
   * a sweep removed.
   *
   * `except` is the lineage of the session that goes on, if all others of the user were ended.
   */
  readonly ended: Partial<SessionFacts> & { readonly reason: string; readonly except?: string };
  /**
   * A response cleared the client's sid. `reason` is `ended` after a sign-out, or if the session ended in another way
   * before the response. It is `suspicious` after the event of that name. The facts are those of the session that the
   * request's sid opened. They are missing if it opened none or several.
   */
  readonly cleared: Partial<SessionFacts> & { readonly reason: 'ended' | 'suspicious' };
  /**
   * A sid that a rotation had replaced was used after `rotationGrace`: perhaps a stolen copy. With a store, only `id`
   * may be known.
   */
  readonly reused: Pick<SessionFacts, 'id'> & Partial<SessionFacts>;
  /**
   * A request changed a session, but the change was not saved. The session had ended, expired or been replaced, or the
   * request cannot have one (OPTIONS, or two different sessions at once).
   */
  readonly 'refused-late-save': SessionFacts;
  /**
   * A change was lost: it was made after the response's head was sent, or no response was sent, and it needed a new credential
   * (`code` is ERR_SESSION_HEAD_SENT); or saving it failed with the error `code`.
   */
  readonly 'lost-write': SessionFacts & { readonly code: string };
  /**
   * A request had two different valid sessions, or more than four sids: perhaps another site or subdomain set one of the
   * cookies.
   */
  readonly suspicious: { readonly sessions: readonly SessionFacts[] };
  /** A sid opened no session. Not emitted if the sid is missing. */
  readonly refused: { readonly reason: NotFoundReason | ExpiredReason };
  /**
   * Removing expired sessions from the store failed at least twice in a row. `failures` is the number of attempts,
   * `code` that of the last error. Requests are not affected, but the store grows.
   */
  readonly 'sweep-failed': { readonly failures: number; readonly code: string };
}

/** The name of an event. */
export type SessionEventName = keyof SessionEvents;

/** The events at run time. The compiler checks that they match {@link SessionEvents}. */
function newTopics(): Topics<SessionEvents> {
  return {
    accessed: new Topic('accessed'),
    created: new Topic('created'),
    loaded: new Topic('loaded'),
    saved: new Topic('saved'),
    conflict: new Topic('conflict'),
    rotated: new Topic('rotated'),
    ended: new Topic('ended'),
    cleared: new Topic('cleared'),
    reused: new Topic('reused'),
    'refused-late-save': new Topic('refused-late-save'),
    'lost-write': new Topic('lost-write'),
    suspicious: new Topic('suspicious'),
    refused: new Topic('refused'),
    'sweep-failed': new Topic('sweep-failed'),
  };
}

/**
 * The events of one storage. Listeners are called synchronously, in the order in which they were added. If one throws, or returns a promise
 * that rejects, the request and the other listeners continue, with a process warning (`SESSIONS_LISTENER_FAILED`). Each event is also
 * published on the channel `sessions-jwt:<name>` of `node:diagnostics_channel`.
 */
export class SessionEventEmitter extends Emitter<SessionEvents> {
  /** @internal What `ended` has started, and the end of a session waits for: live streams that are ending. */
  readonly effects: Pending = new Pending();

  /** @internal */
  constructor() {
    super(newTopics());
  }
}
