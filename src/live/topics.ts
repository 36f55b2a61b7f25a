import { digestOf } from '../lib/digest.js';

/** What every stream listens to. */
export const EVERYONE = 'everyone';

/** What processes tell one another. A topic of its own, so that it uses up no replay. */
export const CONTROL = 'control';

/** What one process sends to itself, to know how far it hears. */
export function echoTopic(process: string): string {
  return `echo.${process}`;
}

/** The topic of a session, whatever its id. */
export function sessionTopic(lineage: string): string {
  return `session.${lineage}`;
}

/** The topic of a user. A digest, because backends and their logs show names, and a uid may contain anything. */
export function userTopic(uid: string): string {
  return `user.${digestOf(uid)}`;
}

/** The topics of a stream. */
export function topicsOf({ lineage, uid }: { readonly lineage: string; readonly uid: string | undefined }): string[] {
  const own = sessionTopic(lineage);
  // No spread: every stream keeps its list, and one that grew has room for many more.
  return uid === undefined ? [own, EVERYONE] : [own, userTopic(uid), EVERYONE];
}

/**
 * The id of an event: its position, and a mark of its topic. Without that, the id of somebody else's event would replay one's own
 * events from that time on.
 */
export function eventId(topic: string, position: string): string {
  return `${position}~${markOf(topic)}`;
}

/** The position in an event id that a client sent back; `undefined` if it is malformed, or of none of these topics. */
export function positionIn(id: string, topics: readonly string[]): string | undefined {
  const [, position, mark] = /^([A-Za-z0-9._-]{1,64})~([A-Za-z0-9_-]{8})$/.exec(id) ?? [];
  return topics.some((topic) => markOf(topic) === mark) ? position : undefined;
}

/** Eight characters that tell topics apart. */
export function markOf(topic: string): string {
  return digestOf(topic).slice(0, 8);
}
