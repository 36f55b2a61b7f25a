import { expect } from 'chai';
import sinon from 'sinon';
import { SessionEnded, SessionStorage } from '../../src/index.js';
import { errorOf } from '../support/outcomes.js';
import { bench, callUntyped, SECRET } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

const DAY = 24 * 60 * 60 * 1000;

describe('Session.save', () => {
  it('moves lastUpdate and lastAccess to now and gives the session back', () => {
    const { clock, storage } = bench();
    const session = storage.create();
    clock.advance(7);
    expect(session.save()).to.equal(session);
    const { created, lastAccess, lastUpdate } = session;
    expect([created, lastAccess, lastUpdate]).to.deep.equal([NOW, NOW + 7, NOW + 7]);
  });

  it('counts as a change, with the same data too', () => {
    const { storage } = bench();
    const session = storage.get(storage.create().forClient());
    expect(session.isModified).to.equal(false);
    expect(session.save().isModified).to.equal(true);
  });

  it('throws SessionEnded after revoke', () => {
    expect(() => bench().storage.create().revoke().save()).to.throw(SessionEnded);
  });
});

describe('Session.update', () => {
  it('changes sessionData in place, saves and resolves with the session', async () => {
    const { clock, storage } = bench();
    const session = storage.create({ count: 1 });
    clock.advance(3);
    const updated = await session.update((data) => {
      data['count'] = 2;
    });
    expect(updated).to.equal(session);
    expect(session.sessionData).to.deep.equal({ count: 2 });
    expect([session.lastAccess, session.lastUpdate]).to.deep.equal([NOW + 3, NOW + 3]);
  });

  it('refuses an asynchronous change with a TypeError, and does not save', async () => {
    const { clock, storage } = bench();
    const session = storage.create();
    clock.advance(3);
    const error = await errorOf(() => session.update(async () => undefined));
    expect(error).to.be.instanceOf(TypeError).with.property('message').that.includes('synchronous');
    expect(session.lastUpdate).to.equal(NOW);
  });

  it('leaves no unhandled rejection behind an asynchronous change that fails', async () => {
    const unhandled = sinon.spy();
    process.on('unhandledRejection', unhandled);
    const session = bench().storage.create();
    const error = await errorOf(() => session.update(() => Promise.reject(new Error('later'))));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(error).to.be.instanceOf(TypeError);
    sinon.assert.notCalled(unhandled);
  });

  it('rejects with what the change threw', async () => {
    const problem = new RangeError('no');
    const session = bench().storage.create();
    const error = await errorOf(() =>
      session.update(() => {
        throw problem;
      }),
    );
    expect(error).to.equal(problem);
  });

  it('rejects with SessionEnded after revoke, without calling the change', async () => {
    const change = sinon.spy();
    const session = bench().storage.create().revoke();
    expect(await errorOf(() => session.update(change))).to.be.instanceOf(SessionEnded);
    sinon.assert.notCalled(change);
  });
});

describe('Session expiry', () => {
  it('gives Infinity without a bound, and never expires', () => {
    const { clock, storage } = bench({ timeToLive: 0 });
    const session = storage.create();
    clock.advance(1000 * 365 * DAY);
    expect([session.getExpiry(), session.getTTL()]).to.deep.equal([Infinity, Infinity]);
    expect(session.hasExpired()).to.equal(false);
  });

  it('is not expired one millisecond before its expiry', () => {
    const { clock, storage } = bench({ timeToLive: 1000, timeoutResolution: 0 });
    const session = storage.create();
    clock.advance(999);
    expect([session.getExpiry(), session.getTTL(), session.hasExpired()]).to.deep.equal([NOW + 1000, 1, false]);
  });

  it('is expired at its expiry, and its time left stays 0 after it', () => {
    const { clock, storage } = bench({ timeToLive: 1000, timeoutResolution: 0 });
    const session = storage.create();
    clock.advance(1000);
    expect([session.getTTL(), session.hasExpired()]).to.deep.equal([0, true]);
    clock.advance(1000);
    expect([session.getTTL(), session.hasExpired()]).to.deep.equal([0, true]);
  });

  it('lives longer again when it is saved', () => {
    const { clock, storage } = bench({ timeToLive: 1000, timeoutResolution: 0 });
    const session = storage.create();
    clock.advance(600);
    expect(session.save().getExpiry()).to.equal(NOW + 1600);
  });

  it('follows fake timers when no clock is given', () => {
    const timers = sinon.useFakeTimers({ now: NOW, toFake: ['Date'] });
    try {
      const session = new SessionStorage({ jwtSecret: SECRET, timeToLive: 1000, timeoutResolution: 0 }).create();
      timers.tick(999);
      expect(session.hasExpired()).to.equal(false);
      timers.tick(1);
      expect(session.hasExpired()).to.equal(true);
    } finally {
      timers.restore();
    }
  });
});

