import { expect } from 'chai';
import type { SessionModel } from '../../src/index.js';
import { serverBench } from '../support/server-sessions.js';
import { bench } from '../support/sessions.js';

const kinds: readonly [string, () => Promise<SessionModel>][] = [
  ['in a token', async () => bench().storage.create({ n: 1 })],
  ['in a store', async () => await serverBench().storage.create({ n: 1 })],
];

for (const [kind, create] of kinds) {
  describe(`An assignment to a property that a session ${kind} does not have`, () => {
    for (const [name, cure] of [
      ['views', 'write session.sessionData.views'],
      ['return-to', 'write session.sessionData["return-to"]'],
      ['__proto', 'write session.sessionData.__proto'],
      ['0', 'write session.sessionData["0"]'],
      ['user', 'setUser(user.id, userData)'],
      ['userId', 'setUser(id)'],
      ['passport', 'authKey'],
    ] as const) {
      it(`throws for ${name} and says: ${cure}`, async () => {
        const session = await create();
        expect(() => Reflect.set(session, name, 1))
          .to.throw(TypeError, 'cannot be assigned')
          .with.property('message')
          .that.includes(cure);
        expect(Object.keys(session)).to.deep.equal([]);
        expect(Reflect.get(session, name)).to.equal(undefined);
        expect(session.sessionData).to.deep.equal({ n: 1 });
      });
    }

    it('throws for a symbol', async () => {
      const session = await create();
      expect(() => Reflect.set(session, Symbol('mine'), 1)).to.throw(TypeError, 'no symbols');
    });

    it('throws for Object.assign, and in sloppy code', async () => {
      const session = await create();
      expect(() => Object.assign(session, { views: 1 })).to.throw(TypeError, 'session.views');
      const sloppy: unknown = new Function('session', 'session.views = 1');
      expect(() => typeof sloppy === 'function' && sloppy(session)).to.throw(TypeError, 'session.views');
    });

    it('says nothing of the value', async () => {
      const session = await create();
      expect(() => Reflect.set(session, 'views', 'secret'))
        .to.throw(TypeError)
        .with.property('message')
        .that.does.not.include('secret');
    });
  });

  describe(`A session ${kind}, with properties that refuse assignment`, () => {
    it('may have a method replaced, as a test double does', async () => {
      const session = await create();
      const double = () => session;
      Reflect.set(session, 'rotate', double);
      expect(session.rotate).to.equal(double);
      Reflect.deleteProperty(session, 'rotate');
      expect(session.rotate).not.to.equal(double);
    });

    it('is an Object, is no thenable, and has no unknown properties', async () => {
      const session = await create();
      expect(session).to.be.instanceOf(Object);
      expect(Reflect.get(session, 'then')).to.equal(undefined);
      expect(await Promise.resolve(session)).to.equal(session);
      expect('views' in session).to.equal(false);
      expect(String(session)).to.equal('[object Object]');
    });
  });
}

describe('A session in a store with authKey', () => {
  it('keeps what is assigned to it, but no symbols', async () => {
    const { storage } = serverBench({ authKey: 'passport.user' });
    const session = await storage.create();
    Reflect.set(session, 'views', 1);
    expect(() => Reflect.set(session, Symbol('mine'), 1)).to.throw(TypeError, 'no symbols');
    await storage.commit(session);
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ views: 1 });
  });
});
