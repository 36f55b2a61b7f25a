import type { Store } from '../../src/index.js';
import { ServerSessionStorage } from '../packages.js';
import { type SampleData, type SampleUser, sampleData, sampleUser } from '../token/sample-session.js';
import type { StoreContender } from './contender.js';

let changes = 0;

/** A ServerSessionStorage over a store: `get`, something read or changed, `commit`. */
export async function ours(
  name: string,
  store: Store,
  count: number,
  { count: counted, close }: Pick<StoreContender, 'count' | 'close'>,
): Promise<StoreContender> {
  const storage = new ServerSessionStorage<SampleData, SampleUser>({
    store,
    sweepInterval: null,
  });
  const sids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const session = await storage.create(sampleData(index));
    session.setUser(`user-${index}`, sampleUser(index));
    await storage.commit(session);
    sids.push(session.forClient());
  }
  return {
    name,
    count: counted,
    async look(index) {
      const session = await storage.get(sids[index]);
      if (session.sessionData.cart.length !== 1) throw new Error('another session');
      await storage.commit(session);
    },
    async change(index) {
      const session = await storage.get(sids[index]);
      changes += 1;
      session.sessionData.change = changes;
      await storage.commit(session);
    },
    async close() {
      await storage.close();
      await close();
    },
  };
}
