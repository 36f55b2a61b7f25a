import { expect } from 'chai';
import { ServerSession } from '../../src/index.js';
import { errorOf } from '../support/outcomes.js';
import { heldSid, serverBench } from '../support/server-sessions.js';
import { issuedBy } from '../support/sessions.js';

describe('A session of a storage with authKey, for code written for express-session', () => {
  const bench = () => serverBench({ authKey: 'passport.user' });

  it('shows the keys of its sessionData as properties, both ways', async () => {
    const { storage } = bench();
    const session = await storage.get(await heldSid(storage, { cart: ['tea'], n: 1 }, 'u1'));
    expect(Object.keys(session)).to.deep.equal(['cart', 'n', 'passport']);
    expect(Reflect.get(session, 'cart')).to.equal(session.sessionData['cart']);
    Reflect.set(session, 'n', 2);
    expect(session.sessionData['n']).to.equal(2);
    session.sessionData['n'] = 3;
    expect(Reflect.get(session, 'n')).to.equal(3);
  });

  it('stores properties that are new, changed and gone', async () => {
    const { storage } = bench();
    const sid = await heldSid(storage, { changed: 1, gone: 1, same: 1 });
    const session = await storage.get(sid);
    Reflect.set(session, 'fresh', { n: 1 });
    Reflect.set(session, 'changed', 2);
    Reflect.deleteProperty(session, 'gone');
    await storage.commit(session);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ changed: 2, same: 1, fresh: { n: 1 } });
  });

  it('stores one that was deleted and set again, and one set again after it was saved', async () => {
    const { storage } = bench();
    const session = await storage.create({ a: 1 });
    Reflect.deleteProperty(session, 'a');
    Reflect.set(session, 'a', 2);
    await session.save();
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ a: 2 });
    Reflect.deleteProperty(session, 'a');
    await session.save();
    Reflect.set(session, 'a', 3);
    await session.save();
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ a: 3 });
  });

  it('begins to be worth a sid once a property is set', async () => {
    const { storage } = bench();
    const session = storage.blank();
    Reflect.set(session, 'returnTo', '/deep');
    const sid = await issuedBy(storage.commit(session));
    expect((await storage.get(sid)).sessionData).to.deep.equal({ returnTo: '/deep' });
  });

  it('leaves what a session has of its own alone', async () => {
    const { storage } = bench();
    const data = { id: 'mine', save: 1, constructor: 2, dataBefore: 3 };
    const session = await storage.get(await heldSid(storage, data, 'u1'));
    expect(Object.keys(session)).to.deep.equal(['passport']);
    expect(session.id).to.have.length(43);
    expect(() => Reflect.set(session, 'id', 'other')).to.throw(TypeError, 'rotate()');
    Object.defineProperty(session, 'save', { configurable: true, enumerable: true, value: () => undefined });
    await storage.commit(session);
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ ...data, passport: { user: 'u1' } });
  });

  it('is written only when something changed', async () => {
    const { storage, clock } = bench();
    const session = await storage.get(await heldSid(storage, { cart: ['tea'] }, 'u1'));
    clock.advance(1);
    for (const key of Object.keys(session)) Reflect.get(session, key);
    expect(await storage.commit(session)).to.deep.equal({ outcome: 'unchanged' });
  });

  it('refuses by name what JSON cannot carry', async () => {
    const session = await bench().storage.create();
    Reflect.set(session, 'helper', () => 1);
    expect(await errorOf(() => session.save())).to.include({ path: 'sessionData.helper' });
  });

  it('is given back what regenerate took by whoever copies all that can be found on it, and nothing without', async () => {
    const { storage } = bench();
    for (const isCopied of [true, false]) {
      const session = await storage.create({ cart: ['tea'] });
      Reflect.set(session, 'late', 1);
      await session.regenerate();
      expect(session.sessionData).to.deep.equal({});
      if (isCopied) for (const key in session) Reflect.set(session, key, Reflect.get(session, key));
      await session.save();
      const expected = isCopied ? { cart: ['tea'], late: 1 } : {};
      expect((await storage.get(session.forClient())).sessionData).to.deep.equal(expected);
    }
  });

  it('is a ServerSession by class and name', async () => {
    const session = await bench().storage.create();
    expect(session).to.be.instanceOf(ServerSession);
    expect(session.constructor.name).to.equal('ServerSession');
  });
});

describe('A session of a storage without authKey', () => {
  it('shows nothing of its data', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, { cart: ['tea'] }));
    expect(Object.keys(session)).to.deep.equal([]);
    expect(await storage.commit(session)).to.deep.equal({ outcome: 'unchanged' });
  });
});
