import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryStore, RevocationList, ServerSessionStorage } from '../../../src/index.js';
import { serverSettings } from '../../../src/storage/server/options.js';
import { errorOf } from '../../support/outcomes.js';
import { untypedServerStorage } from '../../support/server-outcomes.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Values that no option takes by accident. */
const ODDITIES: readonly unknown[] = ['', [], Number.NaN, Infinity, -Infinity, -1, 1.5, '60', /x/, new Set(), {}, true];

/** What of those an option takes on purpose. */
const TAKEN: Readonly<Record<string, readonly unknown[]>> = { authKey: ['60'] };

const NULLABLE = ['idleTimeout', 'absoluteTimeout', 'timeoutResolution', 'maxSessionsPerUser', 'sweepInterval'];
const ZERO_TAKEN = ['timeoutResolution', 'rotationGrace', 'reuseWindow'];
const NUMBERS = [
  'idleTimeout',
  'absoluteTimeout',
  'timeoutResolution',
  'rotationGrace',
  'reuseWindow',
  'maxSessionsPerUser',
  'deadline',
  'sweepInterval',
];
const NAMES = [...NUMBERS, 'store', 'authKey', 'revocations', 'sessionData', 'userData', 'migrate', 'clock'];

const store = new MemoryStore();

/** Built, and its sweeper stopped. */
async function storageWith(options: object): Promise<ServerSessionStorage> {
  const storage = untypedServerStorage({ store: new MemoryStore(), ...options });
  await storage.close();
  return storage;
}

/** The error of a constructor with these options. */
function errorWith(options: object): Error {
  return errorOf(() => untypedServerStorage({ store, ...options }));
}

describe('ServerSessionStorage options: defaults', () => {
  const defaults = serverSettings({ store });

  it('are 7 days idle, 60 days in all, and a resolution of 10 minutes, as serversession had them', () => {
    expect(defaults.bounds).to.deep.equal({ lastAccess: 7 * DAY, lastUpdate: null, created: 60 * DAY });
    expect(defaults.resolution).to.equal(10 * MINUTE);
  });

  it('are a grace of 10 s, a reuse window of an hour, a deadline of 2 s and a sweep every 5 minutes', () => {
    expect(defaults).to.include({
      rotationGrace: 10_000,
      reuseWindow: HOUR,
      deadline: 2_000,
      sweepInterval: 5 * MINUTE,
    });
  });

  it('are no limit per user, no authKey and no revocations', () => {
    expect(defaults).to.include({ maxSessionsPerUser: null, authKey: undefined, revocations: undefined });
  });

  it('take the time from the machine', () => {
    const before = Date.now();
    expect(defaults.clock.now()).to.be.within(before, before + 5_000);
  });

  it('are shown by storage.expiry, which is frozen', async () => {
    const storage = await storageWith({});
    expect(storage.expiry).to.deep.equal({ ...defaults.bounds, timeoutResolution: defaults.resolution });
    expect(Object.isFrozen(storage.expiry)).to.equal(true);
  });

  it('are once judged kept apart from the caller’s object, which is neither kept nor changed', async () => {
    const given = { store: new MemoryStore(), idleTimeout: HOUR, sweepInterval: null };
    const before = { ...given };
    const storage = new ServerSessionStorage(given);
    given.idleTimeout = 1;
    expect(storage.expiry.lastAccess).to.equal(HOUR);
    expect({ ...given, idleTimeout: HOUR }).to.deep.equal(before);
  });
});

