import { expect } from 'chai';
import { knownOnly } from '../../src/lib/known-only.js';

describe('knownOnly', () => {
  it('passes undefined, and objects with known names only', () => {
    for (const options of [undefined, {}, { touch: true }]) {
      expect(() => knownOnly('get', options, ['touch'])).not.to.throw();
    }
  });

  it('lists the options for a name that it does not know', () => {
    expect(() => knownOnly('get', { tuch: true }, ['touch', 'wait'])).to.throw(
      TypeError,
      'get: unknown option "tuch": the options are touch, wait',
    );
  });

  it('gives the cure for a known mistake', () => {
    expect(() => knownOnly('get', { ttl: 1 }, ['touch'], { ttl: 'set idleTimeout' })).to.throw(
      TypeError,
      'get: unknown option "ttl": set idleTimeout',
    );
  });

  it('says what it got in place of options', () => {
    expect(() => knownOnly('get', null, ['touch'])).to.throw(TypeError, 'get: expected an object of options, got null');
    expect(() => knownOnly('get', 'u1', ['touch'])).to.throw(
      TypeError,
      'get: expected an object of options, got a string',
    );
  });
});
