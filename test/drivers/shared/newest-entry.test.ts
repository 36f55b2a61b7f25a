import { expect } from 'chai';
import sinon from 'sinon';
import { NewestEntry, RETENTION } from '../../../src/drivers/shared/newest-entry.js';

const at = (entry: string, log = 'log') => ({ log, entry });

describe('The newest entry that a process knows', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['performance'] });
  });

  afterEach(() => {
    clock.restore();
  });

  it('is the latest one of the log that it last heard of', () => {
    const newest = new NewestEntry();
    expect(newest.sure).to.equal(undefined);
    for (const [entry, known] of [
      [at('2.0'), at('2.0')],
      [at('1.0'), at('2.0')],
      [at('3.0'), at('3.0')],
      [at('1.0', 'other'), at('1.0', 'other')],
    ] as const) {
      newest.note(entry);
      expect(newest.sure).to.deep.equal(known);
    }
    expect(newest.from(at('5.0', 'other'))).to.deep.equal(at('5.0', 'other'));
    expect(newest.from(at('0.5', 'other'))).to.deep.equal(at('1.0', 'other'));
    newest.forget();
    expect(newest.sure).to.equal(undefined);
    expect(newest.from(at('0.5', 'other'))).to.deep.equal(at('0.5', 'other'));
  });

  it('is not sure to be there when it was heard of long ago, because logs remove entries', () => {
    const newest = new NewestEntry();
    newest.note(at('2.0'));
    clock.tick(RETENTION / 2 - 1);
    newest.note(at('1.0'));
    expect(newest.sure).to.deep.equal(at('2.0'));
    clock.tick(1);
    expect(newest.sure).to.equal(undefined);
    expect(newest.from(at('1.0'))).to.deep.equal(at('2.0'));
    newest.note(at('2.0'));
    expect(newest.sure).to.deep.equal(at('2.0'));
  });
});
