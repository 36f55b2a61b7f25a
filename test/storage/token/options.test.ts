import { expect } from 'chai';
import { RevocationList, SessionStorage } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { bench, claimsOf, SECRET } from '../../support/sessions.js';
import { untypedStorage, warningsDuring } from '../../support/token-fixtures.js';

const DAY = 24 * 60 * 60 * 1000;

/** Values that no option takes by accident (row 29). */
const ODDITIES: readonly unknown[] = ['', [], Number.NaN, Infinity, -Infinity, -1, '60', /x/, new Set(), {}, true, 1n];

function storageWith(options: object): SessionStorage {
  return untypedStorage({ jwtSecret: SECRET, ...options });
}

describe('SessionStorage options', () => {
  it('needs a secret, and says how to make one (defect 4)', () => {
    for (const options of [undefined, {}]) {
      expect(() => untypedStorage(options))
        .to.throw(TypeError, 'required')
        .with.property('message')
        .that.includes('sessions-jwt secret');
    }
    expect(() => untypedStorage({ jwtSecret: [] })).to.throw(TypeError, 'jwtSecret');
  });

  it('refuses an unknown ttlType and algorithm (defect 4)', () => {
    for (const ttlType of ['idle', 'LastAccess', 'lastaccess', '__proto__']) {
      expect(() => storageWith({ ttlType })).to.throw(TypeError, 'ttlType');
    }
    for (const jwtAlgorithm of ['hs512', 'HS1', 'None', 'EdDSA', 'HS512 ']) {
      expect(() => storageWith({ jwtAlgorithm })).to.throw(TypeError, 'jwtAlgorithm');
    }
  });

  it('refuses numbers out of range', () => {
    for (const options of [{ clockSkew: 300_001 }, { rotationGrace: 2 ** 53 }]) {
      expect(() => storageWith(options)).to.throw(TypeError, Object.keys(options)[0]);
    }
    expect(storageWith({ clockSkew: 300_000 })).to.be.instanceOf(SessionStorage);
  });

  it('says how to pass a secret that was given in place of the options, and does not show it', () => {
    const { message } = errorOf(() => untypedStorage('correct horse battery staple'));
    expect(message).to.include('got a string: pass it as an option, { jwtSecret }').and.not.include('horse');
  });

  it('never shows a secret in what it says', () => {
    const secret = 'correct horse battery staple';
    for (const options of [
      { jwtSecret: secret, jwtAlgorithm: 'RS256' },
      { jwtSecret: secret, jwtAlgorithm: 'none' },
      { jwtSecret: { kid: 'k', secret, algorithm: 'HS256' } },
      { jwtSecret: [secret, 5] },
      { jwtSecret: secret, timeToLive: -1 },
    ]) {
      const error = errorOf(() => untypedStorage(options));
      expect(error).to.be.instanceOf(TypeError);
      expect(`${error.message}${error.stack}`).not.to.include('horse');
    }
  });

  it('keeps no list of secrets that is the caller’s', () => {
    const options = { jwtSecret: [SECRET] };
    const storage = new SessionStorage(options);
    expect(options).to.deep.equal({ jwtSecret: [SECRET] });
    options.jwtSecret.length = 0;
    expect(claimsOf(storage.create().forClient())).to.have.property('jti');
  });
});

describe('SessionStorage options: timeoutResolution', () => {
  const resolutionOf = (options: object): number => storageWith(options).expiry.timeoutResolution;

  it('is by default a tenth of a timeToLive that lastAccess feeds', () => {
    expect(resolutionOf({ timeToLive: 60_000 })).to.equal(6000);
    expect(resolutionOf({ timeToLive: 5 })).to.equal(0);
    expect(resolutionOf({ timeToLive: 1000, ttlType: 'created' })).to.equal(600_000);
  });

  it('is a TypeError when it reaches the bound that lastAccess feeds', () => {
    const wrong = { timeToLive: 60_000, timeoutResolution: 60_000 };
    expect(() => storageWith(wrong)).to.throw(TypeError, 'timeoutResolution');
    expect(() => storageWith({ ...wrong, timeToLive: DAY, idleTimeout: 60_000 })).to.throw(TypeError, '60000');
  });

  it('may be longer than bounds that lastAccess does not feed', () => {
    expect(resolutionOf({ timeToLive: 1000, ttlType: 'lastUpdate', timeoutResolution: 5000 })).to.equal(5000);
  });
});

