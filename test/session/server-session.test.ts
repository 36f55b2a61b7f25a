import { expect } from 'chai';
import { ServerSession, Session, SessionDataInvalid, SessionEnded, SessionModel } from '../../src/index.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../support/outcomes.js';
import { guardRejections } from '../support/rejections.js';
import { faultyBench } from '../support/server-outcomes.js';
import { heldSid, serverBench } from '../support/server-sessions.js';
import { callUntyped, issuedBy } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

describe('ServerSession', () => {
  it('is a SessionModel and no Session', async () => {
    const session = await serverBench().storage.create();
    expect(session).to.be.instanceOf(ServerSession).and.instanceOf(SessionModel);
    expect(session instanceof Session).to.equal(false);
  });

  it('has the attributes and manners of every session', async () => {
    const { storage } = serverBench();
    const session = await storage.create({ a: 1 });
    expect(session.get('sessionData')).to.deep.equal({ a: 1 });
    expect([session.has('uid'), session.has('sessionData')]).to.deep.equal([false, true]);
    session
      .set('sessionData', { b: 2 })
      .setUser('u1')
      .set({ userData: { name: 'Ada' } });
    expect([session.uid, session.userData, session.sessionData]).to.deep.equal(['u1', { name: 'Ada' }, { b: 2 }]);
    expect(() => callUntyped(session, 'set', 'uid', 'u2')).to.throw(TypeError, 'setUser');
  });

  it('gives uid undefined, never null, before and after a round trip', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    session.setUser(null);
    expect(session.uid).to.equal(undefined);
    expect((await storage.get(await issuedBy(storage.commit(session)))).uid).to.equal(undefined);
  });
});

describe('ServerSession.save', () => {
  guardRejections();

  it('stores the session now, before the response, and gives the session', async () => {
    const { clock, storage } = serverBench();
    const sid = await heldSid(storage, { a: 1 });
    const session = await storage.get(sid);
    clock.advance(5);
    session.sessionData['b'] = 2;
    expect(await session.save()).to.equal(session);
    const stored = await storage.get(sid, { touch: false });
    expect([stored.sessionData, stored.lastUpdate, stored.lastAccess]).to.deep.equal([
      { a: 1, b: 2 },
      NOW + 5,
      NOW + 5,
    ]);
    expect([session.lastUpdate, session.lastAccess, session.isModified]).to.deep.equal([NOW + 5, NOW + 5, false]);
  });

  it('of a sign-in is there for the next request, as Passport’s users redirect after it', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage));
    await session.setUser('u1').save();
    const opened = await storage.get(session.forClient());
    expect(opened.uid).to.equal('u1');
    expect(await issuedBy(storage.commit(session))).to.equal(opened.forClient());
  });

  it('of a rotation and then of a change leaves one session', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, {}, 'u1');
    const session = await storage.get(sid);
    await session.rotate().save();
    session.sessionData['a'] = 1;
    await session.save();
    expect((await storage.listOfUser('u1')).length).to.equal(1);
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ a: 1 });
  });

  it('rejects data that JSON cannot carry, and SessionEnded after revoke', async () => {
    const { storage } = serverBench();
    const session = await storage.create();
    session.sessionData['a'] = () => 1;
    expect(await errorOf(() => session.save())).to.be.instanceOf(SessionDataInvalid);
    expect(await errorOf(() => session.revoke().save())).to.be.instanceOf(SessionEnded);
  });
});

describe('ServerSession.regenerate', () => {
  guardRejections();

  it('empties the session: no data, no user, no info, no life of its own, a new id and lineage', async () => {
    const { clock, storage } = serverBench();
    const made = await storage.create({ a: 1 });
    made.setUser('u1', { name: 'Ada' }).setLifetime({ idleTimeout: 5_000 }).info = { device: 'd' };
    const sid = await issuedBy(storage.commit(made));
    clock.advance(5);
    const session = await storage.get(sid);
    const before = { id: session.id, lineage: session.lineage };
    expect(await session.regenerate()).to.equal(session);
    expect([session.sessionData, session.uid, session.userData, session.info]).to.deep.equal([{}, undefined, {}, {}]);
    expect([session.created, session.lastAccess, session.lastUpdate]).to.deep.equal([NOW + 5, NOW + 5, NOW + 5]);
    expect(session.getTTL()).to.equal(storage.expiry.lastAccess);
    expect(session.lineage).to.equal(session.id).and.not.to.equal(before.lineage);
    expect(session.id).not.to.equal(before.id);
  });

  it('takes a life of its own from a guest’s session too', async () => {
    const { storage } = serverBench();
    const session = await storage.create();
    session.setLifetime({ idleTimeout: 5_000, persistent: true });
    await storage.commit(session);
    await session.regenerate();
    expect(session.getTTL()).to.equal(storage.expiry.lastAccess);
    expect(await storage.commit(session)).to.have.property('persistent', undefined);
  });

  it('stores nothing by itself: until it is saved the old sid opens the old session', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, { a: 1 });
    const session = await storage.get(sid);
    store.forgetCalls();
    await session.regenerate();
    expect(store.calls).to.deep.equal([]);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 1 });
    const renewed = await issuedBy(storage.commit(session));
    expect(await openingsOf(storage, sid, renewed)).to.deep.equal(['superseded', 'opened']);
    expect((await storage.get(renewed)).sessionData).to.deep.equal({});
  });

  it('twice is one new session', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage, { a: 1 }));
    store.forgetCalls();
    await session.regenerate();
    await session.regenerate();
    session.sessionData['b'] = 1;
    await session.save();
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['create', 'retire']);
  });

  it('gives a fresh session to sign in to, of which nothing planted before is left (row 5)', async () => {
    const { storage } = serverBench();
    const planted = await heldSid(storage, { role: 'admin' });
    const session = await storage.get(planted);
    await session.regenerate();
    await session.setUser('u1').save();
    const opened = await storage.get(session.forClient());
    expect([opened.uid, opened.sessionData]).to.deep.equal(['u1', {}]);
    expect(await openingOf(storage, planted)).to.equal('superseded');
  });

  it('of a session that is not stored yet leaves one that nobody has used', async () => {
    const { storage, store } = faultyBench();
    const session = storage.blank();
    session.sessionData['a'] = 1;
    await session.regenerate();
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
    expect(store.calls).to.deep.equal([]);
  });

  it('after revoke is SessionEnded', async () => {
    const { storage } = serverBench();
    const session = await storage.create();
    expect(await errorOf(() => session.revoke().regenerate())).to.be.instanceOf(SessionEnded);
  });
});

