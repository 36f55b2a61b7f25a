import { expect } from 'chai';
import fc from 'fast-check';
import { RevocationList, RevocationsStale, SessionNotFound, StoreUnavailable } from '../../../src/index.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { jsonValue } from '../../support/json-data.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { bench, tokenOf } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

/** Objects that do harm to whoever looks at them. */
const hostile: readonly unknown[] = [
  {
    get length(): never {
      throw new Error('length');
    },
  },
  {
    toString(): never {
      throw new Error('toString');
    },
  },
  {
    [Symbol.toPrimitive](): never {
      throw new Error('toPrimitive');
    },
  },
  new Proxy(
    {},
    {
      get(): never {
        throw new Error('get');
      },
      getPrototypeOf(): never {
        throw new Error('getPrototypeOf');
      },
      has(): never {
        throw new Error('has');
      },
    },
  ),
  Object.create(null),
  Object('x.y.z'),
  Symbol('sid'),
  () => 'sid',
  Buffer.from('a.b.c'),
  ['a.b.c'],
  10n,
];

describe('SessionStorage.get: no input throws anything but SessionNotFound', () => {
  const { storage } = bench({ revocations: new RevocationList() });
  const other = bench({ jwtSecret: 'another secret of sixty-four bytes, which signs no token here: 1' }).storage;
  const good = storage.create({ a: 1 }).setUser('u1').forClient();

  it('not hostile objects', () => {
    for (const sid of hostile) expect(errorOf(() => storage.get(sid), SessionNotFound).reason).to.equal('malformed');
  });

  it('not anything at all', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
    fc.assert(
      fc.property(anything, (sid) => {
        expect(Object.is(errorOf(() => storage.get(sid), SessionNotFound).sessionId, sid)).to.equal(true);
      }),
    );
  });

  it('not any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (sid) => {
        expect(errorOf(() => storage.get(sid), SessionNotFound)).to.have.property('sessionId', sid);
      }),
    );
  });

  it('not three segments of anything', () => {
    const segment = fc.oneof(
      jsonValue.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
      fc.base64String().map((text) => text.replace(/[+/=]/g, '-')),
      fc.constantFrom('', 'e30', good.split('.')[0] ?? '', good.split('.')[1] ?? '', good.split('.')[2] ?? ''),
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
        const sid = segments.join('.');
        fc.pre(sid !== good);
        errorOf(() => storage.get(sid), SessionNotFound);
      }),
    );
  });

  it('not any well-signed payload, unless it opens', () => {
    const payload = fc.oneof(
      jsonValue,
      fc.record(
        {
          jti: fc.oneof(fc.constant('x'), jsonValue),
          created: fc.oneof(fc.constant(NOW), jsonValue),
          luat: fc.oneof(fc.constant(NOW), jsonValue),
          lmat: fc.oneof(fc.constant(NOW), jsonValue),
          lin: jsonValue,
          since: jsonValue,
          auth: jsonValue,
          uid: jsonValue,
          exp: jsonValue,
          iat: jsonValue,
          nbf: jsonValue,
          life: fc.oneof(fc.record({ idleTimeout: jsonValue, absoluteTimeout: jsonValue }), jsonValue),
          info: jsonValue,
          sessionData: jsonValue,
          userData: jsonValue,
        },
        { requiredKeys: ['jti', 'created', 'luat', 'lmat'] },
      ),
    );
    fc.assert(
      fc.property(payload, (claimed) => {
        const sid = tokenOf(claimed);
        for (let i = 0; i < 3; i += 1) expect(openingOf(storage, sid)).to.equal(openingOf(storage, sid));
      }),
      { numRuns: 300 },
    );
  });

  it('not any altered character of a good token, although that one is remembered', () => {
    for (let i = 0; i < 3; i += 1) storage.get(good);
    fc.assert(
      fc.property(fc.nat({ max: good.length - 1 }), fc.string({ unit: 'binary', maxLength: 2 }), (at, put) => {
        const sid = `${good.slice(0, at)}${put}${good.slice(at + 1)}`;
        fc.pre(sid !== good);
        errorOf(() => storage.get(sid), SessionNotFound);
      }),
      { numRuns: 500 },
    );
    expect(openingOf(storage, good)).to.equal('opened');
  });

  it('not a token of other hands', () => {
    expect(openingOf(other, good)).to.equal('bad_signature');
  });

  it('but RevocationsStale where a list cannot be trusted, and only once the token itself is good', async () => {
    const list = new RevocationList({ log: new FaultyLog({ reading: 'stalls' }) });
    const stale = bench({ revocations: list }).storage;
    expect(() => stale.get(good)).to.throw(RevocationsStale);
    expect(() => stale.get(good)).to.throw(StoreUnavailable);
    expect(openingOf(stale, 'x.y.z')).to.equal('malformed');
    expect(openingOf(stale, undefined)).to.equal('missing');
    await list.close();
  });
});
