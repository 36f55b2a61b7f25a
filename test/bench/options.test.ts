import { expect } from 'chai';
import { readOptions } from '../../bench/options.js';
import { PARTS } from '../../bench/sections.js';

describe('The command line of the benchmark', () => {
  it('measures every part without an option', () => {
    expect(readOptions([])).to.deep.equal({ parts: PARTS, isQuick: false, rounds: undefined, only: undefined });
  });

  it('measures the parts that are named, in the order of the results', () => {
    expect(readOptions(['--live', '--http']).parts).to.deep.equal(['http', 'live']);
  });

  it('takes the servers whose names match, in either case', () => {
    const { only } = readOptions(['--only', 'express']);
    expect(only?.test('Express, bare')).to.equal(true);
    expect(only?.test('Koa, bare')).to.equal(false);
  });

  it('takes a number of rounds', () => {
    expect(readOptions(['--rounds', '12']).rounds).to.equal(12);
  });

  it('refuses what it does not know', () => {
    for (const args of [['--rounds', '0'], ['--rounds', 'x'], ['--rounds'], ['--quickly'], ['http']]) {
      expect(() => readOptions(args), args.join(' ')).to.throw(TypeError);
    }
    expect(() => readOptions(['--only', '('])).to.throw(SyntaxError);
  });
});