describe('save, regenerate and destroy with a callback, as express-session has them', () => {
  guardRejections();

  const methods = ['save', 'regenerate', 'destroy'] as const;

  for (const method of methods) {
    it(`${method} calls it without an error once it is done, and resolves`, async () => {
      const { storage } = serverBench();
      const sid = await heldSid(storage, { a: 1 });
      const session = await storage.get(sid);
      const calls: unknown[][] = [];
      expect(await session[method]((...args) => calls.push(args))).to.equal(session);
      expect(calls).to.deep.equal([[]]);
      expect(await openingOf(storage, sid)).to.equal(method === 'destroy' ? 'revoked' : 'opened');
    });
  }

  for (const method of ['save', 'destroy'] as const) {
    it(`${method} gives it the error, and rejects nothing that nobody would handle`, async () => {
      const { storage, store } = faultyBench();
      const session = await storage.get(await heldSid(storage, { a: 1 }));
      store.disconnect();
      const calls: unknown[] = [];
      await session[method]((error) => calls.push(error));
      expect(calls.map((error) => Reflect.get(Object(error), 'code'))).to.deep.equal(['ERR_SESSION_STORE_UNAVAILABLE']);
    });
  }

  for (const method of ['save', 'regenerate'] as const) {
    it(`${method} gives it SessionEnded after revoke`, async () => {
      const { storage } = serverBench();
      const session = await storage.get(await heldSid(storage, { a: 1 }));
      const calls: unknown[] = [];
      await session.revoke()[method]((error) => calls.push(error));
      expect(calls.length).to.equal(1);
      expect(calls[0]).to.be.instanceOf(SessionEnded);
    });
  }
});

describe('setLifetime of a server-side session', () => {
  const HOUR = 3_600_000;
  const DAY = 24 * HOUR;

  it('gives it bounds of its own, longer or shorter, at any time, and for good', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR, absoluteTimeout: DAY });
    const [long, short] = [await storage.get(await heldSid(storage)), await storage.get(await heldSid(storage))];
    clock.advance(1_000);
    await storage.commit(long.setLifetime({ idleTimeout: 10 * DAY, absoluteTimeout: 20 * DAY }));
    await storage.commit(short.setLifetime({ idleTimeout: 2_000 }));
    clock.set(NOW + 1_000 + 1_999);
    expect(await openingOf(storage, short.forClient())).to.equal('opened');
    clock.advance(1);
    expect(await openingsOf(storage, short.forClient(), long.forClient())).to.deep.equal(['expired: idle', 'opened']);
    clock.set(NOW + 10 * DAY + 999);
    expect(await openingOf(storage, long.forClient())).to.equal('opened');
    clock.advance(1);
    expect(await openingOf(storage, long.forClient())).to.equal('expired: idle');
  });

  it('tells the client of the new end and of the cookie’s persistence, also when nothing else changed', async () => {
    const { storage } = serverBench({ idleTimeout: HOUR });
    const session = await storage.get(await heldSid(storage));
    const sid = session.forClient();
    expect(await storage.commit(session.setLifetime({ persistent: false }))).to.deep.equal({
      outcome: 'issued',
      sid,
      expires: NOW + HOUR,
      persistent: false,
    });
    expect(await storage.commit(session.setLifetime({ persistent: true, idleTimeout: DAY }))).to.deep.equal({
      outcome: 'issued',
      sid,
      expires: NOW + DAY,
      persistent: true,
    });
    const opened = await storage.get(sid);
    expect(await outcomeOf(storage.commit(opened))).to.equal('unchanged');
    expect(opened.getExpiry()).to.equal(NOW + DAY);
  });

  it('stays through rotation, and goes with the user who leaves', async () => {
    const { storage } = serverBench({ idleTimeout: HOUR });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    await storage.commit(session.setLifetime({ idleTimeout: DAY, persistent: true }).rotate());
    expect((await storage.get(session.forClient())).getExpiry()).to.equal(NOW + DAY);
    const result = await storage.commit(session.setUser('u2'));
    expect(result).to.include({ outcome: 'issued', expires: NOW + HOUR, persistent: undefined });
  });

  it('can lift one bound and not both, where the storage has any', async () => {
    const { storage } = serverBench({ idleTimeout: HOUR, absoluteTimeout: DAY });
    const session = await storage.create();
    expect(session.setLifetime({ idleTimeout: null }).getExpiry()).to.equal(NOW + DAY);
    expect(session.setLifetime({ absoluteTimeout: null }).getExpiry()).to.equal(NOW + HOUR);
    expect(() => session.setLifetime({ idleTimeout: null, absoluteTimeout: null })).to.throw(TypeError, 'without end');
    const endless = await serverBench({ idleTimeout: null, absoluteTimeout: null }).storage.create();
    expect(endless.setLifetime({ idleTimeout: null, absoluteTimeout: null }).getExpiry()).to.equal(Infinity);
  });
});
