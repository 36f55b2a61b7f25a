import { expect } from 'chai';
import { RevocationList, type Session, SessionEnded } from '../../src/index.js';
import { errorOf } from '../support/outcomes.js';
import { bench, callUntyped, claimsOf } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

const DAY = 24 * 60 * 60 * 1000;

/** What names a session and its user. */
function identity({ id, lineage, uid, created, authenticatedAt }: Session): object {
  return { id, lineage, uid, created, authenticatedAt };
}

/** A user as an ODM makes one. */
function model(attributes: Readonly<Record<string, unknown>>): object {
  return { get: (name: string) => attributes[name] };
}

describe('setUser: the forms of a user', () => {
  it('takes a model with get, as the ancestor did', () => {
    const session = bench().storage.create();
    callUntyped(session, 'setUser', model({ _id: 'users/1', userData: { name: 'Ada' } }));
    expect([session.uid, session.userData]).to.deep.equal(['users/1', { name: 'Ada' }]);
  });

  it('takes a model without userData', () => {
    const session = bench().storage.create();
    callUntyped(session, 'setUser', model({ _id: 'users/1' }));
    expect([session.uid, session.userData]).to.deep.equal(['users/1', {}]);
  });

  it('calls get on the model itself', () => {
    class User {
      readonly #id = 'u7';
      get(name: string): unknown {
        return name === '_id' ? this.#id : undefined;
      }
    }
    const session = bench().storage.create();
    callUntyped(session, 'setUser', new User());
    expect(session.uid).to.equal('u7');
  });

  it('takes a plain object', () => {
    const session = bench()
      .storage.create()
      .setUser({ _id: 'u1', userData: { name: 'Ada' } });
    expect([session.uid, session.userData]).to.deep.equal(['u1', { name: 'Ada' }]);
  });

  it('takes an id alone, and with userData', () => {
    const { storage } = bench();
    expect(storage.create().setUser('u1').userData).to.deep.equal({});
    expect(storage.create().setUser('u1', { name: 'Ada' }).userData).to.deep.equal({ name: 'Ada' });
  });

  it('writes out numbers and bigints as decimal digits', () => {
    const { storage } = bench();
    expect(storage.create().setUser(0).uid).to.equal('0');
    expect(storage.create().setUser(-7).uid).to.equal('-7');
    expect(storage.create().setUser(Number.MAX_SAFE_INTEGER).uid).to.equal('9007199254740991');
    expect(storage.create().setUser(2n ** 64n).uid).to.equal('18446744073709551616');
    expect(storage.create().setUser({ _id: 42 }).uid).to.equal('42');
  });

  it('refuses undefined, which a user that was not found is, and names setUser(null)', () => {
    const session = bench().storage.create().setUser('u1', { name: 'Ada' });
    const before = identity(session);
    expect(() => callUntyped(session, 'setUser', undefined)).to.throw(TypeError, 'to sign out, call setUser(null)');
    expect(() => callUntyped(session, 'setUser')).to.throw(TypeError, 'setUser(null)');
    expect(identity(session)).to.deep.equal(before);
    expect(session.userData).to.deep.equal({ name: 'Ada' });
  });

  it('refuses an object with other properties, which would be lost, and names userData', () => {
    const session = bench().storage.create().setUser('u1');
    const before = identity(session);
    expect(() => callUntyped(session, 'setUser', { _id: 'u2', name: 'Ada' }))
      .to.throw(TypeError, 'unknown property "name"')
      .with.property('message')
      .that.includes('{ _id, userData: { ... } }')
      .and.does.not.include('Ada');
    expect(identity(session)).to.deep.equal(before);
  });

  it('says which forms there are to an object that is none of them', () => {
    for (const user of [{}, []]) {
      expect(() => callUntyped(bench().storage.create(), 'setUser', user)).to.throw(TypeError, '{ _id, userData }');
    }
  });

  it('names _id to an object that has id instead', () => {
    expect(() => callUntyped(bench().storage.create(), 'setUser', { id: 'u1', name: 'Ada' }))
      .to.throw(TypeError, 'setUser(user.id, userData)')
      .with.property('message')
      .that.does.not.include('Ada');
  });

  it('says of which type an id is that is none', () => {
    const session = bench().storage.create();
    expect(() => callUntyped(session, 'setUser', { _id: undefined })).to.throw(TypeError, 'got undefined');
    expect(() => callUntyped(session, 'setUser', { _id: 1.5 })).to.throw(TypeError, 'got a number');
    expect(() => callUntyped(session, 'setUser', '')).to.throw(TypeError, '1 to 255 characters');
  });

  it('takes options only where they belong: with an id, as the third argument', () => {
    const session = bench().storage.create({ cart: 1, other: 2 });
    expect(() => callUntyped(session, 'setUser', 'u1', { keep: ['cart'] })).to.throw(TypeError, 'third argument');
    expect(session.uid).to.equal(undefined);
    session.setUser('u1', undefined, { keep: ['cart'] });
    expect(session.sessionData).to.deep.equal({ cart: 1 });
    session.setUser({ _id: 'u1', userData: { keep: ['x'] } });
    expect(session.userData).to.deep.equal({ keep: ['x'] });
  });

  for (const nobody of [null, false] as const) {
    it(`signs out with ${nobody}: no uid, no userData, no authenticatedAt`, () => {
      const session = bench().storage.create().setUser('u1', { name: 'Ada' }).setUser(nobody);
      expect([session.uid, session.userData, session.authenticatedAt]).to.deep.equal([undefined, {}, undefined]);
    });

    it(`leaves uid undefined also after a round trip when signed out with ${nobody} (defect 9)`, () => {
      const { storage } = bench();
      const session = storage.get(storage.create().setUser('u1').setUser(nobody).forClient());
      expect(session.uid).to.equal(undefined);
      expect(session.has('uid')).to.equal(false);
      expect(session.userData).to.deep.equal({});
    });
  }

  it('gives the session back', () => {
    const session = bench().storage.create();
    expect(session.setUser('u1')).to.equal(session);
    expect(session.setUser(null)).to.equal(session);
  });
});

