import { expect } from 'chai';
import { SessionEntry } from '../../../src/drivers/memory/entry.js';
import { ShardedMap } from '../../../src/drivers/memory/sharded-map.js';
import { UserIndex } from '../../../src/drivers/memory/user-index.js';
import { record } from './support.js';

function entry(id: string): SessionEntry {
  return new SessionEntry(record(id, { uid: 'u1' }));
}

describe('UserIndex', () => {
  it('keeps one session of a user by itself, also after there were more, and nothing of a user without any', () => {
    const users = new ShardedMap<SessionEntry | Set<SessionEntry>>();
    const index = new UserIndex(users);
    const [first, second, third] = [entry('a'), entry('b'), entry('c')];
    index.add('u1', first);
    expect(users.get('u1')).to.equal(first);
    index.add('u1', second);
    index.add('u1', third);
    expect(index.of('u1')).to.deep.equal([first, second, third]);
    index.remove('u1', first);
    expect(index.of('u1')).to.deep.equal([second, third]);
    index.remove('u1', third);
    expect(users.get('u1')).to.equal(second);
    index.remove('u1', third);
    expect(index.of('u1')).to.deep.equal([second]);
    index.remove('u1', second);
    expect([index.of('u1'), users.size]).to.deep.equal([[], 0]);
  });
});
