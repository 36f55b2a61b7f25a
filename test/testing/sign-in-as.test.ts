import { expect } from 'chai';
import express, { type Request, type Response } from 'express';
import { activateSessions } from '../../src/adapters/express.js';
import {
  MemoryStore,
  RevocationList,
  ServerSessionStorage,
  SessionDataInvalid,
  SessionEnded,
  SessionStorage,
} from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { type SignedIn, type SignInOptions, signInAs } from '../../src/testing/sign-in-as.js';
import { jsonOf } from '../support/answers.js';
import { ask, guardProcess, serve } from '../support/deferred-head.js';
import { errorOf } from '../support/outcomes.js';
import { callUntyped, SECRET } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

interface Data {
  cart?: string[];
}

interface User {
  name: string;
}

const ADA = { _id: 'u1', userData: { name: 'Ada' } };

const tokens = (clock = new FakeClock(NOW)) =>
  new SessionStorage<Data, User>({ jwtSecret: SECRET, revocations: new RevocationList({ clock }), clock });
const server = (clock = new FakeClock(NOW)) =>
  new ServerSessionStorage<Data, User>({ store: new MemoryStore(), sweepInterval: null, clock });

type Storage = SessionStorage<Data, User> | ServerSessionStorage<Data, User>;

function signIn(
  storage: Storage,
  options?: SignInOptions<Data>,
  user: typeof ADA | string | number = ADA,
): Promise<SignedIn> {
  if (storage instanceof SessionStorage) return signInAs(storage, user, options);
  return signInAs(storage, user, options);
}

interface Ways {
  readonly cookie?: true | string;
  readonly header?: true | string;
}

for (const [name, make] of [
  ['a SessionStorage', tokens],
  ['a ServerSessionStorage', server],
] as const) {
  describe(`signInAs on ${name}`, () => {
    guardProcess();

    /** An application that tells who asks. */
    async function appOf(sessionStorage: Storage, how: Ways = { cookie: true }): Promise<number> {
      const app = express();
      app.set('trust proxy', true);
      const sessions =
        sessionStorage instanceof SessionStorage
          ? activateSessions({ sessionStorage, ...how })
          : activateSessions({ sessionStorage, ...how });
      app.use(sessions);
      app.get('/', (request: Request, response: Response) => {
        const { uid = null, userData, sessionData, id } = sessions.of(request);
        response.json({ uid, userData, sessionData, id });
      });
      app.get('/change', (request: Request, response: Response) => {
        sessions.of(request).rotate();
        response.json({});
      });
      return await serve(app);
    }

    it('gives a session that the application knows', async () => {
      const storage = make();
      const ada = await signIn(storage, { data: { cart: ['tea'] } });
      const port = await appOf(storage);
      const answer = await ask(port, { headers: { ...ada.headers } });
      expect(JSON.parse(answer.text)).to.deep.equal({
        uid: 'u1',
        userData: { name: 'Ada' },
        sessionData: { cart: ['tea'] },
        id: ada.id,
      });
      expect(answer.headers['set-cookie'], 'it is as good as one that the application issued').to.equal(undefined);
      expect(jsonOf(await ask(port), 'uid')).to.equal(null);
    });

    it('names the session, and gives the sid', async () => {
      const storage = make();
      const ada = await signIn(storage);
      expect(ada).to.include({ uid: 'u1', lineage: ada.id });
      expect(ada.headers).to.deep.equal({ cookie: `sid=${ada.sid}` });
      expect((await storage.get(ada.sid)).id).to.equal(ada.id);
      expect(await storage.check(ada)).not.to.equal('ended');
    });

    it('takes an id, and a number as one', async () => {
      const storage = make();
      for (const user of ['u1', 5]) {
        const { sid, uid } = await signIn(storage, {}, user);
        expect([uid, (await storage.get(sid)).uid]).to.deep.equal([String(user), String(user)]);
      }
    });

    for (const [how, options, names] of [
      ['under the name of the cookie', { cookie: 'shop' }, ['cookie']],
      ['by header', { header: true }, ['X-Session-Id']],
      ['under the name of the header', { header: 'X-Shop' }, ['X-Shop']],
      ['by both', { header: true, cookie: 'shop' }, ['X-Session-Id', 'cookie']],
    ] as const) {
      it(`sends the sid ${how}`, async () => {
        const storage = make();
        const ada = await signIn(storage, options);
        expect(Object.keys(ada.headers)).to.deep.equal(names);
        const port = await appOf(storage, options);
        expect(jsonOf(await ask(port, { headers: { ...ada.headers } }), 'uid')).to.equal('u1');
      });
    }

    for (const cookie of ['__Host-sid', '__Secure-sid', '__Http-sid', '__Host-Http-sid']) {
      it(`is found under ${cookie}, on plain HTTP from this machine and behind TLS`, async () => {
        const storage = make();
        const ada = await signIn(storage, { cookie });
        const port = await appOf(storage, { cookie });
        for (const others of [{}, { 'x-forwarded-proto': 'https' }]) {
          const answer = await ask(port, { headers: { ...ada.headers, ...others } });
          expect(jsonOf(answer, 'uid')).to.equal('u1');
        }
      });
    }

    it('signs out, also under an id that the session has got since', async () => {
      for (const isRotated of [false, true]) {
        const storage = make();
        const ada = await signIn(storage);
        const port = await appOf(storage);
        if (isRotated) await ask(port, { path: '/change', headers: { ...ada.headers } });
        await ada.signOut();
        expect(jsonOf(await ask(port, { headers: { ...ada.headers } }), 'uid')).to.equal(null);
        expect(await storage.check(ada)).to.equal('ended');
      }
    });

    it('gives sessions that do not know of each other', async () => {
      const storage = make();
      const [one, other] = [await signIn(storage), await signIn(storage)];
      await one.signOut();
      expect((await storage.get(other.sid)).uid).to.equal('u1');
    });

    it('refuses misspelt options, names that are none, and what is no storage or user', async () => {
      const storage = make();
      const call = (...args: readonly unknown[]) => errorOf(() => callUntyped({ signInAs }, 'signInAs', ...args));
      for (const options of [
        { cokie: 'sid' },
        { cookie: '' },
        { cookie: 'a b' },
        { header: false },
        { header: 'a:b' },
        5,
      ]) {
        expect(await call(storage, 'u1', options), JSON.stringify(options)).to.be.instanceOf(TypeError);
      }
      expect(await call(storage, '')).to.be.instanceOf(TypeError);
      expect(await call(storage, null)).to.be.instanceOf(TypeError);
      for (const other of [undefined, {}, { create: () => ({}), commit: () => ({}), revoke: () => ({}) }]) {
        expect(await call(other, 'u1'))
          .to.be.instanceOf(TypeError)
          .with.property('message', 'signInAs: the first argument must be a SessionStorage or a ServerSessionStorage');
      }
      expect(await call(storage, 'u1', { data: { cart: 5n } })).to.be.instanceOf(SessionDataInvalid);
    });
  });
}

