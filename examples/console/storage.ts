import { type Clock, RevocationList, type Session, SessionStorage } from 'sessions-jwt';
import { z } from 'zod';

const MINUTE = 60_000;

/** What a session holds: two fields of ours, and whatever else the person puts in. `{}` passes, as a session begins. */
const sessionData = z.looseObject({
  language: z.enum(['en', 'de', 'fr', 'ja']).default('en'),
  cart: z.array(z.string().max(40)).max(20).optional(),
});

/** What it holds about its user. The data travel in the token, where the user can read them: keep nothing secret here. */
const userData = z.object({ name: z.string() });

export type ConsoleSession = Session<z.output<typeof sessionData>, z.output<typeof userData>>;
export type ConsoleStorage = ReturnType<typeof createStorage>;

/** Sessions that end after half an hour without a request, and after twelve hours in any case. */
export function createStorage(jwtSecret: string, clock?: Clock) {
  return new SessionStorage({
    jwtSecret,
    sessionData,
    userData,
    timeToLive: 30 * MINUTE,
    absoluteTimeout: 12 * 60 * MINUTE,
    // So that the time left on the page is right to the second. Left alone it is three minutes here, which saves signing a
    // token at nearly every request.
    timeoutResolution: 1_000,
    // In memory: signing out holds until this process ends. Give the list a log to have it hold longer.
    revocations: new RevocationList(),
    clock,
  });
}
