import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { WriteGroups } from '../../../src/drivers/shared/write-groups.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';

/** A group that is being written, until the test has it end. */
interface Group {
  readonly names: readonly string[];
  done(): void;
  fail(error: Error): void;
}

describe('WriteGroups', () => {
  let groups: Group[];
  guardRejections();

  beforeEach(() => {
    groups = [];
  });

  function begin(atOnce: number): WriteGroups<string> {
    return new WriteGroups({ atOnce, most: 100 }, (names) => {
      return new Promise((resolve, reject) => {
        groups.push({ names, done: () => resolve(names.map((name) => `at ${name}`)), fail: reject });
      });
    });
  }

  const written = (): (readonly string[])[] => groups.map(({ names }) => names);

  it('writes what is added in one turn together, in order, and gives each its position', async () => {
    const writes = begin(1);
    const positions = Promise.all(['a', 'b', 'c'].map((name) => writes.add(name)));
    await nextTurn();
    expect(written()).to.deep.equal([['a', 'b', 'c']]);
    groups[0]?.done();
    expect(await positions).to.deep.equal(['at a', 'at b', 'at c']);
  });

  it('writes what came meanwhile together, as soon as there is a turn for it', async () => {
    const writes = begin(2);
    const positions: Promise<string>[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      positions.push(writes.add(name));
      await nextTurn();
    }
    expect(written()).to.deep.equal([['a'], ['b']]);
    groups[1]?.done();
    await nextTurn();
    expect(written().slice(2)).to.deep.equal([['c', 'd']]);
    for (const group of groups) group.done();
    expect(await Promise.all(positions)).to.deep.equal(['at a', 'at b', 'at c', 'at d']);
  });

  it('writes no more together than it may', async () => {
    const writes = begin(1);
    const positions = Array.from({ length: 250 }, (_, index) => writes.add(String(index)));
    for (const size of [100, 100, 50]) {
      await nextTurn();
      expect(groups.at(-1)?.names).to.have.length(size);
      groups.at(-1)?.done();
    }
    expect((await Promise.all(positions)).at(-1)).to.equal('at 249');
    await nextTurn();
    expect(groups).to.have.length(3);
  });

  it('rejects a group that fails, and those that have waited as long, but none that came later', async () => {
    const writes = begin(1);
    const early = Array.from({ length: 101 }, (_, index) => errorOf(() => writes.add(String(index))));
    await nextTurn();
    const late = writes.add('late');
    const error = new Error('down');
    groups[0]?.fail(error);
    expect(new Set(await Promise.all(early))).to.deep.equal(new Set([error]));
    await nextTurn();
    expect(written().slice(1)).to.deep.equal([['late']]);
    groups[1]?.done();
    expect(await late).to.equal('at late');
  });

  it('goes on beside a group that hangs', async () => {
    const writes = begin(2);
    void writes.add('hangs');
    await nextTurn();
    for (const name of ['a', 'b']) {
      const position = writes.add(name);
      await nextTurn();
      groups.at(-1)?.done();
      expect(await position).to.equal(`at ${name}`);
    }
    expect(written()).to.deep.equal([['hangs'], ['a'], ['b']]);
  });
});