describe('signInAs', () => {
  it('takes a model', async () => {
    const name = 'Ada';
    function get(key: '_id'): string;
    function get(key: 'userData'): User;
    function get(key: string): unknown {
      return key === '_id' ? 'u7' : { name };
    }
    const storage = server();
    const { sid } = await signInAs(storage, { get });
    expect(await storage.get(sid)).to.deep.include({ uid: 'u7', userData: { name } });
  });

  it('cannot sign out where tokens cannot be revoked', async () => {
    const ada = await signInAs(new SessionStorage({ jwtSecret: SECRET }), 'u1');
    expect(await errorOf(() => ada.signOut())).to.be.instanceOf(TypeError);
  });

  it('says so when the user may have no more sessions', async () => {
    const store = new MemoryStore();
    const clock = new FakeClock(NOW);
    const storage = new ServerSessionStorage({ store, clock, sweepInterval: null, maxSessionsPerUser: 1 });
    const ada = await signInAs(storage, 'u1');
    clock.set(clock.now() - 1);
    expect(await errorOf(() => signInAs(storage, 'u1'))).to.be.instanceOf(SessionEnded);
    expect(await storage.check(ada)).not.to.equal('ended');
  });

  it('is typed by its storage', () => {
    const storage = server();
    const check = async () => {
      await signInAs(storage, { _id: 'u1', userData: { name: 'Ada' } }, { data: { cart: ['tea'] } });
      await signInAs(tokens(), 'u1', { data: { cart: [] } });
      // @ts-expect-error a name is a string
      await signInAs(storage, { _id: 'u1', userData: { name: 5 } });
      // @ts-expect-error a cart holds names
      await signInAs(storage, 'u1', { data: { cart: [5] } });
      // @ts-expect-error no such option
      await signInAs(storage, 'u1', { cokie: 'sid' });
    };
    expect(check).to.be.a('function');
  });
});
