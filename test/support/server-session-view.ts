import { type ServerSession, type ServerSessionStorage, SessionNotFound } from '../../src/index.js';
import { reasonOf } from './outcomes.js';
import { type Data, expiryOf, type Facts } from './server-session-facts.js';
import type { ServerSessionModel } from './server-session-model.js';

export type Storage = ServerSessionStorage<Record<string, number>, Record<string, number>>;
export type Session = ServerSession<Record<string, number>, Record<string, number>>;

/** What is seen of a session, through whatever opens it. */
export type Seen = Readonly<Record<string, unknown>>;

export interface View {
  /** What each credential opens. */
  readonly credentials: readonly unknown[];
  readonly lists: readonly unknown[];
  /** The sessions of requests, by their names. */
  readonly requests: Readonly<Record<string, Seen>>;
  readonly told: readonly string[];
}

/** Of a storage's session; `nameOf` gives the model's names of ids. */
export function seenOf(session: Session, isRead: boolean, nameOf: (id: string) => string): Seen {
  const { id, lineage, uid, created, lastAccess, lastUpdate, authenticatedAt, info } = session;
  return {
    ...{ id: nameOf(id), lineage: nameOf(lineage), uid, created, lastAccess, lastUpdate, authenticatedAt },
    expires: session.getExpiry(),
    device: info['device'],
    data: isRead ? entriesOf(Object.entries(session.sessionData)) : undefined,
    userData: isRead ? entriesOf(Object.entries(session.userData)) : undefined,
    isGiven: isGiven(session),
  };
}

/** What was seen without what a model says nothing of. */
export function comparable({ requests, told, ...others }: View, model: ServerSessionModel, isAlone: boolean): View {
  const going = Object.entries(requests).filter(([name]) => model.isGoing(name));
  return { ...others, requests: Object.fromEntries(going), told: isAlone ? told : [] };
}

/** Of a model's. */
export function seenIn(found: Facts, isRead: boolean, isGiven: boolean): Seen {
  const { id, lineage, uid, created, lastAccess, lastUpdate, authenticatedAt, device, data, userData } = found;
  return {
    ...{ id, lineage, uid, created, lastAccess, lastUpdate, authenticatedAt },
    expires: expiryOf(found),
    device,
    data: isRead ? entriesOf(data) : undefined,
    userData: isRead ? entriesOf(userData) : undefined,
    isGiven,
  };
}

function entriesOf(data: Data | Iterable<[string, unknown]>): [string, unknown][] {
  return [...data].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** In the order of their names. */
export function byId<Named extends { readonly id: string }>(list: readonly Named[]): Named[] {
  return [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function isGiven(session: Session): boolean {
  try {
    return session.forClient() !== '';
  } catch {
    return false;
  }
}

export function isAlike(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Where two things differ, and how. */
export function differencesOf(found: unknown, expected: unknown, path = ''): string[] {
  if (isAlike(found, expected)) return [];
  if (typeof found !== 'object' || typeof expected !== 'object' || found === null || expected === null) {
    return [`\n  ${path}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`];
  }
  const keys = new Set([...Object.keys(found), ...Object.keys(expected)]);
  return [...keys].flatMap((key) =>
    differencesOf(Reflect.get(found, key), Reflect.get(expected, key), `${path}.${key}`),
  );
}

/** Why a sid opened nothing, and whether that was within the grace time. Throws anything but SessionNotFound. */
export function reasonWithGrace(error: unknown): string {
  const reason = reasonOf(error);
  return error instanceof SessionNotFound && error.withinGrace ? `${reason} just now` : reason;
}
