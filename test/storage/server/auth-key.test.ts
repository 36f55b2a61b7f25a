import { expect } from 'chai';
import fc from 'fast-check';
import { AuthKey } from '../../../src/storage/server/auth-key.js';
import { anyText, canonical, jsonObject } from '../../support/json-data.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { bodyOf, faultyBench, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

type Data = Record<string, unknown>;

const PATHS = ['_ID', 'passport.user', 'a.b.c'] as const;

/** Data with the uid at a path, nothing else. */
function at(path: string, uid: unknown): Data {
  const data: Data = {};
  place(data, path, uid);
  return data;
}

/** Puts a value at a path of own properties. */
function place(data: Data, path: string, value: unknown): void {
  const keys = path.split('.');
  const leaf = keys.pop() ?? '';
  let inner: object = data;
  for (const key of keys) {
    if (!Object.hasOwn(inner, key)) Reflect.set(inner, key, {});
    inner = Object(Reflect.get(inner, key));
  }
  Reflect.set(inner, leaf, value);
}

for (const authKey of PATHS) {
  describe(`authKey ${JSON.stringify(authKey)}: what the application reads`, () => {
    it('is the uid, at the path, in a session that is opened', async () => {
      const { storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage, { cart: 1 }, 'u1'));
      expect(session.sessionData).to.deep.equal({ cart: 1, ...at(authKey, 'u1') });
      expect([session.uid, session.isModified]).to.deep.equal(['u1', false]);
    });

    it('is nothing there when nobody is signed in', async () => {
      const { storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage, { cart: 1 }));
      expect(session.sessionData).to.deep.equal({ cart: 1 });
    });

    it('is not stored twice: the record has it in uid alone', async () => {
      const { store, storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage, { cart: 1 }, 'u1'));
      session.sessionData['cart'] = 2;
      await storage.commit(session);
      expect((await recordOf(store, session.id)).uid).to.equal('u1');
      expect(await bodyOf(store, session.id)).to.deep.include({ sessionData: { cart: 2 } });
    });

    it('follows setUser once it was saved', async () => {
      const { storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage, {}, 'u1'));
      expect(session.sessionData).to.deep.equal(at(authKey, 'u1'));
      await session.setUser('u2').save();
      expect(session.sessionData).to.deep.equal(at(authKey, 'u2'));
      await session.setUser(null).save();
      expect(authKeyOf(authKey).read(session.sessionData)).to.equal(undefined);
    });
  });

  describe(`authKey ${JSON.stringify(authKey)}: what the application writes`, () => {
    guardRejections();

    it('signs in: a new id, a new life, and the old sid opens nothing (row 5)', async () => {
      const { clock, storage } = serverBench({ authKey });
      const sid = await heldSid(storage, { cart: 1 });
      clock.advance(5);
      const session = await storage.get(sid);
      place(session.sessionData, authKey, 'u1');
      const renewed = await issuedBy(storage.commit(session));
      expect(await openingOf(storage, sid)).to.equal('superseded');
      const opened = await storage.get(renewed);
      expect([opened.uid, opened.created, opened.authenticatedAt]).to.deep.equal(['u1', NOW + 5, NOW + 5]);
      expect(opened.sessionData).to.deep.equal({ cart: 1, ...at(authKey, 'u1') });
    });

    it('signs in by save() as by commit', async () => {
      const { storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage));
      place(session.sessionData, authKey, 'u1');
      await session.save();
      expect(session.uid).to.equal('u1');
      expect((await storage.listOfUser('u1')).map(({ id }) => id)).to.deep.equal([session.id]);
    });

    it('signs another one in', async () => {
      const { storage } = serverBench({ authKey });
      const sid = await heldSid(storage, {}, 'u1');
      const session = await storage.get(sid);
      place(session.sessionData, authKey, 'u2');
      const renewed = await issuedBy(storage.commit(session));
      expect((await storage.get(renewed)).uid).to.equal('u2');
      expect([await openingOf(storage, sid), await storage.listOfUser('u1')]).to.deep.equal(['superseded', []]);
    });

    it('signs out when it is deleted, or set to null, undefined or false', async () => {
      for (const value of [null, undefined, false]) {
        const { storage } = serverBench({ authKey });
        const sid = await heldSid(storage, { cart: 1 }, 'u1');
        const session = await storage.get(sid);
        place(session.sessionData, authKey, value);
        const renewed = await issuedBy(storage.commit(session));
        const opened = await storage.get(renewed);
        expect([opened.uid, opened.userData, opened.sessionData]).to.deep.equal([undefined, {}, { cart: 1 }]);
        expect(await openingOf(storage, sid)).to.equal('superseded');
      }
      const { storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage, { cart: 1 }, 'u1'));
      Reflect.deleteProperty(session.sessionData, authKey.split('.')[0] ?? '');
      expect((await storage.get(await issuedBy(storage.commit(session)))).uid).to.equal(undefined);
    });

    it('signs out when sessionData is replaced without it', async () => {
      const { storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage, { cart: 1 }, 'u1'));
      session.sessionData = { cart: 2 };
      const opened = await storage.get(await issuedBy(storage.commit(session)));
      expect([opened.uid, opened.sessionData]).to.deep.equal([undefined, { cart: 2 }]);
    });

    it('takes numbers and bigints for the ids that they spell, 0 too', async () => {
      for (const [value, uid] of [
        [7, '7'],
        [0, '0'],
        [-3, '-3'],
        [2n ** 64n, '18446744073709551616'],
      ] as const) {
        const { storage } = serverBench({ authKey });
        const session = await storage.get(await heldSid(storage));
        place(session.sessionData, authKey, value);
        const opened = await storage.get(await issuedBy(storage.commit(session)));
        expect([opened.uid, opened.sessionData]).to.deep.equal([uid, at(authKey, uid)]);
      }
    });

    it('does nothing when it says who is signed in already', async () => {
      const { storage, store } = faultyBench({ authKey });
      const session = await storage.get(await heldSid(storage, {}, 'u1'));
      place(session.sessionData, authKey, 'u1');
      store.forgetCalls();
      expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
      expect(store.calls).to.deep.equal([]);
    });

    it('refuses what can name no user with a TypeError, and stores nothing', async () => {
      for (const value of ['', 'a\0b', '\ud800', 'x'.repeat(256), Number.NaN, 1.5, {}, [], true, { id: 'u1' }]) {
        const { storage, store } = faultyBench({ authKey });
        const sid = await heldSid(storage);
        const session = await storage.get(sid);
        place(session.sessionData, authKey, value);
        store.forgetCalls();
        expect(await errorOf(() => storage.commit(session)), String(value)).to.be.instanceOf(TypeError);
        expect(store.calls).to.deep.equal([]);
        expect((await storage.get(sid)).uid).to.equal(undefined);
      }
    });

    it('loses against setUser, which was said on purpose', async () => {
      const { clock, storage } = serverBench({ authKey });
      for (const [from, explicit, written] of [
        [undefined, 'u1', 'u2'],
        ['u1', 'u2', 'u3'],
        ['u1', null, 'u2'],
        ['u1', 'u1', 'u2'],
        ['u1', 'u2', undefined],
      ] as const) {
        const session = await storage.get(await heldSid(storage, {}, from));
        clock.advance(1);
        place(session.sessionData, authKey, written);
        session.setUser(explicit === null ? null : { _id: explicit });
        await session.save();
        expect(session.uid, `${from} ${explicit} ${written}`).to.equal(explicit ?? undefined);
        expect(authKeyOf(authKey).read(session.sessionData)).to.equal(explicit ?? undefined);
      }
    });

    it('loses against setUser in the millisecond of the sign-in before, too', async () => {
      const { storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage, {}, 'u1'));
      place(session.sessionData, authKey, 'u3');
      await session.setUser('u2').save();
      expect(session.uid).to.equal('u2');
    });

    it('counts after regenerate, as Passport signs in', async () => {
      const { storage } = serverBench({ authKey });
      for (const before of [undefined, 'u1']) {
        const session = await storage.get(await heldSid(storage, { a: 1 }, before));
        await session.regenerate();
        place(session.sessionData, authKey, 'u2');
        await session.save();
        const opened = await storage.get(session.forClient());
        expect([opened.uid, opened.sessionData]).to.deep.equal(['u2', at(authKey, 'u2')]);
      }
    });

    it('counts again once setUser was saved', async () => {
      const { storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage));
      await session.setUser('u1').save();
      expect(authKeyOf(authKey).read(session.sessionData)).to.equal('u1');
      place(session.sessionData, authKey, 'u2');
      await session.save();
      expect(session.uid).to.equal('u2');
      place(session.sessionData, authKey, null);
      await session.save();
      expect(session.uid).to.equal(undefined);
    });

    it('counts again after a setUser that nobody looked at the data for', async () => {
      const { storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage, { cart: 1 }, 'u1'));
      await storage.commit(session.setUser('u2'));
      const opened = await storage.get(session.forClient());
      expect(opened.sessionData).to.deep.equal({ cart: 1, ...at(authKey, 'u2') });
      place(session.sessionData, authKey, 'u3');
      await session.save();
      expect(session.uid).to.equal('u3');
    });

    it('begins a session made for a request', async () => {
      const { storage } = serverBench({ authKey });
      const session = storage.blank();
      place(session.sessionData, authKey, 'u1');
      expect((await storage.get(await issuedBy(storage.commit(session)))).uid).to.equal('u1');
    });

    it('is held to the limit per user', async () => {
      const { clock, storage } = serverBench({ authKey, maxSessionsPerUser: 1 });
      const sids = [];
      for (let count = 0; count < 2; count += 1) {
        clock.advance(1);
        const session = storage.blank();
        place(session.sessionData, authKey, 'u1');
        sids.push(await issuedBy(storage.commit(session)));
      }
      expect(await openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'opened']);
    });

    it('is not listened to after revoke', async () => {
      const { storage } = serverBench({ authKey });
      const session = await storage.get(await heldSid(storage, {}, 'u1'));
      place(session.sessionData, authKey, 'u2');
      expect(await outcomeOf(storage.commit(session.revoke()))).to.equal('ended');
      expect(await storage.listOfUser('u2')).to.deep.equal([]);
    });

    it('is merged with what another request writes at the same time', async () => {
      const { storage } = serverBench({ authKey });
      const sid = await heldSid(storage, { a: 1 }, 'u1');
      const [one, other] = [await storage.get(sid), await storage.get(sid)];
      one.sessionData['b'] = 2;
      other.sessionData['c'] = 3;
      await Promise.all([storage.commit(one), storage.commit(other)]);
      const stored = await storage.get(sid);
      expect(stored.sessionData).to.deep.equal({ a: 1, b: 2, c: 3, ...at(authKey, 'u1') });
      expect(stored.uid).to.equal('u1');
    });

    it('keeps its place through update(), which can sign nobody in from outside', async () => {
      const { storage } = serverBench({ authKey });
      const sid = await heldSid(storage, { n: 0 }, 'u1');
      const session = await storage.get(sid);
      const change = (data: Data): void => {
        data['n'] = Number(data['n']) + 1;
        place(data, authKey, 'intruder');
      };
      await storage.update({ id: session.id, lineage: session.lineage }, change);
      const stored = await storage.get(sid);
      expect([stored.uid, stored.sessionData]).to.deep.equal(['u1', { n: 1, ...at(authKey, 'u1') }]);
    });
  });
}

