import { expect } from 'chai';
import { SessionEnded } from '../../src/index.js';
import { errorOf } from '../support/outcomes.js';
import { bench, callUntyped } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

const NAMES = [
  'id',
  'lineage',
  'sessionData',
  'uid',
  'userData',
  'created',
  'lastAccess',
  'lastUpdate',
  'authenticatedAt',
  'info',
] as const;

describe('Session.get', () => {
  it('gives every attribute by its name', () => {
    const session = bench()
      .storage.create({ cart: [1] })
      .setUser('u1', { name: 'Ada' });
    for (const name of NAMES) expect(session.get(name), name).to.equal(session[name]);
  });

  it('gives undefined for a name that is no attribute, inherited or private ones included', () => {
    const session = bench().storage.create();
    for (const name of ['', 'nothing', 'save', 'constructor', '__proto__', 'toString', 'isNew', 'stamp']) {
      expect(callUntyped(session, 'get', name), name).to.equal(undefined);
    }
  });

  it('begins as nobody, with empty data and all three instants now (defect 9)', () => {
    const session = bench().storage.create();
    expect(session.uid).to.equal(undefined);
    expect(session.userData).to.deep.equal({});
    expect(session.sessionData).to.deep.equal({});
    expect(session.authenticatedAt).to.equal(undefined);
    expect([session.created, session.lastAccess, session.lastUpdate]).to.deep.equal([NOW, NOW, NOW]);
  });

  it('gives an id of 24 base64url characters, which is the lineage too', () => {
    const session = bench().storage.create();
    expect(session.id).to.match(/^[A-Za-z0-9_-]{24}$/);
    expect(session.lineage).to.equal(session.id);
  });
});

describe('Session.has', () => {
  it('is false for an attribute that is undefined', () => {
    const session = bench().storage.create();
    expect(session.has('uid')).to.equal(false);
    expect(session.has('authenticatedAt')).to.equal(false);
  });

  it('is true for an attribute with a value, an empty object included', () => {
    const session = bench().storage.create().setUser('u1');
    for (const name of NAMES) expect(session.has(name), name).to.equal(true);
  });

  it('is false for a name that is no attribute', () => {
    const session = bench().storage.create();
    for (const name of ['', 'nothing', 'save', 'constructor', '__proto__', 'isNew']) {
      expect(session.has(name), name).to.equal(false);
    }
  });
});

describe('Session.set', () => {
  it('sets sessionData by name and gives the session back', () => {
    const session = bench().storage.create({ a: 1 });
    expect(session.set('sessionData', { b: 2 })).to.equal(session);
    expect(session.sessionData).to.deep.equal({ b: 2 });
  });

  it('sets userData by name', () => {
    const session = bench().storage.create().setUser('u1', { name: 'Ada' });
    session.set('userData', { name: 'Grace' });
    expect(session.userData).to.deep.equal({ name: 'Grace' });
  });

  it('sets both in an object', () => {
    const session = bench().storage.create().setUser('u1');
    expect(session.set({ sessionData: { a: 1 }, userData: { b: 2 } })).to.equal(session);
    expect([session.sessionData, session.userData]).to.deep.equal([{ a: 1 }, { b: 2 }]);
  });

  it('keeps a copy of what it is given, not the object itself', () => {
    const given = { cart: [1] };
    const session = bench().storage.create().set('sessionData', given);
    given.cart.push(2);
    expect(session.sessionData).to.deep.equal({ cart: [1] });
  });

  const ways = [
    ['uid', 'setUser'],
    ['id', 'rotate()'],
    ['lineage', 'setUser'],
    ['created', 'setUser'],
    ['lastAccess', 'save()'],
    ['lastUpdate', 'save()'],
    ['authenticatedAt', 'setUser'],
    ['info', 'session.info'],
  ] as const;
  for (const [name, way] of ways) {
    it(`refuses ${name} with a TypeError that names the way: ${way}`, () => {
      const session = bench().storage.create();
      const error = errorOf(() => callUntyped(session, 'set', name, 1));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.include(name).and.to.include(way);
    });
  }

  it('refuses a name that is no attribute with a TypeError that names it', () => {
    for (const name of ['nothing', '__proto__', 'constructor', 'save', '']) {
      const error = errorOf(() => callUntyped(bench().storage.create(), 'set', name, {}));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.include(JSON.stringify(name));
    }
  });

  it('changes nothing when one of several names is refused', () => {
    const session = bench().storage.create({ a: 1 });
    expect(() => callUntyped(session, 'set', { sessionData: { b: 2 }, uid: 'u1' })).to.throw(TypeError, 'uid');
    expect(session.sessionData).to.deep.equal({ a: 1 });
  });

  it('changes nothing when one of several values is refused', () => {
    const session = bench().storage.create({ a: 1 }).setUser('u1');
    expect(() => session.set({ sessionData: { b: 2 }, userData: { at: new Date() } })).to.throw('userData.at');
    expect(session.sessionData).to.deep.equal({ a: 1 });
  });

  it('refuses userData while nobody is signed in', () => {
    const session = bench().storage.create();
    expect(() => session.set('userData', { a: 1 })).to.throw(TypeError, 'setUser');
  });

  it('refuses a value that is no plain object', () => {
    for (const value of [undefined, null, 1, 'text', [], new Map()]) {
      expect(() => callUntyped(bench().storage.create(), 'set', 'sessionData', value)).to.throw('sessionData');
    }
  });
});

describe('Session attributes by assignment', () => {
  for (const name of NAMES.filter((one) => !['sessionData', 'userData', 'info'].includes(one))) {
    it(`cannot assign ${name}`, () => {
      const session = bench().storage.create();
      expect(() => {
        Object.assign(session, { [name]: 'other' });
      }).to.throw(TypeError);
    });
  }

  it('keeps uid and timestamps when userData is assigned', () => {
    const { clock, storage } = bench();
    const session = storage.create().setUser('u1', { name: 'Ada' });
    const { id } = session;
    clock.advance(5);
    session.userData = { name: 'Grace' };
    expect([session.id, session.uid, session.lastUpdate]).to.deep.equal([id, 'u1', NOW]);
  });
});

describe('Session.info', () => {
  it('is an empty frozen object until it is assigned', () => {
    const { info } = bench().storage.create();
    expect(info).to.deep.equal({});
    expect(info).to.be.frozen;
  });

  it('is a frozen copy of what was assigned, all the way down', () => {
    const given = { device: { name: 'Firefox' } };
    const session = bench().storage.create();
    session.info = given;
    given.device.name = 'other';
    expect(session.info).to.deep.equal({ device: { name: 'Firefox' } });
    expect(session.info).to.be.frozen;
    expect(session.info['device']).to.be.frozen;
  });

  it('is carried by the token, and still frozen when it comes back', () => {
    const { storage } = bench();
    const session = storage.create();
    session.info = { device: { name: 'Firefox' } };
    const { info } = storage.get(session.forClient());
    expect(info).to.deep.equal({ device: { name: 'Firefox' } });
    expect(info['device']).to.be.frozen;
  });

  it('counts as a change when it is assigned', () => {
    const { storage } = bench();
    const session = storage.get(storage.create().forClient());
    session.info = { a: 1 };
    expect(session.isModified).to.equal(true);
  });

  it('refuses what JSON cannot carry, naming the path', () => {
    const session = bench().storage.create();
    expect(() => {
      session.info = { at: new Date() };
    }).to.throw('info.at');
  });

  it('is not to be assigned after revoke', () => {
    const session = bench().storage.create().revoke();
    expect(() => {
      session.info = {};
    }).to.throw(SessionEnded);
  });
});
