import { expect } from 'chai';
import fc from 'fast-check';
import { SessionEntry } from '../../../src/drivers/memory/entry.js';
import { ShardedMap } from '../../../src/drivers/memory/sharded-map.js';
import { UserIndex } from '../../../src/drivers/memory/user-index.js';
import { record } from './support.js';

function entry(id: string, lineage: string = id): SessionEntry {
  return new SessionEntry(record(id, { uid: 'u1', lineage }));
}

describe('UserIndex', () => {
  it('does what a list of sessions does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ which: fc.nat(9), spared: fc.nat(3), most: fc.integer({ min: 1, max: 6 }) })),
        (steps) => {
          const entries = Array.from({ length: 10 }, (_, which) => entry(`id-${which}`, `lineage-${which % 4}`));
          const index = new UserIndex();
          const list = new Set<SessionEntry>();
          for (const { which, spared, most } of steps) {
            const one = entries[which];
            if (one === undefined) continue;
            if (list.delete(one)) {
              index.remove('u1', one);
            } else {
              index.add('u1', one);
              list.add(one);
            }
            expect(index.some('u1')).to.have.members([...list]);
            for (const lineage of ['lineage-0', 'lineage-3']) {
              expect(index.ofLineage('u1', lineage)).to.have.members([...list].filter((it) => it.lineage === lineage));
            }
            const others = [...list].filter((it) => it.lineage !== `lineage-${spared}`);
            const some = index.some('u1', most, [`lineage-${spared}`]);
            expect(others).to.include.members(some);
            expect(new Set(some).size).to.equal(Math.min(most, others.length));
          }
        },
      ),
    );
  });

  it('keeps a session, or those of one lineage, without a Map, also after there were more', () => {
    const users = new ShardedMap<SessionEntry | Map<string, SessionEntry>>();
    const index = new UserIndex(users);
    const [first, rotated, other] = [entry('a'), entry('b', 'a'), entry('c')];
    index.add('u1', first);
    expect(users.get('u1')).to.equal(first);
    index.add('u1', rotated);
    expect(users.get('u1')).to.equal(rotated);
    index.add('u1', other);
    expect(users.get('u1')).to.be.instanceOf(Map);
    index.remove('u1', other);
    expect(users.get('u1')).to.equal(rotated);
    index.remove('u1', rotated);
    expect(users.get('u1')).to.equal(first);
    index.remove('u1', first);
    expect([index.some('u1'), users.size]).to.deep.equal([[], 0]);
  });

  it('keeps users apart', () => {
    const index = new UserIndex();
    const [one, other] = [entry('a', 'lineage'), entry('b', 'lineage')];
    index.add('u1', one);
    index.add('u2', other);
    expect([index.some('u1'), index.ofLineage('u2', 'lineage')]).to.deep.equal([[one], [other]]);
  });
});