describe('SessionStorage options: expiry', () => {
  it('is the shorter of timeToLive and idleTimeout', () => {
    const { expiry } = bench({ timeToLive: 5000, idleTimeout: 3000 }).storage;
    expect(expiry).to.deep.equal({ lastAccess: 3000, lastUpdate: null, created: null, timeoutResolution: 300 });
  });

  it('takes the shorter of two bounds on the same instant', () => {
    const { storage } = bench({ timeToLive: 3000, ttlType: 'created', absoluteTimeout: 5000 });
    expect(storage.expiry.created).to.equal(3000);
  });
});

describe('SessionStorage options: the algorithm none', () => {
  it('takes no secret, but an explicit undefined', () => {
    expect(untypedStorage({ jwtSecret: undefined, jwtAlgorithm: 'none' })).to.be.instanceOf(SessionStorage);
    expect(() => storageWith({ jwtAlgorithm: 'none' })).to.throw(TypeError, 'jwtSecret');
  });

  it('warns with a code, and makes tokens without a signature', async () => {
    let sid = '';
    const warnings = await warningsDuring(() => {
      const storage = new SessionStorage({ jwtAlgorithm: 'none' });
      sid = storage.create({ a: 1 }).setUser('u1').forClient();
      expect(storage.get(sid).uid).to.equal('u1');
      expect(storage.get(sid).sessionData).to.deep.equal({ a: 1 });
    });
    expect(warnings.map(({ code }) => code)).to.deep.equal(['SESSIONS_UNSIGNED']);
    expect(sid).to.match(/\.$/);
    expect(claimsOf(sid)).to.include({ uid: 'u1' });
  });

  it('is never fallen back to: its tokens are refused by a storage with a key (defect 3)', () => {
    const sid = new SessionStorage({ jwtAlgorithm: 'none' }).create().forClient();
    expect(() => bench().storage.get(sid)).to.throw('wrong_algorithm');
  });
});

describe('SessionStorage options: a short secret', () => {
  it('warns once, with a code and without the secret', async () => {
    const warnings = await warningsDuring(() => {
      const { storage } = bench({ jwtSecret: 'hunter2' });
      storage.get(storage.create().forClient());
    });
    expect(warnings.map(({ code }) => code)).to.deep.equal(['SESSIONS_SHORT_SECRET']);
    expect(warnings[0]?.message).to.include('512').and.not.include('hunter2');
  });

  it('does not warn of one that is long enough', async () => {
    expect(await warningsDuring(() => bench())).to.deep.equal([]);
  });
});

describe('RevocationList options', () => {
  const make = (options: unknown): unknown => Reflect.construct(RevocationList, [options]);

  for (const name of ['log', 'bound', 'whenStale', 'deadline', 'clock']) {
    it(`${name} refuses oddities with a TypeError that names it`, () => {
      for (const value of [...ODDITIES, null, { now: 5 }, { append: 5, read: 5 }]) {
        expect(() => make({ [name]: value }), String(value)).to.throw(TypeError, name);
      }
    });
  }

  it('refuses an unknown name, naming it', () => {
    expect(() => make({ limit: 5 })).to.throw(TypeError, '"limit"');
  });

  it('takes an explicit undefined for every default', () => {
    const list = new RevocationList({
      log: undefined,
      bound: undefined,
      whenStale: undefined,
      deadline: undefined,
      clock: undefined,
    });
    expect([list.bound, list.guarantee]).to.deep.equal([30_000, 'process']);
  });
});
