import { isInstanceId } from '../lib/instance-id.js';
import { isPlainObject } from '../lib/json.js';
import { kindOf } from '../lib/kind-of.js';
import type { SessionRef } from '../session/session.js';
import { type UserId, uidOf } from '../session/user.js';
import type { Activity } from './activity.js';
import type { Registry } from './registry.js';
import { isSessionId } from './session-id.js';
import { EVERYONE, sessionTopic, userTopic } from './topics.js';

/** A session: itself, `{ id, lineage }` as `listOfUser` returns it, or its id or lineage alone. */
export type LiveSession = SessionRef | string;

/** Whom `send` reaches: the tabs of a session, one of them, all sessions of a user, or every stream. */
export type LiveTarget =
  | SessionRef
  | { readonly id: string; readonly lineage?: string | undefined; readonly instance?: string | undefined }
  | { readonly uid: UserId }
  | 'everyone';

/** A target as the bus and the streams know it. */
export interface Address {
  readonly topic: string;
  /** Of the session, if the target is one. */
  readonly lineage?: string;
  /** The tab; absent: all of them. */
  readonly instance?: string | undefined;
}

/** Finds out which streams a target, or the name of a session, means. */
export class Targets {
  readonly #registry: Registry;
  readonly #activity: Activity;

  constructor(registry: Registry, activity: Activity) {
    this.#registry = registry;
    this.#activity = activity;
  }

  /** @throws TypeError for a target that is none, and for a malformed id @throws StoreUnavailable */
  async addressOf(target: LiveTarget): Promise<Address> {
    if (target === 'everyone') return { topic: EVERYONE };
    if (isPlainObject(target) && 'uid' in target && !('id' in target)) return { topic: userTopic(uidOf(target.uid)) };
    const {
      id,
      lineage,
      instance,
    }: { readonly id?: unknown; readonly lineage?: unknown; readonly instance?: unknown } = Object(target);
    if (typeof id !== 'string' || !(lineage === undefined || typeof lineage === 'string')) {
      throw new TypeError(
        `send: expected a session, { id, lineage?, instance? }, { uid } or 'everyone', got ${kindOf(target)}`,
      );
    }
    if (!isSessionId(id) || !isSessionId(lineage ?? id)) {
      throw new TypeError(
        'send: expected an id and a lineage of 1 to 255 characters, none of them a control character',
      );
    }
    // A session has no instance, and none is to be looked for in it.
    const tab = isPlainObject(target) ? instance : undefined;
    if (tab !== undefined && !isInstanceId(tab)) throw new TypeError('send: the instance is malformed');
    const found = await this.lineageOf('send', lineage === undefined ? id : { id, lineage });
    return { topic: sessionTopic(found), lineage: found, instance: tab };
  }

  /** The lineage of a session; what it was named by if that is not known. @throws TypeError that begins with `what` @throws StoreUnavailable */
  async lineageOf(what: string, session: LiveSession): Promise<string> {
    const name = nameOf(what, session);
    if (typeof session !== 'string' || this.#registry.ofSession(name).length > 0) return name;
    return (await this.#activity.lineageOf(name)) ?? name;
  }
}

/** The lineage of a session, or what it was named by. @throws TypeError that begins with `what` */
export function nameOf(what: string, session: LiveSession): string {
  if (typeof session === 'string') return session;
  const { lineage }: { readonly lineage?: unknown } = Object(session);
  if (typeof lineage === 'string') return lineage;
  throw new TypeError(`${what}: expected a session, { id, lineage }, or an id, got ${kindOf(session)}`);
}
