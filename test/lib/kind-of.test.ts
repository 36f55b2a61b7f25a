import { expect } from 'chai';
import { kindOf } from '../../src/lib/kind-of.js';

describe('kindOf', () => {
  for (const [value, kind] of [
    [null, 'null'],
    [undefined, 'undefined'],
    [1, 'a number'],
    [Number.NaN, 'NaN'],
    ['secret', 'a string'],
    [[1], 'an array'],
    [{}, 'an object'],
    [new Map(), 'an instance of Map'],
    [() => 1, 'a function'],
    [class Store {}, 'a class: call new'],
    [Promise.resolve(), 'a Promise: await it first'],
    [Object.create(null), 'an object'],
  ] as const) {
    it(`says ${kind}`, () => {
      expect(kindOf(value)).to.equal(kind);
    });
  }
});