describe('setUser: which ids name a user', () => {
  const good: readonly [string, string][] = [
    ['one character', 'a'],
    ['255 UTF-16 units', 'a'.repeat(255)],
    ['127 surrogate pairs and one unit', `${'\u{1F600}'.repeat(127)}a`],
    ['spaces and controls other than U+0000', ' \u0001\n'],
    ['names of Object.prototype', '__proto__'],
    ['constructor', 'constructor'],
  ];
  for (const [what, uid] of good) {
    it(`takes ${what}, unchanged through a token`, () => {
      const { storage } = bench();
      expect(storage.get(storage.create().setUser(uid).forClient()).uid).to.equal(uid);
    });
  }

  const bad: readonly [string, unknown][] = [
    ['an empty string', ''],
    ['256 units', 'a'.repeat(256)],
    ['128 surrogate pairs', '\u{1F600}'.repeat(128)],
    ['a lone high surrogate', 'a\ud800'],
    ['a lone low surrogate', '\udc00a'],
    ['U+0000', 'a\0b'],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a fraction', 1.5],
    ['an unsafe integer', 2 ** 53],
    ['true', true],
    ['a symbol', Symbol('u1')],
    ['a function', () => 'u1'],
  ];
  for (const [what, id] of bad) {
    it(`refuses ${what} with a TypeError, bare, in an object and in a model`, () => {
      for (const user of [id, { _id: id }, model({ _id: id })]) {
        const session = bench().storage.create();
        const before = identity(session);
        expect(() => callUntyped(session, 'setUser', user)).to.throw(TypeError, 'id');
        expect(identity(session)).to.deep.equal(before);
      }
    });
  }

  for (const [what, id] of [
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
    ['an array', ['u1']],
  ] as const) {
    it(`refuses a user whose id is ${what}`, () => {
      for (const user of [{ _id: id }, model({ _id: id })]) {
        expect(() => callUntyped(bench().storage.create(), 'setUser', user)).to.throw(TypeError, 'id');
      }
    });
  }

  it('refuses an object that is no user with a TypeError that says what a user is', () => {
    for (const user of [{}, { id: 'u1' }, []]) {
      expect(() => callUntyped(bench().storage.create(), 'setUser', user)).to.throw(TypeError, '_id');
    }
  });

  it('does not show the id it refuses', () => {
    const error = errorOf(() => bench().storage.create().setUser('secret\0id'));
    expect(error.message).not.to.include('secret');
  });
});

