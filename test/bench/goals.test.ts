import { expect } from 'chai';
import { outcome } from '../../bench/goals.js';

describe('A goal of the benchmark', () => {
  it('is met by its bound and by what is better', () => {
    for (const measured of [0.5, 1]) {
      const met = { what: 'time', goal: '<= 1', measured, isMet: true, gap: 0 };
      expect(outcome({ what: 'time', atMost: 1 }, measured)).to.deep.equal(met);
    }
    for (const measured of [4, 9]) {
      const met = { what: 'speed', goal: '>= 4', measured, isMet: true, gap: 0 };
      expect(outcome({ what: 'speed', atLeast: 4 }, measured)).to.deep.equal(met);
    }
  });

  it('is missed by a share of its bound, with the reason if that is known', () => {
    expect(outcome({ what: 'time', atMost: 2 }, 3)).to.include({ isMet: false, gap: 0.5 });
    expect(outcome({ what: 'speed', atLeast: 4, obstacle: 'why' }, 3)).to.include({
      isMet: false,
      gap: 0.25,
      obstacle: 'why',
    });
  });

  it('is missed by what was not measured', () => {
    expect(outcome({ what: 'time', atMost: 2 }, Number.NaN).isMet).to.equal(false);
  });
});
