import {
  type CommitResult,
  MemoryStore,
  ServerSessionStorage,
  type ServerSessionStorageOptions,
  type SessionModel,
  type Store,
} from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { issuedBy } from './sessions.js';
import { NOW } from './token-fixtures.js';

type Options<Data, User, DataInput> = Partial<ServerSessionStorageOptions<Data, User, DataInput>>;

/** A storage, its store, in memory unless another is given, and the clock it goes by, which stands still until it is set. */
export function serverBench<Data = Record<string, unknown>, User = Record<string, unknown>, DataInput = Data>(
  options: Options<Data, User, DataInput> = {},
): {
  readonly clock: FakeClock;
  readonly store: Store;
  readonly storage: ServerSessionStorage<Data, User, DataInput>;
} {
  const clock = new FakeClock(NOW);
  const store = options.store ?? new MemoryStore();
  const storage = new ServerSessionStorage<Data, User, DataInput>({ sweepInterval: null, clock, ...options, store });
  return { clock, store, storage };
}

/** The sid of a session with these data that some client holds, signed in when there is a uid. */
export async function heldSid(storage: Holder, data: object = {}, uid?: string): Promise<string> {
  const session = await storage.create(data);
  if (uid !== undefined) session.setUser(uid);
  return await issuedBy(storage.commit(session));
}

/** A storage of any data that need not be told. */
interface Holder {
  create(data?: object): SessionModel<unknown, unknown> | Promise<SessionModel<unknown, unknown>>;
  commit(session: SessionModel<unknown, unknown>): CommitResult | Promise<CommitResult>;
}
