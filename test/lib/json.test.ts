import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { SessionDataInvalid } from '../../src/errors.js';
import { changedKeys, cloneJson, compareJson, copyAsJson, deepFreeze, isPlainObject } from '../../src/lib/json.js';
import { canonical, jsonObject, nested } from '../support/json-data.js';
import { errorOf } from '../support/outcomes.js';

class Money {
  readonly amount = 5;
}

function cycle(): object {
  const cart: Record<string, unknown> = {};
  cart['self'] = { inner: cart };
  return cart;
}

describe('copyAsJson', () => {
  const refused: readonly [string, unknown][] = [
    ['NaN', Number.NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['a bigint', 1n],
    ['a symbol', Symbol('x')],
    ['a function', () => 1],
    ['a Date', new Date()],
    ['a Map', new Map()],
    ['a Set', new Set()],
    ['a RegExp', /x/],
    ['a Buffer', Buffer.from('x')],
    ['a boxed number', Object(1)],
    ['a boxed string', Object('x')],
    ['a Promise', Promise.resolve()],
    ['an Error', new Error('x')],
    ['an instance of a class', new Money()],
    ['an object whose prototype is another object', Object.create({ a: 1 })],
    ['an object with toJSON', { toJSON: () => 1 }],
    ['a property named by a symbol', { [Symbol('x')]: 1 }],
  ];
  for (const [what, value] of refused) {
    it(`refuses ${what}, naming its path`, () => {
      expect(errorOf(() => copyAsJson({ cart: [{ price: value }] }, 'data'), SessionDataInvalid).path).to.match(
        /^data\.cart\[0\]\.price/,
      );
    });
  }

  it('refuses undefined in an array, and a hole, naming the index', () => {
    expect(errorOf(() => copyAsJson({ cart: [1, undefined] }, 'data'), SessionDataInvalid).path).to.equal(
      'data.cart[1]',
    );
    const holes: unknown[] = [1, 2, 3];
    delete holes[1];
    expect(errorOf(() => copyAsJson({ cart: holes }, 'data'), SessionDataInvalid).path).to.equal('data.cart[1]');
  });

  it('refuses anything but a plain object at the top, naming what it got', () => {
    const message = (value: unknown): string => errorOf(() => copyAsJson(value, 'data')).message;
    expect(message([])).to.include('an array');
    expect(message(null)).to.include('null');
    expect(message(undefined)).to.include('undefined');
    expect(message('text')).to.include('a string').and.not.include('text');
    expect(message(new Money())).to.include('Money');
    expect(message(new Date())).to.include('Date');
  });

  it('refuses a cycle', () => {
    expect(() => copyAsJson(cycle(), 'data')).to.throw('cycle');
  });

  it('takes 1,000 levels and refuses 1,001', () => {
    expect(canonical(copyAsJson(nested(1000), 'data'))).to.equal(canonical(nested(1000)));
    expect(() => copyAsJson(nested(1001), 'data')).to.throw('1000 levels');
  });

  it('takes the same object twice, where there is no cycle', () => {
    const shared = { x: 1 };
    const copy = copyAsJson({ a: shared, b: shared }, 'data');
    copy.a.x = 2;
    expect(copy.b.x).to.equal(1);
  });

  it('quotes keys that are no identifiers, and cuts long ones', () => {
    expect(errorOf(() => copyAsJson({ 'a b': Number.NaN }, 'data'), SessionDataInvalid).path).to.equal('data["a b"]');
    expect(errorOf(() => copyAsJson({ 'x\r\ny': Number.NaN }, 'data'), SessionDataInvalid).path).to.equal(
      'data["x\\r\\ny"]',
    );
    expect(
      errorOf(() => copyAsJson({ ['k'.repeat(9999)]: 1n }, 'data'), SessionDataInvalid).path,
    ).to.have.lengthOf.below(80);
  });

  it('keeps a path short however deep it is', () => {
    expect(() => copyAsJson(nested(1001), 'data'))
      .to.throw()
      .with.property('message')
      .with.lengthOf.below(400);
  });

  it('never shows a value', () => {
    for (const value of ['hunter2', 1234567n, Symbol('hunter2')]) {
      const { message } = errorOf(() => copyAsJson({ a: [undefined, value] }, 'data'));
      expect(message).not.to.match(/hunter2|1234567/);
    }
    expect(errorOf(() => copyAsJson({ a: 1234567n }, 'data')).message).not.to.include('1234567');
  });

  it('drops undefined properties and writes -0 as 0, as JSON text does', () => {
    const copy = copyAsJson({ a: undefined, b: -0, c: [-0] }, 'data');
    expect(Object.keys(copy)).to.deep.equal(['b', 'c']);
    expect(Object.is(copy.b, 0)).to.equal(true);
    expect(Object.is(copy.c[0], 0)).to.equal(true);
  });

  it('takes objects of another realm and without a prototype', () => {
    const foreign: unknown = runInNewContext('({ a: [{ b: 1 }] })');
    expect(JSON.stringify(copyAsJson(foreign, 'data'))).to.equal('{"a":[{"b":1}]}');
    expect(copyAsJson(Object.assign(Object.create(null), { a: 1 }), 'data')).to.deep.equal({ a: 1 });
  });

  it('leaves out what JSON.stringify leaves out: properties that are not enumerable or inherited', () => {
    const object = Object.defineProperty({ a: 1 }, 'hidden', { value: 2, enumerable: false });
    expect(copyAsJson(object, 'data')).to.deep.equal({ a: 1 });
  });

  it('gives what JSON.parse of JSON.stringify gives, for any JSON object, sharing nothing with it', () => {
    fc.assert(
      fc.property(jsonObject, (data) => {
        const copy = copyAsJson(data, 'data');
        expect(JSON.stringify(copy)).to.equal(JSON.stringify(data));
        expect(sharedObjects(data, copy)).to.equal(0);
      }),
    );
  });

  it('answers anything at all with a copy that JSON text carries unchanged, or with SessionDataInvalid', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true }),
        (value) => {
          let copy: unknown;
          try {
            copy = copyAsJson({ value }, 'data');
          } catch (error) {
            expect(error).to.have.property('code', 'ERR_SESSION_DATA_INVALID');
            return;
          }
          expect(canonical(JSON.parse(JSON.stringify(copy)))).to.equal(canonical(copy));
        },
      ),
    );
  });
});