describe('ServerSessionStorage options: strict (row 29)', () => {
  for (const name of NAMES) {
    it(`${name} refuses oddities with a TypeError that names it`, () => {
      for (const value of ODDITIES.filter((one) => !(TAKEN[name] ?? []).includes(one))) {
        const error = errorWith({ [name]: value });
        expect(error, String(value)).to.be.instanceOf(TypeError);
        expect(error.message, String(value)).to.include(`option ${name}`);
      }
    });

    it(`${name} takes ${NULLABLE.includes(name) ? 'null for off' : 'no null'}`, async () => {
      if (NULLABLE.includes(name)) expect(await storageWith({ [name]: null })).to.be.instanceOf(ServerSessionStorage);
      else expect(errorWith({ [name]: null }).message).to.include(`option ${name}`);
    });

    if (name !== 'store') {
      it(`${name} takes an explicit undefined for its default`, () => {
        const given = serverSettings({ store, [name]: undefined });
        expect(given).to.deep.equal(serverSettings({ store }));
      });
    }
  }

  for (const name of NUMBERS) {
    it(`${name} ${ZERO_TAKEN.includes(name) ? 'takes' : 'refuses'} 0`, async () => {
      if (ZERO_TAKEN.includes(name)) expect(await storageWith({ [name]: 0 })).to.be.instanceOf(ServerSessionStorage);
      else expect(errorWith({ [name]: 0 })).to.be.instanceOf(TypeError);
    });
  }

  for (const name of ['deadline', 'sweepInterval']) {
    it(`${name} refuses more than a timer can wait, at which it would fire at once (row 54)`, async () => {
      expect(errorWith({ [name]: 2 ** 31 }).message).to.include(`option ${name}`);
      expect(await storageWith({ [name]: 2 ** 31 - 1 })).to.be.instanceOf(ServerSessionStorage);
    });
  }

  it('refuses anything at all that is not of the option’s kind, with a TypeError that names the option', () => {
    const value = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true });
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), value, (name, one) => {
        let error: unknown;
        try {
          serverSettings({ store, [name]: one });
        } catch (caught) {
          error = caught;
        }
        if (error === undefined) return;
        expect(error).to.be.instanceOf(TypeError);
        expect(Reflect.get(Object(error), 'message')).to.include(name);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses an unknown name, naming it and those that there are', () => {
    for (const name of ['lifetime', 'idletimeout', 'constructor', '']) {
      const { message } = errorWith({ [name]: 1 });
      expect(message).to.include(JSON.stringify(name));
      for (const known of NAMES) expect(message).to.include(known);
    }
  });

  const cures = [
    ['jwtSecret', 'remove it'],
    ['secret', 'remove it'],
    ['timeToLive', 'set idleTimeout'],
    ['ttlType', 'idleTimeout to count from lastAccess'],
    ['maxAge', 'set idleTimeout'],
    ['cookie', 'activateSessions'],
    ['resave', 'remove it'],
    ['rolling', 'set timeoutResolution'],
  ] as const;
  for (const [name, cure] of cures) {
    it(`says of the option ${name} of something else: ${cure}`, () => {
      expect(errorWith({ [name]: 1 }).message)
        .to.include(`unknown option ${JSON.stringify(name)}: `)
        .and.include(cure);
    });
  }

  it('says how to pass a store that was given in place of the options', () => {
    const { message } = errorOf(() => untypedServerStorage(new MemoryStore()));
    expect(message).to.include('got an instance of MemoryStore: pass it as an option, { store }');
  });

  it('names RedisStore where a store of express-session or a client is given', () => {
    const get = (): undefined => undefined;
    for (const given of [
      { get, set: get, destroy: get },
      { get, set: get, quit: get },
    ]) {
      expect(errorOf(() => untypedServerStorage({ store: given })).message)
        .to.include('option store: expected a Store')
        .and.include('new RedisStore({ client }) of sessions-jwt/redis');
    }
    expect(errorOf(() => untypedServerStorage({ store: {} })).message).to.include('such as new MemoryStore()');
  });

  it('names a misspelt option rather than what seems to be missing', () => {
    expect(errorOf(() => untypedServerStorage({ stroe: store })).message).to.include('"stroe"');
  });

  it('refuses options that are none, with a TypeError', () => {
    for (const options of [undefined, null, {}, 'text', 5, [], () => 1]) {
      expect(() => untypedServerStorage(options)).to.throw(TypeError);
    }
  });

  it('refuses a store that lacks an operation', () => {
    for (const method of ['create', 'load', 'update', 'touch', 'retire', 'delete', 'ofUser', 'deleteOfUser', 'sweep']) {
      const lacking = Object.assign(Object.create(new MemoryStore()), { [method]: undefined });
      expect(errorWith({ store: lacking }).message, method).to.include(
        `option store: expected a Store, with the methods ${method} too`,
      );
    }
  });

  it('refuses what only looks like a schema, a list or a clock', () => {
    for (const look of [{ '~standard': null }, { '~standard': {} }, { '~standard': { validate: 5 } }]) {
      expect(errorWith({ sessionData: look }).message).to.include('sessionData');
      expect(errorWith({ userData: look }).message).to.include('userData');
    }
    expect(errorWith({ revocations: { find: () => undefined } }).message).to.include('expected a RevocationList');
    expect(errorWith({ clock: { now: 5 } }).message).to.include('clock');
  });

  it('refuses an asynchronous schema as soon as it can be noticed, and migrate without a schema', () => {
    const schema = { '~standard': { version: 1, vendor: 'test', validate: () => Promise.resolve({ value: {} }) } };
    expect(() => untypedServerStorage({ store, sessionData: schema, sweepInterval: null })).to.throw(
      TypeError,
      'the sessionData schema must be synchronous',
    );
    expect(() => untypedServerStorage({ store, migrate: () => ({}), sweepInterval: null })).to.throw(
      TypeError,
      'migrate needs a sessionData schema',
    );
  });
});

