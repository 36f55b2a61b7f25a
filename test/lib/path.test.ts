import { expect } from 'chai';
import { spellPath } from '../../src/lib/path.js';

describe('spellPath', () => {
  it('spells keys behind dots, and indexes in brackets', () => {
    expect(spellPath(['cookie'])).to.equal('cookie');
    expect(spellPath(['cookie', 'alsoClear', 0, 'path'])).to.equal('cookie.alsoClear[0].path');
  });

  it('quotes a key that is no identifier', () => {
    expect(spellPath(['data', 'a.b', ''])).to.equal('data["a.b"][""]');
    expect(spellPath(['data', 'a\n'])).to.equal('data["a\\n"]');
    expect(spellPath(['data', '\u009b\u2028\u202e'])).to.equal('data["\\u009b\\u2028\\u202e"]');
  });

  it('cuts long keys and long paths', () => {
    expect(spellPath(['data', 'a'.repeat(100)])).to.equal(`data["${'a'.repeat(64)}"]`);
    expect(spellPath(['data', ...Array.from({ length: 1000 }, () => 'key')]).length).to.be.below(210);
  });

  it('spells a key that is a symbol', () => {
    expect(spellPath(['data', Symbol('a')])).to.equal('data["Symbol(a)"]');
  });
});
