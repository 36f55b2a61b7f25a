import { expect } from 'chai';
import { withoutForeign } from '../../tools/check-typescript.js';

describe('tools/check-typescript', () => {
  const foreign = "node_modules/pg-protocol/a.d.ts(1,2): error TS2315: Type 'Buffer' is not generic.\n  More of it.\n";
  const outcomeOf = (stdout: string): ReturnType<typeof withoutForeign> =>
    withoutForeign({ code: 2, stdout, stderr: '' });

  it('takes errors in the types of other packages for none', () => {
    expect(outcomeOf(foreign + foreign)).to.deep.equal({ code: 0, stdout: '', stderr: '' });
  });

  it('keeps errors in programs and in the types of this package', () => {
    for (const own of ['a.ts(1,2): error TS1: No.\n', 'node_modules/sessions-jwt/dist/a.d.ts(1,2): error TS1: No.\n']) {
      expect(outcomeOf(foreign + own + foreign)).to.deep.equal({ code: 2, stdout: own, stderr: '' });
    }
  });

  it('keeps a failure without output', () => {
    expect(outcomeOf('').code).to.equal(2);
  });
});