/** How many objects two trees have in common. */
function sharedObjects(a: unknown, b: unknown): number {
  const seen = new Set(objectsIn(a));
  return objectsIn(b).filter((object) => seen.has(object)).length;
}

function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

describe('cloneJson', () => {
  it('gives the same JSON, sharing nothing, and pollutes nothing', () => {
    fc.assert(
      fc.property(jsonObject, (data) => {
        const copy = cloneJson(data);
        expect(JSON.stringify(copy)).to.equal(JSON.stringify(data));
        expect(sharedObjects(data, copy)).to.equal(0);
      }),
    );
  });

  it('copies a key named __proto__ as a property, without touching the prototype', () => {
    const copy: object = cloneJson(JSON.parse('{"__proto__":{"polluted":1}}'));
    expect(Object.getPrototypeOf(copy)).to.equal(Object.prototype);
    expect(Object.keys(copy)).to.deep.equal(['__proto__']);
    expect(Reflect.get({}, 'polluted')).to.equal(undefined);
  });
});

describe('compareJson', () => {
  it('knows a string, number or boolean that was added or changed', () => {
    for (const value of ['', 'b', 1, 0, true, false]) {
      for (const before of [{}, { key: 'a' }, { key: 2 }]) {
        expect(compareJson({ ...before, same: 1 }, { same: 1, key: value })).to.equal('different');
      }
    }
  });

  it('knows the same JSON with its keys in the same order', () => {
    expect(compareJson({ key: 'a', list: [1] }, { key: 'a', list: [1] })).to.equal('same');
    expect(compareJson({ key: 0 }, { key: -0 })).to.equal('same');
  });

  it('leaves the rest to a comparison of texts', () => {
    const json = { key: 'a', list: [1] };
    const others = [{ key: 'a' }, {}, { ...json, list: [2] }, { ...json, key: null }, { ...json, key: {} }];
    const odd = [{ list: [1], key: 'a' }, { ...json, [Symbol('a')]: 1 }, { ...json, none: undefined }, new Map()];
    for (const other of [...others, ...odd]) expect(compareJson(json, other)).to.equal('unknown');
  });

  it('never contradicts a comparison of texts (property)', () => {
    fc.assert(
      fc.property(jsonObject, jsonObject, (a, b) => {
        const comparison = compareJson(a, b);
        if (comparison !== 'unknown') expect(changedKeys(a, b).length > 0).to.equal(comparison === 'different');
        expect(compareJson(a, cloneJson(a))).to.equal('same');
      }),
    );
  });
});

describe('changedKeys', () => {
  it('names no key of equal data, in whatever order its top-level keys are', () => {
    expect(changedKeys({ a: 1, b: [2] }, { b: [2], a: 1 })).to.deep.equal([]);
  });

  it('names a key that was added, deleted or changed at any depth', () => {
    const before = { same: 1, deleted: 1, changed: { x: [1] } };
    const after = { same: 1, changed: { x: [2] }, added: null };
    expect(changedKeys(before, after)).to.have.members(['deleted', 'changed', 'added']);
  });

  it('names a key called __proto__ like any other', () => {
    const before: object = JSON.parse('{"__proto__":1}');
    expect(changedKeys(before, {})).to.deep.equal(['__proto__']);
    expect(changedKeys(before, JSON.parse('{"__proto__":1}'))).to.deep.equal([]);
    expect(changedKeys({}, {})).to.deep.equal([]);
  });

  it('agrees with a comparison of canonical texts for any two JSON objects, apart from the order of inner keys', () => {
    fc.assert(
      fc.property(jsonObject, jsonObject, (a, b) => {
        if (canonical(a) !== canonical(b)) expect(changedKeys(a, b)).not.to.deep.equal([]);
        expect(changedKeys(a, cloneJson(a))).to.deep.equal([]);
      }),
    );
  });
});

describe('deepFreeze', () => {
  it('freezes every level and gives back what it was given', () => {
    const data = { a: [{ b: {} }], c: null, d: 'text' };
    expect(deepFreeze(data)).to.equal(data);
    for (const object of objectsIn(data)) expect(object).to.be.frozen;
    expect(deepFreeze(undefined)).to.equal(undefined);
  });
});

describe('isPlainObject', () => {
  it('is true for object literals and null-prototype objects of any realm', () => {
    for (const value of [{}, Object.create(null), runInNewContext('({})'), JSON.parse('{}')]) {
      expect(isPlainObject(value)).to.equal(true);
    }
  });

  it('is false for everything else', () => {
    for (const value of [null, undefined, 1, 'x', [], new Date(), new Map(), new Money(), () => 1, Object(1)]) {
      expect(isPlainObject(value)).to.equal(false);
    }
  });
});
