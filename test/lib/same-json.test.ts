import { expect } from 'chai';
import fc from 'fast-check';
import { changedKeys, cloneJson, copyAsJson, isSameJson } from '../../src/lib/json.js';

const object = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }).map((value) => copyAsJson(value, 'data'));

describe('isSameJson', () => {
  it('holds for every copy', () => {
    fc.assert(fc.property(object, (data) => isSameJson(data, cloneJson(data))));
  });

  it('never holds where a top-level key has another JSON text', () => {
    fc.assert(
      fc.property(object, object, (a, b) => {
        if (isSameJson(a, b)) expect(changedKeys(a, b)).to.deep.equal([]);
      }),
    );
  });

  it('sees any one value that is another', () => {
    fc.assert(
      fc.property(object, fc.string(), fc.jsonValue(), (data, key, value) => {
        const changed = copyAsJson(Object.fromEntries([...Object.entries(data), [key, [value]]]), 'data');
        expect(isSameJson(data, changed)).to.equal(changedKeys(data, changed).length === 0);
      }),
    );
  });

  it('does not hold for what is no JSON, however much it looks alike', () => {
    class Point {
      x = 1;
    }
    const list: unknown[] = [1];
    list.length = 2;
    const pairs: readonly (readonly [unknown, unknown])[] = [
      [{ x: 1 }, new Point()],
      [{ a: 1 }, { a: 1, [Symbol('b')]: 2 }],
      [{ a: 1 }, { a: 1, b: undefined }],
      [[1], list],
      [[1, null], list],
      [[], {}],
      [{}, []],
      [{ a: {} }, { a: new Map() }],
      [null, undefined],
      [0, Number.NaN],
    ];
    for (const [json, other] of pairs) expect(isSameJson(json, other)).to.equal(false);
  });
});
