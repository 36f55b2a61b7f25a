import { expect } from 'chai';
import { laterPosition, positionIn, textOfPosition } from '../../../src/drivers/shared/log-position.js';

describe('A position of a revocation log', () => {
  it('is read as it was written, and nothing else is', () => {
    expect(positionIn(textOfPosition('Log-_1', '12.34'))).to.deep.equal({ log: 'Log-_1', entry: '12.34' });
    expect(positionIn(textOfPosition('log', '000012-34'))).to.deep.equal({ log: 'log', entry: '000012-34' });
    for (const text of [
      '',
      ':',
      'log:',
      'log:1',
      ':1.2',
      'log:1.2 ',
      'log:1.2.3',
      'lo g:1.2',
      `${'l'.repeat(65)}:1.2`,
    ]) {
      expect(positionIn(text), text).to.equal(undefined);
    }
  });

  it('is later than another one of its log by its first number, then by its second one', () => {
    const at = (entry: string, log = 'log') => ({ log, entry });
    for (const [one, other, later] of [
      [at('2.1'), at('10.0'), at('10.0')],
      [at('10.0'), at('2.1'), at('10.0')],
      [at('0005-2'), at('0005-10'), at('0005-10')],
      [at('0005-10'), at('0005-2'), at('0005-10')],
      [at(''), at('0.0'), at('0.0')],
      [at('0.0'), at(''), at('0.0')],
      [at('1.1'), at('2.2', 'other'), at('1.1')],
      [at('1.1'), undefined, at('1.1')],
    ] as const) {
      expect(laterPosition(one, other)).to.deep.equal(later);
    }
  });
});