describe('setUser: another user', () => {
  it('begins a new id, a new lineage and a new life', () => {
    const { clock, storage } = bench();
    const session = storage.create({ cart: [1] });
    const { id, lineage } = session;
    clock.advance(DAY);
    session.setUser('u1');
    expect(session.id).not.to.equal(id);
    expect(session.lineage).to.equal(session.id).and.not.to.equal(lineage);
    const { created, lastAccess, lastUpdate, authenticatedAt } = session;
    const now = NOW + DAY;
    expect([created, lastAccess, lastUpdate, authenticatedAt]).to.deep.equal([now, now, now, now]);
  });

  it('does so too when one user follows another, and at sign-out', () => {
    const session = bench().storage.create().setUser('u1');
    const first = session.lineage;
    const second = session.setUser('u2').lineage;
    const third = session.setUser(null).lineage;
    expect(new Set([first, second, third])).to.have.lengthOf(3);
  });

  it('lives the full absolute bound from the sign-in on', () => {
    const { clock, storage } = bench({ timeToLive: 0, absoluteTimeout: 1000, timeoutResolution: 0 });
    const session = storage.create();
    clock.advance(999);
    session.setUser('u1');
    expect(session.getTTL()).to.equal(1000);
    clock.advance(999);
    expect(storage.get(session.forClient()).uid).to.equal('u1');
  });

  it('keeps sessionData', () => {
    expect(
      bench()
        .storage.create({ cart: [1] })
        .setUser('u1').sessionData,
    ).to.deep.equal({ cart: [1] });
  });

  it('drops the userData of the one before', () => {
    expect(bench().storage.create().setUser('u1', { admin: true }).setUser('u2').userData).to.deep.equal({});
  });
});

describe('setUser: the same user again', () => {
  it('is a re-authentication: a new id and authenticatedAt, the same lineage and life', () => {
    const { clock, storage } = bench();
    const session = storage.create().setUser('u1');
    const { id, lineage } = session;
    clock.advance(5000);
    session.setUser('u1');
    expect(session.id).not.to.equal(id);
    expect([session.lineage, session.created, session.authenticatedAt]).to.deep.equal([lineage, NOW, NOW + 5000]);
  });

  it('knows the user by the id as written, whether it came as a number, a bigint or a string', () => {
    const session = bench().storage.create().setUser(7);
    const { lineage } = session;
    expect(session.setUser('7').lineage).to.equal(lineage);
    expect(session.setUser(7n).lineage).to.equal(lineage);
  });

  it('replaces userData', () => {
    const session = bench().storage.create().setUser('u1', { name: 'Ada', admin: true });
    expect(session.setUser('u1', { name: 'Grace' }).userData).to.deep.equal({ name: 'Grace' });
    expect(session.setUser('u1').userData).to.deep.equal({});
  });

  it('gives nobody a new id as well, without authenticatedAt', () => {
    const session = bench().storage.create();
    const { id, lineage } = session;
    session.setUser(null);
    expect(session.id).not.to.equal(id);
    expect([session.lineage, session.authenticatedAt]).to.deep.equal([lineage, undefined]);
  });

  it('writes lin and auth into the token, since only when it differs from created', () => {
    const { clock, storage } = bench();
    const session = storage.create().setUser('u1');
    expect(claimsOf(session.forClient())).to.include({ auth: NOW }).and.not.have.any.keys('lin', 'since');
    clock.advance(10);
    session.setUser('u1');
    expect(claimsOf(session.forClient())).to.include({ lin: session.lineage, since: NOW + 10, auth: NOW + 10 });
  });
});

