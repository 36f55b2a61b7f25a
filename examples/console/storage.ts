import {
  type Clock,
  RevocationList,
  ServerSessionStorage,
  type SessionModel,
  SessionStorage,
  type Store,
} from 'sessions-jwt';
import { z } from 'zod';

const MINUTE = 60_000;

/** What a session holds: two fields of ours, and whatever else the person puts in. `{}` passes, as a session begins. */
const sessionData = z.looseObject({
  language: z.enum(['en', 'de', 'fr', 'ja']).default('en'),
  cart: z.array(z.string().max(40)).max(20).optional(),
});

/** What it holds about its user. In a token the user can read it: keep nothing secret there. */
const userData = z.object({ name: z.string() });

type Data = z.output<typeof sessionData>;
type User = z.output<typeof userData>;
type DataInput = z.input<typeof sessionData>;

/** A session of either kind: both have the same attributes and methods. */
export type ConsoleSession = SessionModel<Data, User>;
export type ServerStorage = ServerSessionStorage<Data, User, DataInput>;
export type TokenStorage = SessionStorage<Data, User, DataInput>;

/** Of both kinds: sessions end after half an hour without a request, and after twelve hours in any case. */
const IDLE_TIMEOUT = 30 * MINUTE;
const ABSOLUTE_TIMEOUT = 12 * 60 * MINUTE;
/**
 * So that the time left on the page is right to the second. Left alone it is three minutes here, which saves a write, or
 * signing a token, at nearly every request.
 */
const RESOLUTION = 1_000;

/** Sessions that are kept in a store: what the client holds is a random name for them. */
export function createServerStorage(store: Store, clock?: Clock): ServerStorage {
  return new ServerSessionStorage({
    store,
    sessionData,
    userData,
    idleTimeout: IDLE_TIMEOUT,
    absoluteTimeout: ABSOLUTE_TIMEOUT,
    timeoutResolution: RESOLUTION,
    clock,
  });
}

/** Sessions that the client itself carries, in a signed token. */
export function createTokenStorage(jwtSecret: string, clock?: Clock): TokenStorage {
  return new SessionStorage({
    jwtSecret,
    sessionData,
    userData,
    timeToLive: IDLE_TIMEOUT,
    absoluteTimeout: ABSOLUTE_TIMEOUT,
    timeoutResolution: RESOLUTION,
    // In memory: signing out holds until this process ends. Give the list a log to have it hold longer.
    revocations: new RevocationList(),
    clock,
  });
}
