import { expect } from 'chai';
import { MemoryStore, RevocationList, ServerSessionStorage, SessionStorage } from '../../src/index.js';
import { kindOf } from '../../src/lib/kind-of.js';
import { LONGEST_TIMER, wholeNumber } from '../../src/lib/whole-number.js';
import { SECRET } from '../support/sessions.js';

function problemOf(option: ReturnType<typeof wholeNumber>, value: unknown): string | undefined {
  const judgement = option.judge(value);
  return 'problems' in judgement ? judgement.problems[0]?.text : undefined;
}

describe('wholeNumber', () => {
  it('accepts its range, and names it for everything else', () => {
    for (const [option, range, good, bad] of [
      [wholeNumber('ms', 0), 'of ms, 0 or more', [0, 1, 1e12], [-1]],
      [wholeNumber('ms', 1), 'of ms above 0', [1, 1e12], [0]],
      [wholeNumber('ms', 1, 10), 'of ms from 1 to 10', [1, 10], [0, 11]],
      [wholeNumber(undefined, 1, undefined, 'null for no limit'), 'above 0, or null for no limit', [1], [0]],
    ] as const) {
      for (const value of good) expect(problemOf(option, value)).to.equal(undefined);
      for (const value of [...bad, 2 ** 60]) {
        expect(problemOf(option, value)).to.equal(`expected a whole number ${range}`);
      }
      for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY, '5', undefined]) {
        expect(problemOf(option, value)).to.equal(`expected a whole number ${range}, got ${kindOf(value)}`);
      }
    }
  });

  it('limits what a timer waits for, in every option', () => {
    const tooLong = LONGEST_TIMER + 1;
    const store = new MemoryStore();
    const [deadline, sweepInterval] = [tooLong, tooLong];
    for (const make of [
      () => new RevocationList({ deadline }),
      () => new ServerSessionStorage({ store, deadline }),
      () => new ServerSessionStorage({ store, sweepInterval }),
    ]) {
      expect(make).to.throw(TypeError, `from 1 to ${LONGEST_TIMER}`);
    }
    expect(() => new SessionStorage({ jwtSecret: SECRET, clockSkew: 300_001 })).to.throw(TypeError, 'from 0 to 300000');
  });
});
