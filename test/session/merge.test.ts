import { expect } from 'chai';
import fc from 'fast-check';
import { changedKeys } from '../../src/lib/json.js';
import { mergeInto } from '../../src/session/merge.js';
import { anyText, canonical, jsonObject, jsonValue } from '../support/json-data.js';

type Json = Record<string, unknown>;

/** A deep copy, `__proto__` properties included. */
function copy(data: Json): Json {
  return JSON.parse(JSON.stringify(data));
}

/** What `mine` becomes, and which keys were contested. */
function merged(base: Json, mine: Json, theirs: Json, only?: readonly string[]): [Json, string[]] {
  const result = copy(mine);
  const contested = mergeInto(result, base, theirs, only);
  return [result, contested];
}

/** Some of the keys of `base` set to other values or deleted, and some more put in. */
function changeOf(base: Json, changes: readonly (readonly [string, unknown])[], deleted: readonly number[]): Json {
  const result = copy(base);
  const keys = Object.keys(base);
  for (const index of deleted) Reflect.deleteProperty(result, keys[index % Math.max(1, keys.length)] ?? '');
  for (const [key, value] of changes) put(result, key, value);
  return result;
}

function put(data: Json, key: string, value: unknown): void {
  Object.defineProperty(data, key, { value, writable: true, enumerable: true, configurable: true });
}

function textOf(data: Json, key: string): string {
  return canonical(Object.getOwnPropertyDescriptor(data, key)?.value);
}

const changes = fc.array(fc.tuple(fc.oneof(fc.constantFrom('a', 'b', '__proto__'), anyText), jsonValue), {
  maxLength: 4,
});
const edits = fc.tuple(changes, fc.array(fc.nat({ max: 4 }), { maxLength: 2 }));
const three = fc
  .tuple(jsonObject, edits, edits)
  .map(([base, [mine, gone], [theirs, alsoGone]]): [Json, Json, Json] => [
    base,
    changeOf(base, mine, gone),
    changeOf(base, theirs, alsoGone),
  ]);

describe('mergeInto', () => {
  const cases: readonly [what: string, base: Json, mine: Json, theirs: Json, result: Json, contested: string[]][] = [
    ['nothing changed', { a: 1 }, { a: 1 }, { a: 1 }, { a: 1 }, []],
    ['only mine changed', { a: 1 }, { a: 2 }, { a: 1 }, { a: 2 }, []],
    ['only theirs changed', { a: 1 }, { a: 1 }, { a: 2 }, { a: 2 }, []],
    ['different keys changed', { a: 1, b: 1 }, { a: 2, b: 1 }, { a: 1, b: 2 }, { a: 2, b: 2 }, []],
    ['different keys added', {}, { a: 1 }, { b: 2 }, { a: 1, b: 2 }, []],
    ['both changed one key: mine stays', { a: 1 }, { a: 2 }, { a: 3 }, { a: 2 }, ['a']],
    ['both added one key: mine stays', {}, { a: 2 }, { a: 3 }, { a: 2 }, ['a']],
    ['both changed it to the same', { a: 1 }, { a: 2 }, { a: 2 }, { a: 2 }, []],
    ['theirs deleted what mine left', { a: 1, b: 1 }, { a: 1, b: 2 }, { b: 1 }, { b: 2 }, []],
    ['mine deleted what theirs left', { a: 1, b: 1 }, { b: 1 }, { a: 1, b: 2 }, { b: 2 }, []],
    ['mine deleted what theirs changed', { a: 1 }, {}, { a: 2 }, {}, ['a']],
    ['theirs deleted what mine changed', { a: 1 }, { a: 2 }, {}, { a: 2 }, ['a']],
    ['both deleted it', { a: 1 }, {}, {}, {}, []],
    ['theirs set it to null', { a: 1 }, { a: 1 }, { a: null }, { a: null }, []],
    ['mine deleted and theirs nulled', { a: 1 }, {}, { a: null }, {}, ['a']],
    ['an array is one value', { a: [1] }, { a: [1, 2] }, { a: [1, 3] }, { a: [1, 2] }, ['a']],
    ['an array of theirs comes whole', { a: [1, 2] }, { a: [1, 2] }, { a: [3] }, { a: [3] }, []],
    [
      'a nested object is one value',
      { a: { x: 1, y: 1 } },
      { a: { x: 2, y: 1 } },
      { a: { x: 1, y: 2 } },
      { a: { x: 2, y: 1 } },
      ['a'],
    ],
    ['an object is changed into an array', { a: {} }, { a: {} }, { a: [] }, { a: [] }, []],
    ['1 is not "1"', { a: 1 }, { a: 1 }, { a: '1' }, { a: '1' }, []],
  ];
  for (const [what, base, mine, theirs, result, contested] of cases) {
    it(`gives what is expected where ${what}`, () => {
      expect(merged(base, mine, theirs)).to.deep.equal([result, contested]);
    });
  }

  it('reads an undefined of mine as a deletion, as JSON does', () => {
    const mine: Json = { a: undefined, b: 1 };
    expect(mergeInto(mine, { a: 1, b: 1 }, { a: 1, b: 2 })).to.deep.equal([]);
    expect(JSON.stringify(mine)).to.equal('{"b":2}');
  });

  it('with `only`, takes just these keys of theirs', () => {
    expect(merged({ a: 1, b: 1, c: 1 }, { a: 1 }, { a: 2, b: 2, d: 2 }, ['a'])).to.deep.equal([{ a: 2 }, []]);
    expect(merged({ a: 1 }, { a: 1 }, { a: 2 }, [])).to.deep.equal([{ a: 1 }, []]);
  });

  it('changes `mine` in place, and neither the base nor theirs', () => {
    const [base, mine, theirs] = [{ a: [1] }, { a: [1], c: 1 }, { a: [2], b: { d: 1 } }];
    const before = JSON.stringify([base, theirs]);
    mergeInto(mine, base, theirs);
    expect(mine).to.deep.equal({ a: [2], b: { d: 1 }, c: 1 });
    expect(JSON.stringify([base, theirs])).to.equal(before);
  });

  it('shares nothing with theirs', () => {
    const theirs = { a: { list: [1] } };
    const mine: Json = {};
    mergeInto(mine, {}, theirs);
    theirs.a.list.push(2);
    expect(mine).to.deep.equal({ a: { list: [1] } });
  });

  it('treats __proto__, constructor and the like as keys (row 55)', () => {
    const base: Json = JSON.parse('{"__proto__":{"polluted":0},"constructor":1}');
    const mine: Json = JSON.parse('{"__proto__":{"polluted":0},"constructor":2,"toString":1}');
    const theirs: Json = JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"valueOf":1}');
    const contested = mergeInto(mine, base, theirs);
    expect(contested).to.deep.equal([]);
    expect(JSON.stringify(mine)).to.equal('{"__proto__":{"polluted":1},"constructor":2,"toString":1,"valueOf":1}');
    expect(Object.getPrototypeOf(mine)).to.equal(Object.prototype);
    expect(Reflect.get({}, 'polluted')).to.equal(undefined);
  });

  it('adds and deletes a __proto__ key, and changes no prototype by it (row 55)', () => {
    const data: Json = {};
    mergeInto(data, {}, JSON.parse('{"__proto__":{"polluted":1}}'));
    expect(JSON.stringify(data)).to.equal('{"__proto__":{"polluted":1}}');
    expect(Object.getPrototypeOf(data)).to.equal(Object.prototype);
    mergeInto(data, JSON.parse('{"__proto__":{"polluted":1}}'), {});
    expect(Object.keys(data)).to.deep.equal([]);
    expect(Object.getPrototypeOf(data)).to.equal(Object.prototype);
  });
});