describe('setUser: keep', () => {
  it('keeps only the named top-level keys of sessionData', () => {
    const data = { cart: [1], locale: 'de', csrf: 'x' };
    const session = bench()
      .storage.create(data)
      .setUser('u1', { name: 'Ada' }, { keep: ['cart', 'locale', 'absent'] });
    expect(session.sessionData).to.deep.equal({ cart: [1], locale: 'de' });
    expect(session.userData).to.deep.equal({ name: 'Ada' });
  });

  it('comes second for a user object, a model and for sign-out', () => {
    const { storage } = bench();
    const keep = { keep: ['a'] };
    expect(storage.create({ a: 1, b: 2 }).setUser({ _id: 'u1' }, keep).sessionData).to.deep.equal({ a: 1 });
    expect(storage.create({ a: 1, b: 2 }).setUser(null, keep).sessionData).to.deep.equal({ a: 1 });
    const session = storage.create({ a: 1, b: 2 });
    callUntyped(session, 'setUser', model({ _id: 'u1' }), keep);
    expect(session.sessionData).to.deep.equal({ a: 1 });
  });

  it('drops everything for an empty list', () => {
    expect(bench().storage.create({ a: 1 }).setUser('u1', undefined, { keep: [] }).sessionData).to.deep.equal({});
  });

  it('drops a key named __proto__ unless it is named', () => {
    const data: Record<string, unknown> = JSON.parse('{"__proto__":{"x":1},"a":1}');
    const { storage } = bench();
    const dropped = storage.create(data).setUser(null, { keep: ['a'] });
    const kept = storage.create(data).setUser(null, { keep: ['__proto__'] });
    expect(JSON.stringify([dropped.sessionData, kept.sessionData])).to.equal('[{"a":1},{"__proto__":{"x":1}}]');
  });

  it('shows in the token', () => {
    const { storage } = bench();
    const session = storage.create({ a: 1, b: 2 }).setUser('u1', {}, { keep: ['a'] });
    expect(storage.get(session.forClient()).sessionData).to.deep.equal({ a: 1 });
  });

  it('refuses anything but an array of strings with a TypeError that names keep, and changes nothing', () => {
    for (const keep of ['cart', [1], {}, null, new Set(['cart'])]) {
      const session = bench().storage.create({ cart: [] });
      const before = identity(session);
      expect(() => callUntyped(session, 'setUser', 'u1', undefined, { keep })).to.throw(TypeError, 'keep');
      expect(identity(session)).to.deep.equal(before);
    }
  });
});

describe('setUser: refused', () => {
  it('leaves the session as it was when JSON cannot carry the userData', () => {
    const { storage } = bench();
    const session = storage.get(storage.create({ a: 1 }).setUser('u1', { name: 'Ada' }).forClient());
    const before = identity(session);
    expect(() => session.setUser('u2', { at: new Date() })).to.throw('userData.at');
    expect(identity(session)).to.deep.equal(before);
    expect([session.userData, session.sessionData]).to.deep.equal([{ name: 'Ada' }, { a: 1 }]);
    expect(session.isModified).to.equal(false);
  });

  it('throws SessionEnded after revoke, signing out included', () => {
    const session = bench().storage.create().revoke();
    expect(() => session.setUser('u1')).to.throw(SessionEnded);
    expect(() => session.setUser(null)).to.throw(SessionEnded);
  });
});

describe('setUser: since', () => {
  it('lies behind every revocation of the user that is known here', async () => {
    const { storage } = bench({ revocations: new RevocationList(), clockSkew: 1000 });
    await storage.revoke({ uid: 'u1' });
    const session = storage.create().setUser('u1');
    expect(claimsOf(session.forClient())).to.include({ since: NOW + 1001 });
    expect(storage.get(session.forClient()).uid).to.equal('u1');
  });

  it('is not moved by the revocations of other users', async () => {
    const { storage } = bench({ revocations: new RevocationList() });
    await storage.revoke({ uid: 'u2' });
    expect(claimsOf(storage.create().setUser('u1').forClient())).not.to.have.property('since');
  });
});