/** Whether on the way to a path there is nothing that would have to give way to an object. */
function isPassable(data: Data, path: string): boolean {
  let inner: object = data;
  for (const key of path.split('.').slice(0, -1)) {
    const next: unknown = Object.getOwnPropertyDescriptor(inner, key)?.value;
    if (next === undefined) return true;
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return false;
    inner = next;
  }
  return true;
}

function authKeyOf(path: string): AuthKey {
  return new AuthKey(path);
}

describe('authKey and the objects on its path', () => {
  it('keeps what else is in them', async () => {
    const { store, storage } = serverBench({ authKey: 'passport.user' });
    const session = await storage.get(await heldSid(storage, { passport: { theme: 'dark' } }, 'u1'));
    expect(session.sessionData).to.deep.equal({ passport: { theme: 'dark', user: 'u1' } });
    expect(await bodyOf(store, session.id)).to.deep.include({ sessionData: { passport: { theme: 'dark' } } });
    const sid = await issuedBy(storage.commit(session.setUser(null)));
    expect((await storage.get(sid)).sessionData).to.deep.equal({ passport: { theme: 'dark' } });
  });

  it('leaves no empty object behind in the store', async () => {
    const { store, storage } = serverBench({ authKey: 'passport.user' });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    Reflect.set(session.sessionData, 'x', 1);
    await storage.commit(session);
    expect(await bodyOf(store, session.id)).to.deep.include({ sessionData: { x: 1 } });
  });

  it('puts an object in place of what is none, when somebody is signed in', async () => {
    const { storage } = serverBench({ authKey: 'passport.user' });
    const session = await storage.get(await heldSid(storage, { passport: 'text' }, 'u1'));
    expect(session.sessionData).to.deep.equal({ passport: { user: 'u1' } });
  });

  it('looks at own properties alone (row 55)', async () => {
    const { storage } = serverBench({ authKey: 'constructor.name' });
    const session = await storage.get(await heldSid(storage, { a: 1 }));
    expect(await outcomeOf(storage.commit(Object.assign(session, {})))).to.equal('unchanged');
    expect(session.sessionData).to.deep.equal({ a: 1 });
    const signedIn = await issuedBy(storage.commit(session.setUser('u1')));
    const opened = await storage.get(signedIn);
    expect(JSON.stringify(opened.sessionData)).to.equal('{"a":1,"constructor":{"name":"u1"}}');
    expect(Reflect.get({}, 'name')).to.equal(undefined);
  });
});