describe('mergeInto, of any JSON', () => {
  it('takes each key from whoever changed it, and from mine where both did', () => {
    fc.assert(
      fc.property(three, ([base, mine, theirs]) => {
        const [result] = merged(base, mine, theirs);
        const mineChanged = new Set(changedKeys(base, mine));
        for (const key of new Set([base, mine, theirs, result].flatMap((data) => Object.keys(data)))) {
          const expected = mineChanged.has(key) ? mine : theirs;
          expect(textOf(result, key), JSON.stringify(key)).to.equal(textOf(expected, key));
          expect(Object.hasOwn(result, key)).to.equal(Object.hasOwn(expected, key));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('contests exactly the keys that both changed to different ends', () => {
    fc.assert(
      fc.property(three, ([base, mine, theirs]) => {
        const [, contested] = merged(base, mine, theirs);
        const expected = changedKeys(base, mine).filter(
          (key) => changedKeys(base, theirs).includes(key) && changedKeys(mine, theirs).includes(key),
        );
        expect(new Set(contested)).to.deep.equal(new Set(expected));
      }),
      { numRuns: 500 },
    );
  });

  it('comes to the same in either order where nothing is contested', () => {
    fc.assert(
      fc.property(three, ([base, mine, theirs]) => {
        const [one, contested] = merged(base, mine, theirs);
        fc.pre(contested.length === 0);
        const [other] = merged(base, theirs, mine);
        expect(canonical(one)).to.equal(canonical(other));
      }),
    );
  });

  it('is stable: merged once, there is nothing left to merge', () => {
    fc.assert(
      fc.property(three, ([base, mine, theirs]) => {
        const [result] = merged(base, mine, theirs);
        const again = copy(result);
        expect(mergeInto(again, theirs, theirs)).to.deep.equal([]);
        expect(canonical(again)).to.equal(canonical(result));
      }),
    );
  });

  it('gives theirs where mine changed nothing, and mine where theirs did not', () => {
    fc.assert(
      fc.property(three, ([base, mine, theirs]) => {
        expect(canonical(merged(base, base, theirs)[0])).to.equal(canonical(theirs));
        expect(canonical(merged(base, mine, base)[0])).to.equal(canonical(mine));
      }),
    );
  });

  it('leaves Object.prototype alone (row 55)', () => {
    const clean = Object.getOwnPropertyNames(Object.prototype).sort();
    fc.assert(
      fc.property(three, ([base, mine, theirs]) => {
        const [result] = merged(base, mine, theirs);
        expect(Object.getPrototypeOf(result)).to.equal(Object.prototype);
        expect(Object.getOwnPropertyNames(Object.prototype).sort()).to.deep.equal(clean);
      }),
    );
  });
});
