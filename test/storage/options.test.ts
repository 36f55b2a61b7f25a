import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryStore, type ServerSessionStorage, type SessionStorage } from '../../src/index.js';
import { serverSettings } from '../../src/storage/server/options.js';
import { optionDefaults, tokenSettings } from '../../src/storage/token/options.js';
import { kits } from '../support/kits.js';
import { errorOf } from '../support/outcomes.js';
import { untypedServerStorage } from '../support/server-outcomes.js';
import { SECRET } from '../support/sessions.js';
import { untypedStorage } from '../support/token-fixtures.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Values that no option takes by accident. */
const ODDITIES: readonly unknown[] = [
  null,
  '',
  [],
  Number.NaN,
  Infinity,
  -Infinity,
  -1,
  1.5,
  1n,
  '60',
  /x/,
  new Set(),
  {},
  true,
];

/** The options of one storage. */
interface Options {
  readonly storage: string;
  readonly names: readonly string[];
  /** The one that has no default, with a value. */
  readonly required: Readonly<Record<string, unknown>>;
  /** What of the oddities an option takes on purpose. */
  readonly taken: Readonly<Record<string, readonly unknown[]>>;
  readonly taking0: readonly string[];
  readonly refusing0: readonly string[];
  /** What to say of the options of something else. */
  readonly cures: readonly (readonly [name: string, cure: string])[];
  /** `expiry` by default. */
  readonly expiry: object;
  /** What is in force with these options. */
  settings(options: object): object;
  make(options?: unknown): SessionStorage | ServerSessionStorage;
}

const OFF = [null];

const TOKENS: Options = {
  storage: 'SessionStorage',
  names: Object.keys(optionDefaults()),
  required: { jwtSecret: SECRET },
  taken: {
    jwtSecret: ['60'],
    issuer: ['60'],
    audience: ['60'],
    idleTimeout: OFF,
    absoluteTimeout: OFF,
    maxSessionsPerUser: OFF,
  },
  taking0: ['timeToLive', 'timeoutResolution', 'rotationGrace', 'clockSkew', 'cacheSize'],
  refusing0: ['idleTimeout', 'absoluteTimeout', 'maxSessionsPerUser'],
  cures: [
    ['secret', 'write jwtSecret'],
    ['keys', 'write jwtSecret'],
    ['algorithm', 'write jwtAlgorithm'],
    ['store', 'ServerSessionStorage'],
    ['authKey', 'ServerSessionStorage'],
    ['maxAge', 'set idleTimeout'],
    ['cookie', 'activateSessions'],
    ['saveUninitialized', 'create of activateSessions'],
  ],
  expiry: { lastAccess: 7 * DAY, lastUpdate: null, created: null, timeoutResolution: 10 * MINUTE },
  settings: (options) => tokenSettings({ jwtSecret: SECRET, ...options }),
  make: untypedStorage,
};

const store = new MemoryStore();

const STORED: Options = {
  storage: 'ServerSessionStorage',
  names: [
    'store',
    'idleTimeout',
    'absoluteTimeout',
    'timeoutResolution',
    'rotationGrace',
    'reuseWindow',
    'onReuse',
    'authKey',
    'maxSessionsPerUser',
    'revocations',
    'sessionData',
    'userData',
    'migrate',
    'deadline',
    'sweepInterval',
    'clock',
  ],
  required: { store },
  taken: {
    authKey: ['60'],
    idleTimeout: OFF,
    absoluteTimeout: OFF,
    timeoutResolution: OFF,
    maxSessionsPerUser: OFF,
    sweepInterval: OFF,
  },
  taking0: ['timeoutResolution', 'rotationGrace', 'reuseWindow'],
  refusing0: ['idleTimeout', 'absoluteTimeout', 'maxSessionsPerUser', 'deadline', 'sweepInterval'],
  cures: [
    ['jwtSecret', 'remove it'],
    ['registry', 'write store'],
    ['secret', 'remove it'],
    ['timeToLive', 'set idleTimeout'],
    ['ttlType', 'idleTimeout to count from lastAccess'],
    ['maxAge', 'set idleTimeout'],
    ['cookie', 'activateSessions'],
    ['resave', 'remove it'],
    ['rolling', 'set timeoutResolution'],
  ],
  expiry: { lastAccess: 7 * DAY, lastUpdate: null, created: 60 * DAY, timeoutResolution: 10 * MINUTE },
  settings: (options) => serverSettings({ store, ...options }),
  make: untypedServerStorage,
};

