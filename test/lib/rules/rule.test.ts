import { expect } from 'chai';
import { FieldsRule } from '../../../src/lib/rules/fields.js';
import { anything, callback, flag, kind, list, oneOf, text } from '../../../src/lib/rules/kinds.js';
import type { Rule } from '../../../src/lib/rules/rule.js';

/** What a rule makes of a value; the first problem, with its path, of one that it refuses. */
function outcome(rule: Rule<unknown>, value: unknown): unknown {
  const judgement = rule.judge(value);
  if ('value' in judgement) return judgement.value;
  const [problem] = judgement.problems;
  return `${problem?.path.join('.')}: ${problem?.text}`;
}

describe('rules', () => {
  it('take the values of their kind, and say what another one is', () => {
    const fun = () => undefined;
    const date = new Date(0);
    for (const [rule, good, problem] of [
      [text(), '', 'expected a string, got null'],
      [flag('must be true or false'), false, 'must be true or false'],
      [callback('expected a function'), fun, 'expected a function, got null'],
      [kind((value): value is Date => value instanceof Date, 'expected a Date'), date, 'expected a Date, got null'],
      [oneOf(['a', true, false]), false, 'expected one of "a", true, false'],
    ] as const) {
      expect(outcome(rule, good)).to.equal(good);
      expect(outcome(rule, null)).to.equal(`: ${problem}`);
    }
    expect(outcome(anything, date)).to.equal(date);
  });

  it('take undefined or null only where they say so, and undefined for the default', () => {
    const rule = text();
    expect(outcome(rule, undefined)).to.equal(': expected a string, got undefined');
    expect(outcome(rule.optional(), undefined)).to.equal(undefined);
    expect(outcome(rule.optional(), null)).to.equal(': expected a string, got null');
    expect(outcome(rule.nullable(), null)).to.equal(null);
    expect(outcome(rule.nullable(), undefined)).to.equal(': expected a string, got undefined');
    expect(outcome(rule.nullable().default('d'), undefined)).to.equal('d');
    expect(outcome(rule.nullable().default('d'), null)).to.equal(null);
  });

  it('check and change a value in the order of their steps, up to the first problem', () => {
    const rule = text()
      .check((given) => given !== '', 'must not be empty')
      .refuse((given) => (given.length > 3 ? `has ${given.length} characters` : undefined))
      .map((given) => given.toLowerCase())
      .pipe(oneOf(['a', 'b'], 'must be a or b'));
    expect(outcome(rule, 'B')).to.equal('b');
    for (const [given, problem] of [
      ['', 'must not be empty'],
      ['long', 'has 4 characters'],
      ['c', 'must be a or b'],
      [7, 'expected a string, got a number'],
    ] as const) {
      expect(outcome(rule, given)).to.equal(`: ${problem}`);
    }
  });

  it('judge the items of a list, and name the wrong one by its index', () => {
    const rule = list(text(), 'must be an array');
    const given = ['a', 'b'];
    expect(outcome(rule, given)).to.deep.equal(given);
    expect(outcome(rule, given)).not.to.equal(given);
    expect(outcome(rule, ['a', 7])).to.equal('1: expected a string, got a number');
    expect(outcome(rule, 'a')).to.equal(': must be an array');
  });

  describe('for fields', () => {
    const rule = new FieldsRule({
      name: text().default('n'),
      inner: new FieldsRule({ list: list(text(), '') }).optional(),
    });

    it('make a frozen object that has every field', () => {
      const value = outcome(rule, {});
      expect(value).to.deep.equal({ name: 'n', inner: undefined });
      expect(Object.isFrozen(value)).to.equal(true);
      expect(rule.defaults()).to.deep.equal(value);
    });

    it('read a field that a class has as an accessor', () => {
      class Options {
        get name(): string {
          return 'own';
        }
      }
      expect(outcome(rule, new Options())).to.have.property('name', 'own');
    });

    it('name what is wrong by its path', () => {
      expect(outcome(rule, { inner: { list: ['a', 7] } })).to.equal('inner.list.1: expected a string, got a number');
      expect(outcome(rule, [])).to.equal(': expected an object of options, got an array');
    });

    it('refuse other names, inherited ones too', () => {
      for (const given of [{ other: 1 }, Object.create({ other: 1 })]) {
        const judgement = rule.judge(given);
        expect('problems' in judgement && judgement.problems.flatMap(({ unknown = [] }) => unknown)).to.deep.equal([
          'other',
        ]);
      }
    });

    it('have no defaults while a field needs a value', () => {
      expect(() => new FieldsRule({ name: text() }).defaults()).to.throw(TypeError, 'name has no default');
    });
  });
});
