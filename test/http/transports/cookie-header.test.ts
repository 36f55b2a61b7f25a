import { expect } from 'chai';
import fc from 'fast-check';
import { cookieValues } from '../../../src/http/transports/cookie.js';
import { valuesBySplitting } from '../../support/cookie-model.js';

describe('cookieValues', () => {
  it('gives every value of the name, in order', () => {
    expect(cookieValues('sid=a; other=b; sid=c;sid=d', 'sid')).to.deep.equal(['a', 'c', 'd']);
  });

  it('gives undefined when no cookie of that name is there', () => {
    for (const header of ['', ';', ';;;', ' ', '=', 'xsid=a', 'sidx=a', 'x=sid', 'x="sid=1"', 'sid']) {
      expect(cookieValues(header, 'sid'), header).to.equal(undefined);
    }
  });

  it('compares names with case (row 37)', () => {
    expect(cookieValues('SID=a; Sid=b', 'sid')).to.equal(undefined);
    expect(cookieValues('__host-sid=evil; __HOST-sid=evil; __Host-sid=good', '__Host-sid')).to.deep.equal(['good']);
  });

  it('takes one pair of double quotes off, and only a pair (row 37)', () => {
    expect(cookieValues('sid="a"; sid=""b""; sid="; sid=""; sid="c; sid=d"', 'sid')).to.deep.equal([
      'a',
      '"b"',
      '"',
      '',
      '"c',
      'd"',
    ]);
  });

  it('keeps = within values and reads RFC 2109 attributes and nameless cookies as other cookies (row 37)', () => {
    expect(cookieValues('$Version=1; sid=a=b==; $Path="/"; =sid=evil; =; sid=', 'sid')).to.deep.equal(['a=b==', '']);
  });

  it('ignores spaces and tabs around names and values, and no other blank', () => {
    expect(cookieValues(' \tsid \t= \ta\t ;\tsid=b', 'sid')).to.deep.equal(['a', 'b']);
    expect(cookieValues('\u00a0sid=a; sid\u00a0=b; sid=c\u00a0', 'sid')).to.deep.equal(['c\u00a0']);
  });

  it('does not let the value of another cookie bring one in', () => {
    expect(cookieValues('theme=dark, sid=evil; lang="x, sid=evil"', 'sid')).to.equal(undefined);
  });

  it('does not decode percent signs', () => {
    expect(cookieValues('sid=%61; %73id=b', 'sid')).to.deep.equal(['%61']);
  });

  it('reads a megabyte of anything in one pass (row 37)', function () {
    this.timeout(4000);
    for (const piece of [';', '=', ' ', '\t', 'sid', 'sid ', 'sid=', '"', ' ;', 'sid\t;', 'sid= ', 'a']) {
      const junk = piece.repeat(1_048_576 / piece.length);
      expect(cookieValues(`${junk};sid=abc`, 'sid')?.at(-1), JSON.stringify(piece)).to.equal('abc');
    }
  });

  it('agrees with splitting at ; and at the first = (property)', () => {
    const noise = fc.array(fc.constantFrom('sid', 'x', '=', ';', '"', ' ', '\t', ',', '$', 'a'), { maxLength: 40 });
    fc.assert(
      fc.property(noise, (pieces) => {
        const header = pieces.join('');
        expect(cookieValues(header, 'sid')).to.deep.equal(valuesBySplitting(header, 'sid'));
      }),
      { numRuns: 2000 },
    );
  });
});
