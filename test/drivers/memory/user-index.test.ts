import { queryObjects } from 'node:v8';
import { expect } from 'chai';
import { SessionEntry } from '../../../src/drivers/memory/entry.js';
import { UserIndex } from '../../../src/drivers/memory/user-index.js';
import { record } from './support.js';

const USERS = 1000;

function entry(uid: string): SessionEntry {
  return new SessionEntry(record(`of ${uid}`, { uid }));
}

describe('UserIndex', () => {
  it('keeps one session of a user by itself again when the others are gone', () => {
    const index = new UserIndex();
    const before = Number(queryObjects(Set));
    for (let count = 0; count < USERS; count += 1) {
      const uid = `u${count}`;
      const [first, second, third] = [entry(uid), entry(uid), entry(uid)];
      for (const one of [first, second, third]) index.add(uid, one);
      index.remove(uid, first);
      index.remove(uid, third);
      expect(index.of(uid)).to.deep.equal([second]);
    }
    // What else comes and goes in the process are a few.
    expect(Number(queryObjects(Set)) - before).to.be.below(USERS / 2);
    index.remove('u1', entry('u1'));
    expect(index.of('u1'), 'after a strange one was removed').to.have.lengthOf(1);
  }).timeout(20_000);
});