describe('AuthKey', () => {
  it('finds nobody in an array, which write() replaces and without() leaves alone', () => {
    const key = new AuthKey('passport.0');
    const data = { passport: ['u1'] };
    expect(key.read(data)).to.equal(undefined);
    expect(key.without(data)).to.deep.equal(data);
  });
});

describe('AuthKey, on any JSON', () => {
  const paths = fc.oneof(
    fc.constantFrom(...PATHS, 'constructor', 'constructor.name', 'toString', '0', 'a'),
    fc
      .array(
        anyText.filter((key) => key !== '' && key !== '__proto__' && !key.includes('.')),
        { minLength: 1, maxLength: 3 },
      )
      .map((keys) => keys.join('.')),
  );
  const uids = fc.string({ minLength: 1, maxLength: 10 });

  it('reads back what it wrote, and nothing once it was taken away', () => {
    fc.assert(
      fc.property(jsonObject, paths, uids, (data, path, uid) => {
        const key = new AuthKey(path);
        key.write(data, uid);
        expect(key.read(data)).to.equal(uid);
        key.write(data, undefined);
        expect(key.read(data)).to.equal(undefined);
      }),
      { numRuns: 300 },
    );
  });

  it('with() and without() leave the data that they are given alone', () => {
    fc.assert(
      fc.property(jsonObject, paths, uids, (data, path, uid) => {
        const key = new AuthKey(path);
        const before = canonical(data);
        key.with(data, uid);
        key.without(data);
        expect(canonical(data)).to.equal(before);
      }),
      { numRuns: 300 },
    );
  });

  it('without() takes away what with() put in, and nothing else that was of use', () => {
    fc.assert(
      fc.property(jsonObject, paths, uids, (data, path, uid) => {
        const key = new AuthKey(path);
        const bare = key.without(data);
        expect(key.read(bare)).to.equal(undefined);
        if (isPassable(bare, path)) {
          expect(canonical(key.without(key.with(bare, uid)))).to.equal(canonical(key.without(bare)));
        }
        for (const one of Object.keys(data)) {
          if (one === path.split('.')[0]) continue;
          expect(canonical(Object.getOwnPropertyDescriptor(bare, one)?.value)).to.equal(
            canonical(Object.getOwnPropertyDescriptor(data, one)?.value),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('pollutes no prototype (row 55)', () => {
    const clean = Object.getOwnPropertyNames(Object.prototype).sort();
    fc.assert(
      fc.property(jsonObject, paths, uids, (data, path, uid) => {
        const key = new AuthKey(path);
        key.write(data, uid);
        expect(Object.getPrototypeOf(data)).to.equal(Object.prototype);
        expect(Object.getOwnPropertyNames(Object.prototype).sort()).to.deep.equal(clean);
      }),
    );
  });
});
