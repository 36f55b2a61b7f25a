/** Compiled, never run: what the compiler must take and refuse of sessions in a store. */
import {
  type CommitResult,
  MemoryStore,
  RevocationList,
  type RevokeResult,
  type ServerSession,
  ServerSessionStorage,
  type ServerSessionStorageOptions,
  type Session,
  type SessionChange,
  type SessionEvents,
  type SessionInfo,
  type SessionNotFound,
  type SessionSource,
  type Store,
  type StoreHealth,
} from '../../src/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

declare function holds<Fact extends true>(): Fact;
declare const store: Store;
declare const storage: ServerSessionStorage;
declare const session: ServerSession;

// Options: each but the store may be undefined, and null means none where there may be none.
new ServerSessionStorage({ store });
new ServerSessionStorage({ store: new MemoryStore({ maxSessions: 5 }), idleTimeout: null, absoluteTimeout: null });
new ServerSessionStorage({ store, timeoutResolution: null, maxSessionsPerUser: null, sweepInterval: null });
new ServerSessionStorage({
  store,
  idleTimeout: undefined,
  authKey: undefined,
  revocations: undefined,
  clock: undefined,
});
new ServerSessionStorage({ store, revocations: new RevocationList(), authKey: 'passport.user', deadline: 500 });
({ store }) satisfies ServerSessionStorageOptions<object, object>;
// @ts-expect-error it must be said where
new ServerSessionStorage({});
// @ts-expect-error no store
new ServerSessionStorage({ store: new Map() });
// @ts-expect-error no such option
new ServerSessionStorage({ store, timeToLive: 5 });
// @ts-expect-error ms are a number
new ServerSessionStorage({ store, idleTimeout: '60' });
// @ts-expect-error there is always one
new ServerSessionStorage({ store, deadline: null });
// @ts-expect-error a list, not its log
new ServerSessionStorage({ store, revocations: {} });

// Everything takes its time.
holds<Same<ReturnType<typeof storage.get>, Promise<ServerSession>>>();
holds<Same<ReturnType<typeof storage.create>, Promise<ServerSession>>>();
holds<Same<ReturnType<typeof storage.commit>, Promise<CommitResult>>>();
holds<Same<ReturnType<typeof storage.revoke>, Promise<RevokeResult>>>();
holds<Same<ReturnType<typeof storage.health>, Promise<StoreHealth>>>();
holds<Same<ReturnType<typeof storage.sweep>, Promise<number>>>();
storage.get(undefined, { touch: false });
storage.commit(session, { eager: true });
// @ts-expect-error no such option
storage.get('x', { peek: true });
// @ts-expect-error a token is another kind
storage.commit({} as Session);
storage satisfies SessionSource<ServerSession>;

// A session saves with a promise, or for a callback.
session.save() satisfies Promise<ServerSession>;
session.save((error?: unknown) => error);
session.regenerate(() => undefined) satisfies Promise<ServerSession>;
session.destroy() satisfies Promise<ServerSession>;
session.setUser('u1').rotate().setLifetime({ persistent: true }) satisfies ServerSession;
session.update((data) => {
  data['count'] = 1;
});
// @ts-expect-error it takes no words
session.save('now');
// @ts-expect-error saving takes its time
session.save().setUser('u1');

// Lists, and changing what somebody else is using.
const listed = await storage.listOfUser('u1', { current: session });
holds<Same<typeof listed, readonly SessionInfo[]>>();
storage.listOfUser(5);
storage.listOfUser('u1', { current: undefined });
storage.listOfUser('u1', { current: { id: 'x', lineage: 'y' } });
for (const info of listed) {
  [info.uid, info.expires, info.isCurrent] satisfies [string | undefined, number, boolean];
  storage.update(info, () => undefined) satisfies Promise<SessionInfo>;
  storage.revoke(info);
  // @ts-expect-error no credential
  info.sid;
}
storage.update({ id: 'x', uid: 'u1' }, (sessionData, userData) => {
  sessionData['count'] = userData['count'];
});
const change: SessionChange<{ n: number }, { name: string }> = (sessionData, userData) => {
  sessionData.n += userData.name === undefined ? 0 : 1;
};
new ServerSessionStorage<{ n: number }, { name: string }>({ store }).update({ id: 'x', lineage: 'y' }, change);
// @ts-expect-error an id alone says too little
storage.update({ id: 'x' }, () => undefined);
// @ts-expect-error a sid is none
storage.update('x', () => undefined);

// Data are typed by the schema, or by hand.
const typed = new ServerSessionStorage<{ cart: string[] }, { name: string }>({ store });
(await typed.create({ cart: [] })).sessionData.cart satisfies string[];
(await typed.get('x')).setUser('u1', { name: 'Ada' }).userData.name satisfies string | undefined;
// @ts-expect-error the cart is missing
typed.create();
// @ts-expect-error a cart holds names
typed.create({ cart: [5] });

// Events that only a store knows.
storage.events.on('conflict', ({ keys, id }) => [keys satisfies readonly string[], id satisfies string]);
storage.events.on('loaded', ({ uid }) => uid);
holds<Same<SessionEvents['reused']['uid'], string | undefined>>();

storage.abilities.listOfUser satisfies boolean;
function explain(error: unknown): string | undefined {
  if (error instanceof storage.errors.SessionNotFound) holds<Same<typeof error, SessionNotFound>>();
  return error instanceof storage.errors.StoreFull ? error.limit.toFixed() : undefined;
}
explain(undefined);

// A store of one's own: `deleteAll` and `reach` may be left out.
const own: Store = {
  create: async ({ id, body, expiresAt }) => void [id satisfies string, body satisfies string, expiresAt?.toFixed()],
  load: async () => undefined,
  update: async () => 'gone',
  touch: async () => false,
  retire: async (_id, _version, { retired }) => (retired.successor === null ? 'ok' : 'conflict'),
  delete: async () => true,
  ofUser: async () => [],
  deleteOfUser: async () => [],
  sweep: async () => [{ id: 'x', uid: null, retired: true }],
  close: async () => undefined,
};
own satisfies Store;
// @ts-expect-error an outcome is one of three words
own satisfies Omit<Store, 'update'> & { update: () => Promise<'done'> };
// @ts-expect-error sweep is missing
({ ...own, sweep: undefined }) satisfies Store;
