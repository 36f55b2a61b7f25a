/** Compiled, never run: what the compiler must take and refuse of storages, revocation and events. */
import { createSecretKey } from 'node:crypto';
import {
  type CommitResult,
  type Guarantee,
  MemoryStore,
  RevocationList,
  type RevocationLog,
  type RevokeResult,
  type RevokeTarget,
  type ServerSessionStorage,
  type Session,
  SessionExpired,
  type SessionInfo,
  SessionNotFound,
  SessionRegistry,
  SessionStorage,
  type SessionStorageOptions,
  type StoreUnavailable,
} from '../../src/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

declare function holds<Fact extends true>(): Fact;
declare const storage: SessionStorage;
declare const session: Session;
declare const pem: string;

// Options: each may be undefined, none may be misspelt or of another type.
new SessionStorage({ jwtSecret: undefined, jwtAlgorithm: 'none', timeToLive: undefined });
new SessionStorage({
  jwtSecret: [{ kid: 'a', secret: 'x' }, 'y', new Uint8Array(64), createSecretKey(Buffer.from('z'))],
});
new SessionStorage({ jwtSecret: { kty: 'oct', k: 'eA', kid: 'a' }, idleTimeout: null, absoluteTimeout: 5 });
new SessionStorage({ jwtSecret: pem, jwtAlgorithm: 'RS256', clock: { now: () => 0 } });
// @ts-expect-error no such option
new SessionStorage({ jwtSecret: 'x', timeToLife: 1 });
// @ts-expect-error ms are a number
new SessionStorage({ jwtSecret: 'x', timeToLive: '60' });
// @ts-expect-error no such algorithm
new SessionStorage({ jwtSecret: 'x', jwtAlgorithm: 'HS1' });
// @ts-expect-error no such instant
new SessionStorage({ jwtSecret: 'x', ttlType: 'never' });
new SessionStorage({
  jwtSecret: 'x',
  registry: new SessionRegistry(new MemoryStore()),
  maxSessionsPerUser: null,
  onReuse: undefined,
});
// @ts-expect-error a registry, not its store
new SessionStorage({ jwtSecret: 'x', registry: new MemoryStore() });
// @ts-expect-error a store, not its name
new SessionRegistry('memory');
// @ts-expect-error no such way
new SessionStorage({ jwtSecret: 'x', onReuse: 'end' });
// @ts-expect-error a list, not its log
new SessionStorage({ jwtSecret: 'x', revocations: {} as RevocationLog });
({ jwtSecret: 'x' }) satisfies SessionStorageOptions<object, object>;

// What revoke takes.
const sid: RevokeTarget = { sid: 'x' };
const whole: RevokeTarget = session;
const reference: RevokeTarget = { id: 'x', lineage: 'y' };
const listed: RevokeTarget = { id: 'x', uid: 'u1' };
const user: RevokeTarget = { uid: 'u1' };
const others: RevokeTarget = { uid: 'u1', except: session };
const alsoOthers: RevokeTarget = { uid: 'u1', except: undefined };
const all: RevokeTarget = 'everyone';
for (const target of [sid, whole, reference, listed, user, others, alsoOthers, all]) storage.revoke(target);
storage.revoke(user, { reason: 'locked', wait: 'instances' });
// @ts-expect-error an id alone says too little
storage.revoke({ id: 'x' });
// @ts-expect-error a lineage alone says too little
storage.revoke({ lineage: 'x' });
// @ts-expect-error except is a session
storage.revoke({ uid: 'u1', except: 'x' });
storage.revoke({ uid: 5 });
storage.revoke({ uid: 5n });
// @ts-expect-error no uid is a boolean
storage.revoke({ uid: true });
// @ts-expect-error not in these words
storage.revoke('all');
// @ts-expect-error no such guarantee
storage.revoke(user, { wait: 'forever' });
holds<Same<Awaited<ReturnType<typeof storage.revoke>>, RevokeResult>>();
holds<Same<RevokeResult['guarantee'], Guarantee>>();
holds<Same<RevokeResult['ended'], number | undefined>>();
storage.delete('x') satisfies Promise<void>;
storage.delete(session) satisfies Promise<void>;

// check gives one of three, and the compiler knows them apart.
const checked = storage.check({ id: 'x', lineage: 'y' });
if (checked !== 'live' && checked !== 'ended') checked.expires.toFixed();
// @ts-expect-error it may be a word
checked.expires;

// get takes anything, and its error tells why by reason.
storage.get(undefined).uid satisfies string | undefined;
storage.get('x', { touch: false });
// @ts-expect-error no such option
storage.get('x', { peek: true });

function explain(error: unknown): string | undefined {
  if (error instanceof SessionExpired) return error.reason satisfies 'idle' | 'update' | 'absolute';
  if (error instanceof SessionNotFound) {
    // @ts-expect-error no such reason
    if (error.reason === 'expired') return 'x';
    return error.reason;
  }
  if (error instanceof storage.errors.StoreUnavailable) holds<Same<typeof error, StoreUnavailable>>();
  return undefined;
}
explain(new SessionNotFound('x', { reason: 'revoked' }));
// @ts-expect-error not a reason to have expired
new SessionExpired('x', { reason: 'revoked' });

// What a commit came to is told by its outcome.
declare const result: CommitResult;
if (result.outcome === 'issued')
  [result.sid, result.expires, result.persistent] satisfies [string, number, boolean | undefined];
// @ts-expect-error only when issued
result.sid;

// Events are known by name, with what each tells.
storage.events.on('ended', ({ reason, uid }) => [reason satisfies string, uid satisfies string | undefined]);
storage.events.on('rotated', ({ previous }) => previous.lineage.length);
storage.events.on('suspicious', ({ sessions }) => sessions.map(({ id }) => id));
(storage.events.on('refused', () => undefined) satisfies () => void)();
// @ts-expect-error no such event
storage.events.on('destroyed', () => undefined);
// @ts-expect-error this one has no such fact
storage.events.on('created', ({ reason }) => reason);

// A list's options, and a log of one's own.
new RevocationList({ bound: 5, whenStale: 'allow', deadline: undefined, log: undefined });
// @ts-expect-error no such answer
new RevocationList({ whenStale: 'ignore' });
const log: RevocationLog = {
  guarantee: 'log',
  append: async ({ at, until, reason, match }) => [at, until, reason, 'uid' in match].join(),
  async *read(after, signal) {
    if (!signal.aborted && after === null) yield [];
  },
  close: async () => undefined,
};
new RevocationList({ log });
// @ts-expect-error it must say how far it reaches
new RevocationList({ log: { append: log.append, read: log.read, close: log.close } });

storage.abilities.revocation satisfies Guarantee | 'none';
// @ts-expect-error a fact
storage.abilities.stateless = false;
storage.health()?.age.toFixed();

// Listing: as a ServerSessionStorage does, and what it returns can be revoked and checked.
holds<Same<ReturnType<SessionStorage['listOfUser']>, Promise<readonly SessionInfo[]>>>();
holds<Same<SessionStorage['listOfUser'], ServerSessionStorage['listOfUser']>>();
export async function endFirst(): Promise<void> {
  const [first] = await storage.listOfUser('u1', { current: session });
  if (first === undefined) return;
  storage.check(first);
  await storage.revoke(first);
}
// @ts-expect-error a session, not its sid
storage.listOfUser('u1', { current: 'sid' });
