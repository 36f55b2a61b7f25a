import { randomBytes } from 'node:crypto';
import type { PeerStore } from '../packages.js';
import { sampleData, sampleUser } from '../token/sample-session.js';
import type { StoreContender } from './contender.js';

const WEEK = 7 * 24 * 60 * 60 * 1000;

let changes = 0;

/** A store of express-session's, driven as that does with `resave: false`: `get` and `touch`, or `get` and `set`. */
export async function peer(
  name: string,
  store: PeerStore,
  count: number,
  { count: counted, close }: Pick<StoreContender, 'count' | 'close'>,
): Promise<StoreContender> {
  const sids = Array.from({ length: count }, () => randomBytes(24).toString('base64url'));
  const get = (sid: string): Promise<object> => {
    return new Promise((resolve, reject) => {
      store.get(sid, (error, session) => (session ? resolve(session) : reject(error ?? new Error('no session'))));
    });
  };
  const put = (method: 'set' | 'touch', sid: string, session: object): Promise<void> => {
    return new Promise((resolve, reject) => {
      store[method](sid, session, (error) => (error ? reject(error) : resolve()));
    });
  };
  for (const [index, sid] of sids.entries()) {
    const cookie = { originalMaxAge: WEEK, maxAge: WEEK, expires: new Date(Date.now() + WEEK), path: '/' };
    await put('set', sid, { cookie, uid: `user-${index}`, userData: sampleUser(index), ...sampleData(index) });
  }
  return {
    name,
    count: counted,
    close,
    async look(index) {
      const sid = sids[index] ?? '';
      const session = await get(sid);
      if (!('cart' in session)) throw new Error('another session');
      await put('touch', sid, session);
    },
    async change(index) {
      const sid = sids[index] ?? '';
      changes += 1;
      await put('set', sid, Object.assign(await get(sid), { change: changes }));
    },
  };
}
