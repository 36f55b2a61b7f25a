import { expect } from 'chai';
import fc from 'fast-check';
import { AgingMap } from '../../../src/storage/revocation/aging-map.js';

describe('AgingMap', () => {
  it('removes the oldest first, as a plain map does that is searched from the start', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const step = fc.oneof(
      fc.record({ set: key }),
      fc.record({ delete: key }),
      fc.record({ dropBefore: fc.integer({ min: 0, max: 60 }) }),
    );
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const aging = new AgingMap<number>();
      const plain = new Map<string, number>();
      steps.forEach((given, index) => {
        if ('set' in given) {
          plain.delete(given.set);
          plain.set(given.set, index);
          aging.set(given.set, index);
        } else if ('delete' in given) {
          plain.delete(given.delete);
          aging.delete(given.delete);
        } else {
          for (const [name, value] of plain) if (value < given.dropBefore) plain.delete(name);
          aging.dropWhile((value) => value < given.dropBefore);
        }
        expect([...aging.values()]).to.deep.equal([...plain.values()]);
        expect(aging.size).to.equal(plain.size);
      });
      for (const name of 'abcde')
        expect([aging.get(name), aging.has(name)]).to.deep.equal([plain.get(name), plain.has(name)]);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