for (const kind of [TOKENS, STORED]) {
  const { storage, names, required, settings, make } = kind;

  describe(`The options of a ${storage} (row 29)`, () => {
    const built: (SessionStorage | ServerSessionStorage)[] = [];

    after(async () => {
      for (const one of built) await one.close();
    });

    const storageWith = (options: object): SessionStorage | ServerSessionStorage => {
      const one = make({ ...required, ...options });
      built.push(one);
      return one;
    };

    for (const name of names) {
      const taken = kind.taken[name] ?? [];

      it(`${name} refuses oddities with a TypeError that names it`, () => {
        // What keys are worth is judged elsewhere.
        const named = name === 'jwtSecret' ? name : `option ${name}`;
        for (const value of ODDITIES.filter((one) => !taken.includes(one))) {
          const error = errorOf(() => storageWith({ [name]: value }));
          expect(error, String(value)).to.be.instanceOf(TypeError);
          expect(error.message, String(value)).to.include(named);
        }
      });

      if (taken.includes(null)) {
        it(`${name} takes null for off`, () => {
          storageWith({ [name]: null });
        });
      }

      if (name in required) {
        it(`${name} takes no undefined, for it has no default`, () => {
          expect(() => storageWith({ [name]: undefined })).to.throw(TypeError, name);
        });
      } else {
        it(`${name} takes an explicit undefined for its default`, () => {
          expect(settings({ [name]: undefined })).to.deep.equal(settings({}));
          expect(storageWith({ [name]: undefined }).abilities).to.deep.equal(storageWith({}).abilities);
        });
      }
    }

    for (const name of kind.taking0) {
      it(`${name} takes 0`, () => {
        storageWith({ [name]: 0 });
      });
    }

    for (const name of kind.refusing0) {
      it(`${name} refuses 0`, () => {
        expect(() => storageWith({ [name]: 0 })).to.throw(TypeError, name);
      });
    }

    it('refuse anything at all that is not of the option’s kind, with a TypeError that names the option', () => {
      const value = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true });
      fc.assert(
        fc.property(fc.constantFrom(...names.filter((name) => name !== 'jwtSecret')), value, (name, one) => {
          let error: unknown;
          try {
            settings({ [name]: one });
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

    it('refuse an unknown name, naming it and those that there are, also one of Object.prototype', () => {
      for (const name of ['lifetime', 'timetolive', 'idletimeout', 'constructor', '']) {
        const error = errorOf(() => storageWith({ [name]: 1 }));
        expect(error).to.be.instanceOf(TypeError);
        expect(error.message).to.include(JSON.stringify(name));
        for (const known of names) expect(error.message).to.include(known);
      }
    });

    for (const [name, cure] of kind.cures) {
      it(`say of the option ${name} of something else: ${cure}`, () => {
        expect(errorOf(() => storageWith({ [name]: 1 })).message)
          .to.include(`unknown option ${JSON.stringify(name)}: `)
          .and.include(cure);
      });
    }

    it('name a misspelt option rather than what seems to be missing', () => {
      const [[name, value] = []] = Object.entries(required);
      const misspelt = String(name).toUpperCase();
      expect(() => make({ [misspelt]: value })).to.throw(TypeError, JSON.stringify(misspelt));
    });

    it('are refused with a TypeError when they are none', () => {
      for (const options of [undefined, null, {}, 'text', 5, [], () => 1]) {
        expect(() => make(options)).to.throw(TypeError);
      }
    });

    it('refuse what only looks like a schema, a list or a clock', () => {
      for (const look of [{ '~standard': null }, { '~standard': {} }, { '~standard': { validate: 5 } }]) {
        expect(() => storageWith({ sessionData: look })).to.throw(TypeError, 'sessionData');
        expect(() => storageWith({ userData: look })).to.throw(TypeError, 'userData');
      }
      const list = { revocations: { find: () => undefined } };
      expect(() => storageWith(list)).to.throw(TypeError, /revocations.*expected a RevocationList/);
      expect(() => storageWith({ clock: { now: 5 } })).to.throw(TypeError, 'clock');
    });

    it('refuse an asynchronous schema as soon as it can be noticed, and migrate without a schema', () => {
      const validate = () => Promise.resolve({ value: {} });
      const sessionData = { '~standard': { version: 1, vendor: 'test', validate } };
      const message = 'the sessionData schema must be synchronous';
      expect(() => storageWith({ sessionData })).to.throw(TypeError, message);
      expect(() => storageWith({ migrate: () => ({}) })).to.throw(TypeError, 'migrate needs a sessionData schema');
    });

    it('are neither kept nor changed', () => {
      const given = { ...required, idleTimeout: HOUR };
      const before = { ...given };
      const { expiry } = storageWith(given);
      expect(given).to.deep.equal(before);
      given.idleTimeout = 1;
      expect(expiry.lastAccess).to.equal(HOUR);
    });

    it('have the defaults that expiry shows, frozen', () => {
      const { expiry } = storageWith({});
      expect(expiry).to.deep.equal(kind.expiry).and.to.be.frozen;
    });
  });
}

for (const [where, kit] of kits) {
  const expiryOf = (options: Parameters<typeof kit>[0]) => kit(options).storage.expiry;

  describe(`The bounds of sessions ${where}`, () => {
    it('are those that were set, frozen', () => {
      const expiry = expiryOf({ idleTimeout: 3_000, absoluteTimeout: 9_000, timeoutResolution: 299 });
      expect(expiry).to.deep.equal({ lastAccess: 3_000, lastUpdate: null, created: 9_000, timeoutResolution: 299 });
      expect(expiry).to.be.frozen;
    });

    it('may both be off', () => {
      const none = { lastAccess: null, lastUpdate: null, created: null };
      expect(expiryOf({ idleTimeout: null, absoluteTimeout: null })).to.include(none);
    });

    it('refuse a resolution that would let active sessions expire', () => {
      const refused = { idleTimeout: MINUTE, timeoutResolution: MINUTE };
      expect(() => kit(refused)).to.throw(TypeError, /timeoutResolution.*60000/);
      expect(expiryOf({ ...refused, timeoutResolution: MINUTE - 1 }).timeoutResolution).to.equal(MINUTE - 1);
    });

    it('take any resolution without an idle timeout, and 0', () => {
      expect(expiryOf({ idleTimeout: null, timeoutResolution: DAY }).timeoutResolution).to.equal(DAY);
      expect(expiryOf({ timeoutResolution: 0 }).timeoutResolution).to.equal(0);
    });

    it('give the resolution by default: a tenth of the idle timeout, at most 10 minutes', () => {
      for (const [idleTimeout, resolution] of [
        [1_000, 100],
        [5, 0],
        [DAY, 10 * MINUTE],
        [null, 10 * MINUTE],
      ] as const) {
        expect(expiryOf({ idleTimeout }).timeoutResolution, String(idleTimeout)).to.equal(resolution);
      }
    });
  });
}
