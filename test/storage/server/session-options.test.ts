import { expect } from 'chai';
import { MemoryStore, RevocationList, ServerSessionStorage } from '../../../src/index.js';
import { serverSettings } from '../../../src/storage/server/options.js';
import { errorOf } from '../../support/outcomes.js';
import { untypedServerStorage } from '../../support/server-outcomes.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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
});

describe('ServerSessionStorage options: strict (row 29)', () => {
  for (const name of ['deadline', 'sweepInterval']) {
    it(`${name} refuses more than a timer can wait, at which it would fire at once (row 54)`, async () => {
      expect(errorWith({ [name]: 2 ** 31 }).message).to.include(`option ${name}`);
      expect(await storageWith({ [name]: 2 ** 31 - 1 })).to.be.instanceOf(ServerSessionStorage);
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

  it('refuses a store that lacks an operation', () => {
    for (const method of ['create', 'load', 'update', 'touch', 'retire', 'delete', 'ofUser', 'deleteOfUser', 'sweep']) {
      const lacking = Object.assign(Object.create(new MemoryStore()), { [method]: undefined });
      expect(errorWith({ store: lacking }).message, method).to.include(
        `option store: expected a Store, with the methods ${method} too`,
      );
    }
  });
});

describe('ServerSessionStorage options: together', () => {
  it('read a resolution of null as 0', () => {
    expect(serverSettings({ store, timeoutResolution: null }).resolution).to.equal(0);
  });

  it('never let the reuse window be shorter than the grace', () => {
    expect(serverSettings({ store, reuseWindow: 5, rotationGrace: 10 }).reuseWindow).to.equal(10);
    expect(serverSettings({ store, reuseWindow: 15, rotationGrace: 10 }).reuseWindow).to.equal(15);
    expect(serverSettings({ store, reuseWindow: 0, rotationGrace: 0 }).reuseWindow).to.equal(0);
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