describe('Session.isFresher', () => {
  it('is false when nobody is signed in, however long', () => {
    expect(bench().storage.create().isFresher(Infinity)).to.equal(false);
  });

  it('is true until the very millisecond at which the time is over', () => {
    const { clock, storage } = bench();
    const session = storage.create().setUser('u1');
    clock.advance(999);
    expect(session.isFresher(1000)).to.equal(true);
    clock.advance(1);
    expect(session.isFresher(1000)).to.equal(false);
  });

  it('is not renewed by saving or by a round trip, but by signing in again', () => {
    const { clock, storage } = bench();
    const first = storage.create().setUser('u1');
    clock.advance(2000);
    const session = storage.get(first.save().forClient());
    expect(session.isFresher(1000)).to.equal(false);
    expect(session.setUser('u1').isFresher(1000)).to.equal(true);
  });

  it('refuses what is no number of ms, also when nobody is signed in', () => {
    for (const ms of [undefined, '5m', Number.NaN, -1, null]) {
      const session = bench().storage.create();
      expect(() => callUntyped(session, 'isFresher', ms)).to.throw(TypeError, 'isFresher: expected a number of ms');
      expect(() => callUntyped(session.setUser('u1'), 'isFresher', ms)).to.throw(TypeError);
    }
  });
});

describe('Session.rotate', () => {
  it('gives a new id and keeps lineage, user, life and data', () => {
    const { clock, storage } = bench();
    const session = storage.create({ a: 1 }).setUser('u1');
    const { id, lineage } = session;
    clock.advance(10);
    expect(session.rotate()).to.equal(session);
    expect(session.id).not.to.equal(id);
    const { uid, created, authenticatedAt, sessionData } = session;
    expect([session.lineage, uid, created, authenticatedAt, sessionData]).to.deep.equal([
      lineage,
      'u1',
      NOW,
      NOW,
      { a: 1 },
    ]);
  });

  it('counts as a change of a session that a client holds', () => {
    const { storage } = bench();
    const session = storage.get(storage.create().forClient());
    expect(session.rotate().isModified).to.equal(true);
  });

  it('throws SessionEnded after revoke', () => {
    expect(() => bench().storage.create().revoke().rotate()).to.throw(SessionEnded);
  });
});

describe('Session.revoke', () => {
  it('makes every later write throw SessionEnded with the reason', () => {
    const session = bench().storage.create({ a: 1 }).setUser('u1');
    expect(session.revoke('signed out')).to.equal(session);
    const writes = [
      () => session.set('sessionData', {}),
      () => session.set({ userData: {} }),
      () => {
        session.sessionData = {};
      },
      () => {
        session.userData = {};
      },
      () => session.setUser('u2'),
      () => session.save(),
      () => session.rotate(),
      () => session.setLifetime({}),
      () => session.forceInvalidate('CurrentSessionId'),
      () => session.forClient(),
    ];
    for (const write of writes) expect(write, String(write)).to.throw(SessionEnded, 'signed out');
  });

  it('can still be read', () => {
    const session = bench().storage.create({ a: 1 }).setUser('u1').revoke();
    expect([session.uid, session.sessionData, session.isEnded]).to.deep.equal(['u1', { a: 1 }, true]);
  });

  it('keeps the first reason', () => {
    const session = bench().storage.create().revoke('first').revoke('second');
    expect(() => session.save()).to.throw('first');
  });

  it('has a reason by default', () => {
    expect(() => bench().storage.create().revoke().save()).to.throw(SessionEnded, 'revoked');
  });
});

describe('Session.forceInvalidate', () => {
  it('changes nothing before commit', () => {
    const session = bench().storage.create();
    const { id, lineage } = session;
    expect(session.forceInvalidate('CurrentSessionId')).to.equal(session);
    expect([session.id, session.lineage]).to.deep.equal([id, lineage]);
  });

  it('refuses any other name with a TypeError that lists them', () => {
    for (const wrong of ['', 'All', undefined, null, 1]) {
      expect(() => callUntyped(bench().storage.create(), 'forceInvalidate', wrong)).to.throw(
        TypeError,
        'AllSessionIdsOfLoggedUser',
      );
    }
  });

  it('throws SessionEnded after revoke', () => {
    const session = bench().storage.create().revoke();
    expect(() => session.forceInvalidate('CurrentSessionId')).to.throw(SessionEnded);
  });
});

describe('Session flags', () => {
  it('isNew until a client holds it', async () => {
    const { storage } = bench();
    const session = storage.create();
    expect(session.isNew).to.equal(true);
    await storage.commit(session);
    expect(session.isNew).to.equal(false);
    expect(storage.get(session.forClient()).isNew).to.equal(false);
  });

  it('isEmpty with neither user nor data', () => {
    const { storage } = bench();
    expect(storage.create().isEmpty).to.equal(true);
    expect(storage.create({ a: undefined }).isEmpty).to.equal(true);
    expect(storage.create({ a: null }).isEmpty).to.equal(false);
    expect(storage.create().setUser('u1').isEmpty).to.equal(false);
    expect(storage.create().setUser('u1').setUser(null).isEmpty).to.equal(true);
  });

  it('isEmpty follows changes in place', () => {
    const session = bench().storage.create();
    session.sessionData['a'] = 1;
    expect(session.isEmpty).to.equal(false);
    delete session.sessionData['a'];
    expect(session.isEmpty).to.equal(true);
  });

  it('isEnded once revoked or expired', () => {
    const { clock, storage } = bench({ timeToLive: 1000, timeoutResolution: 0 });
    const session = storage.create();
    expect(session.isEnded).to.equal(false);
    expect(storage.create().revoke().isEnded).to.equal(true);
    clock.advance(1000);
    expect(session.isEnded).to.equal(true);
  });
});
