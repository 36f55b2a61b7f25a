import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SessionRecord } from '../../src/ports/store.js';
import { temporaryFolder } from '../support/servers/program.js';
import { bodyOf } from './body.js';
import { historyOf } from './history.js';
import { Journal, readJournal } from './journal.js';
import { Replay } from './replay.js';

function record(id: string, body = '{}'): SessionRecord {
  const times = { created: 1, lastAccess: 1, lastUpdate: 1, expiresAt: null };
  return { id, lineage: id, version: 0, uid: 'ann', body, ...times };
}

describe('Replay (row 68)', () => {
  let path: string;
  let journal: Journal;

  beforeEach(() => {
    path = join(temporaryFolder(), 'writer-1');
    journal = new Journal(path);
  });

  function possible(id: string): readonly unknown[] {
    const { users } = new Replay().take(readJournal(path));
    return users[0]?.entries.get(id)?.possible ?? [];
  }

  it('takes what was acknowledged as done, and gives bodies back whole', () => {
    const session = record('a', bodyOf(3, 5_000));
    journal.acknowledge(journal.intend('ann', { kind: 'create', record: session }), 'ok');
    expect(possible('a')).to.deep.equal([session]);
  });

  it('allows both outcomes of what was never answered, and of what the store rejected', () => {
    journal.intend('ann', { kind: 'create', record: record('a') });
    const n = journal.intend('ann', { kind: 'create', record: record('b') });
    journal.write({ line: 'unknown', n });
    expect(possible('a')).to.deep.equal([null, record('a')]);
    expect(possible('b')).to.deep.equal([null, record('b')]);
  });

  it('leaves out a line that a kill cut off', () => {
    journal.intend('ann', { kind: 'create', record: record('a') });
    writeFileSync(path, '{"line":"acknowledged","n":1,"at', { flag: 'a' });
    expect(possible('a')).to.deep.equal([null, record('a')]);
  });

  it('adds up what all processes did to a session that they share', () => {
    journal.acknowledge(journal.intend(null, { kind: 'create', record: record('a', '0') }), 'ok');
    journal.acknowledge(journal.intend(null, { kind: 'update', record: record('a', '1') }), 'ok');
    const replay = new Replay();
    replay.take(readJournal(path));
    expect(replay.contended.get('a')?.problems({ ...record('a', '1'), version: 1 })).to.deep.equal([]);
    replay.take(readJournal(path));
    expect(replay.contended.get('a')?.problems({ ...record('a', '1'), version: 1 })).to.deep.equal([
      'a: created 2 times',
      'a: 2 updates acknowledged, version 1 stored',
    ]);
  });

  it('catches an entry that two sweeps removed, and passes on what readers caught', () => {
    journal.write({ line: 'swept', ids: ['a', 'b'] });
    journal.write({ line: 'swept', ids: ['b'] });
    journal.write({ line: 'violation', text: 'seen' });
    const { violations } = new Replay().take(readJournal(path));
    expect(violations).to.deep.equal([
      { about: 'b', text: 'two sweeps removed it' },
      { about: '', text: 'seen' },
    ]);
  });

  it('catches an answer that cannot be', () => {
    journal.acknowledge(journal.intend('ann', { kind: 'delete', id: 'a' }), true);
    const { violations } = new Replay().take(readJournal(path));
    expect(violations).to.deep.equal([{ about: 'a', text: 'a: delete answered true, not false' }]);
  });

  it('finds the history of a session among others', () => {
    const other = journal.intend('ann', { kind: 'delete', id: 'b' });
    const n = journal.intend('ann', { kind: 'delete', id: 'a' });
    journal.acknowledge(other, true);
    journal.acknowledge(n, false);
    const lines = historyOf(join(path, '..'), 'a');
    expect(lines).to.have.length(2);
    expect(lines[0]).to.match(/^writer-1: .*"kind":"delete","id":"a"/);
    expect(lines[1]).to.match(/"n":2,.*"result":false/);
  });
});
