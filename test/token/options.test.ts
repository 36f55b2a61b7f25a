import { expect } from 'chai';
import { SessionStorage } from '../../src/index.js';
import { optionDefaults } from '../../src/storage/token/options.js';
import { SECRET } from '../support/keys.js';
import { openingOf } from '../support/outcomes.js';
import { untypedStorage } from '../support/token-fixtures.js';

/** What an environment variable, a typo or a wrong type gives. */
const JUNK: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['the empty string', ''],
  ['[]', []],
  ['{}', {}],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-1', -1],
  ['0.5', 0.5],
  ['1e308', 1e308],
  ["'60'", '60'],
  ["'1h'", '1h'],
  ['true', true],
  ['false', false],
  ['null', null],
  ['5', 5],
  ['5n', 5n],
  ['a RegExp', /a/g],
  ['a Set', new Set(['a'])],
  ['a Date', new Date(0)],
  ['a function', () => 60],
  ['a symbol', Symbol('s')],
  ["['a']", ['a']],
]);

/** Which of them each option takes. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  jwtSecret: ["'60'", "'1h'", "['a']"],
  jwtAlgorithm: [],
  timeToLive: ['5'],
  ttlType: [],
  idleTimeout: ['null', '5'],
  absoluteTimeout: ['null', '5'],
  timeoutResolution: ['5'],
  sessionData: [],
  userData: [],
  migrate: [],
  issuer: ["'60'", "'1h'"],
  audience: ["'60'", "'1h'"],
  revocations: [],
  rotationGrace: ['5'],
  clockSkew: ['5'],
  cacheSize: ['5'],
  registry: [],
  maxSessionsPerUser: ['null'],
  onReuse: [],
  clock: [],
};

function withOption(name: string, value: unknown): () => unknown {
  return () => untypedStorage({ jwtSecret: SECRET, [name]: value });
}

describe('options of SessionStorage (row 29)', () => {
  it('are the ones that are tried here', () => {
    expect(Object.keys(optionDefaults()).sort()).to.deep.equal(Object.keys(TAKEN).sort());
  });

  for (const [name, taken] of Object.entries(TAKEN)) {
    it(`${name} takes ${taken.length === 0 ? 'none' : taken.join(' and ')} of the wrong and odd values, and names itself in refusing the others`, () => {
      for (const [label, value] of JUNK) {
        if (taken.includes(label)) expect(withOption(name, value), label).not.to.throw();
        else expect(withOption(name, value), label).to.throw(TypeError, name);
      }
    });

    it(`${name} given as undefined is as if it were not given`, () => {
      if (name === 'jwtSecret') expect(withOption(name, undefined)).to.throw(TypeError, 'jwtSecret is required');
      else expect(withOption(name, undefined)).not.to.throw();
    });
  }

  it('of another name are refused, also in another case', () => {
    for (const name of [
      'secret',
      'JWTSecret',
      'algorithms',
      'maxAge',
      'clockTolerance',
      'ignoreExpiration',
      'idletimeout',
      'ttl',
      '',
    ]) {
      expect(withOption(name, 60), name).to.throw(TypeError, `unknown option ${JSON.stringify(name)}`);
    }
  });

  it('are an object with jwtSecret, or with the algorithm none and no jwtSecret', () => {
    for (const options of [
      undefined,
      null,
      {},
      'secret',
      5,
      [],
      { jwtAlgorithm: 'HS256' },
      { jwtSecret: undefined },
      { jwtSecret: [] },
    ]) {
      expect(() => untypedStorage(options)).to.throw(TypeError);
    }
    for (const jwtSecret of [SECRET, 'x', [SECRET], '']) {
      expect(() => untypedStorage({ jwtAlgorithm: 'none', jwtSecret })).to.throw(
        TypeError,
        "'none' takes no jwtSecret",
      );
    }
    expect(() => untypedStorage({ jwtAlgorithm: 'none' })).not.to.throw();
  });

  it('clockSkew is capped at 300 s (row 27)', () => {
    expect(withOption('clockSkew', 300_000)).not.to.throw();
    expect(withOption('clockSkew', 300_001)).to.throw(TypeError, 'clockSkew');
  });

  it('timeoutResolution is less than the bound that lastAccess feeds, or active sessions would expire', () => {
    for (const [timeToLive, timeoutResolution, good] of [
      [100, 99, true],
      [100, 100, false],
      [100, 101, false],
      [100, 0, true],
    ] as const) {
      const make = (): unknown => untypedStorage({ jwtSecret: SECRET, timeToLive, timeoutResolution });
      if (good) expect(make).not.to.throw();
      else expect(make).to.throw(TypeError, 'timeoutResolution');
    }
  });

  it('are read once: changing the object afterwards changes nothing', () => {
    let now = 1_000_000;
    const options = {
      jwtSecret: [Buffer.from(SECRET)],
      timeToLive: 10_000,
      timeoutResolution: 10,
      clock: { now: () => now },
    };
    const storage = new SessionStorage(options);
    const sid = storage.create({}).forClient();
    options.timeToLive = 0;
    options.jwtSecret.pop()?.fill(0);
    expect(storage.expiry.lastAccess).to.equal(10_000);
    expect(openingOf(storage, sid)).to.equal('opened');
    now += 10_000;
    expect(openingOf(storage, sid)).to.equal('expired: idle');
  });

  it('are not changed by the storage', () => {
    const options = Object.freeze({ jwtSecret: Object.freeze([SECRET]), jwtAlgorithm: 'HS256', timeToLive: 0 });
    expect(() => untypedStorage(options)).not.to.throw();
  });
});
