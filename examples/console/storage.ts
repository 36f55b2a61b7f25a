import {
  type Clock,
  type RevocationList,
  ServerSessionStorage,
  type SessionModel,
  SessionStorage,
  type Store,
} from 'sessions-jwt';
import { z } from 'zod';

const MINUTE = 60_000;

/** The session data: two known fields, and any others. A new session has `{}`, which must pass. */
const sessionData = z.looseObject({
  language: z.enum(['en', 'de', 'fr', 'ja']).default('en'),
  cart: z.array(z.string().max(40)).max(20).optional(),
});

/** The data of the user. With tokens the user can read it: keep no secrets there. */
const userData = z.object({ name: z.string() });

type Data = z.output<typeof sessionData>;
type User = z.output<typeof userData>;
type DataInput = z.input<typeof sessionData>;

/** A session of either storage. Both have the same attributes and methods. */
export type ConsoleSession = SessionModel<Data, User>;
export type ServerStorage = ServerSessionStorage<Data, User, DataInput>;
export type TokenStorage = SessionStorage<Data, User, DataInput>;

/** Sessions expire 30 minutes after the last request, and 12 hours after they were created. */
const IDLE_TIMEOUT = 30 * MINUTE;
const ABSOLUTE_TIMEOUT = 12 * 60 * MINUTE;
/**
 * Makes the remaining time on the page exact to one second. The default, here three minutes, saves a write or a signature at most requests.
 */
const RESOLUTION = 1_000;

/**
 * Sessions in a store. The client has only a random id. A store needs no list to end a session. The list ends the open pages of other processes,
 * also without a bus.
 */
export function createServerStorage(store: Store, revocations?: RevocationList, clock?: Clock): ServerStorage {
  return new ServerSessionStorage({
    store,
    revocations,
    sessionData,
    userData,
    idleTimeout: IDLE_TIMEOUT,
    absoluteTimeout: ABSOLUTE_TIMEOUT,
    timeoutResolution: RESOLUTION,
    clock,
  });
}

/** Sessions in signed tokens that the client carries. A token that was signed out is refused for as long as the list knows it. */
export function createTokenStorage(jwtSecret: string, revocations: RevocationList, clock?: Clock): TokenStorage {
  return new SessionStorage({
    jwtSecret,
    sessionData,
    userData,
    timeToLive: IDLE_TIMEOUT,
    absoluteTimeout: ABSOLUTE_TIMEOUT,
    timeoutResolution: RESOLUTION,
    revocations,
    clock,
  });
}
