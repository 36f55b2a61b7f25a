import { expect } from 'chai';
import { isInstanceId } from '../../src/lib/instance-id.js';

describe('isInstanceId', () => {
  for (const id of ['a', 'Z9_-', 'x'.repeat(64)]) it(`accepts ${id}`, () => expect(isInstanceId(id)).to.equal(true));

  for (const id of [undefined, '', 'a b', 'a, b', 'a\n', 'é', 'x'.repeat(65)]) {
    it(`refuses ${JSON.stringify(id)}`, () => expect(isInstanceId(id)).to.equal(false));
  }
});