describe('ServerSessionStorage options: together', () => {
  it('refuse a resolution that would let active sessions expire', async () => {
    expect(errorWith({ idleTimeout: MINUTE, timeoutResolution: MINUTE }).message).to.include('timeoutResolution');
    expect(await storageWith({ idleTimeout: MINUTE, timeoutResolution: MINUTE - 1 })).to.be.instanceOf(
      ServerSessionStorage,
    );
  });

  it('take any resolution without an idle timeout', () => {
    const { resolution } = serverSettings({ store, idleTimeout: null, timeoutResolution: DAY });
    expect(resolution).to.equal(DAY);
  });

  it('derive the resolution from the idle timeout: a tenth of it, at most 10 minutes', () => {
    expect(serverSettings({ store, idleTimeout: 1_000 }).resolution).to.equal(100);
    expect(serverSettings({ store, idleTimeout: 5 }).resolution).to.equal(0);
    expect(serverSettings({ store, idleTimeout: DAY }).resolution).to.equal(10 * MINUTE);
    expect(serverSettings({ store, idleTimeout: null }).resolution).to.equal(10 * MINUTE);
  });

  it('read a resolution of null as 0', () => {
    expect(serverSettings({ store, timeoutResolution: null }).resolution).to.equal(0);
  });

  it('never let the reuse window be shorter than the grace', () => {
    expect(serverSettings({ store, reuseWindow: 5, rotationGrace: 10 }).reuseWindow).to.equal(10);
    expect(serverSettings({ store, reuseWindow: 15, rotationGrace: 10 }).reuseWindow).to.equal(15);
    expect(serverSettings({ store, reuseWindow: 0, rotationGrace: 0 }).reuseWindow).to.equal(0);
  });

  it('take bounds that are both off', () => {
    const { bounds } = serverSettings({ store, idleTimeout: null, absoluteTimeout: null });
    expect(bounds).to.deep.equal({ lastAccess: null, lastUpdate: null, created: null });
  });
});

describe('ServerSessionStorage option authKey', () => {
  it('takes a key or a path of keys', () => {
    for (const authKey of ['_ID', 'passport.user', 'a.b.c', 'user id', 'ключ']) {
      expect(serverSettings({ store, authKey }).authKey).to.equal(authKey);
    }
  });

  it('refuses empty steps', () => {
    for (const authKey of ['', '.', 'a.', '.a', 'a..b'])
      expect(errorWith({ authKey }).message).to.include('option authKey');
  });

  it('refuses a path through __proto__ (row 55)', () => {
    for (const authKey of ['__proto__', '__proto__.a', 'a.__proto__', 'a.__proto__.b']) {
      expect(errorWith({ authKey }).message, authKey).to.include('option authKey');
    }
  });
});

describe('storage.abilities', () => {
  it('say that sessions are stored, can be listed, and end as far as the store reaches', async () => {
    const storage = await storageWith({});
    expect(storage.abilities).to.deep.equal({ stateless: false, revocation: 'process', listOfUser: true });
    expect(Object.isFrozen(storage.abilities)).to.equal(true);
  });

  it('take a store that says nothing of its reach to be shared by all instances', async () => {
    const shared = Object.assign(Object.create(new MemoryStore()), { reach: undefined });
    for (const method of ['create', 'load', 'update', 'touch', 'retire', 'delete', 'ofUser', 'deleteOfUser', 'sweep']) {
      shared[method] = () => Promise.resolve();
    }
    const storage = untypedServerStorage({ store: shared, sweepInterval: null });
    expect(storage.abilities.revocation).to.equal('instances');
  });

  it('do not depend on a RevocationList', async () => {
    const storage = await storageWith({ revocations: new RevocationList() });
    expect(storage.abilities.revocation).to.equal('process');
  });
});
