import { expect } from 'chai';
import type { Retired, SessionRecord } from '../../src/ports/store.js';
import { UserModel } from './user-model.js';

const NOW = 1_000;

function record(id: string, more: Partial<SessionRecord> = {}): SessionRecord {
  const times = { created: 1, lastAccess: 1, lastUpdate: 1, expiresAt: null };
  return { id, lineage: id, version: 0, uid: 'ann', body: '{}', ...times, ...more };
}

function tombstone(id: string, successor: string | null = null): Retired {
  return { id, retired: { successor, at: 5 }, expiresAt: 10_000 };
}

/** A user with these sessions. */
function userWith(...sessions: readonly SessionRecord[]): UserModel {
  const model = new UserModel('ann');
  for (const session of sessions) model.acknowledge({ kind: 'create', record: session }, 'ok', NOW);
  return model;
}

function possible(model: UserModel, id: string): readonly unknown[] {
  return model.entries.get(id)?.possible ?? [];
}

describe('UserModel', () => {
  it('follows acknowledged writes to the one state that each session has', () => {
    const model = userWith(record('a'), record('b'), record('c'));
    const update = { kind: 'update', record: record('a', { body: '1' }) } as const;
    const touch = { kind: 'touch', id: 'a', uid: 'ann', lastAccess: 9, expiresAt: 5_000 } as const;
    expect(model.acknowledge(update, 'ok', NOW)).to.deep.equal([]);
    expect(model.acknowledge(touch, true, NOW)).to.deep.equal([]);
    expect(
      model.acknowledge({ kind: 'retire', version: null, tombstone: tombstone('b', 'a') }, 'ok', NOW),
    ).to.deep.equal([]);
    expect(model.acknowledge({ kind: 'delete', id: 'c' }, true, NOW)).to.deep.equal([]);
    expect(possible(model, 'a')).to.deep.equal([
      record('a', { body: '1', version: 1, lastAccess: 9, expiresAt: 5_000 }),
    ]);
    expect(possible(model, 'b')).to.deep.equal([tombstone('b', 'a')]);
    expect(possible(model, 'c')).to.deep.equal([null]);
  });

  it('keeps the later access and the later expiry in an update that does not know of a touch', () => {
    const model = userWith(record('a', { lastAccess: 9, expiresAt: 5_000 }));
    model.acknowledge({ kind: 'update', record: record('a', { lastAccess: 2, expiresAt: 4_000 }) }, 'ok', NOW);
    expect(possible(model, 'a')).to.deep.equal([record('a', { version: 1, lastAccess: 9, expiresAt: 5_000 })]);
  });

  it('catches an update that is refused although it had the version', () => {
    const model = userWith(record('a'));
    expect(model.acknowledge({ kind: 'update', record: record('a') }, 'gone', NOW)).to.deep.equal([
      'a: update answered "gone", not "ok"',
    ]);
  });

  it('catches an update that succeeds after the session ended', () => {
    const model = userWith(record('a'));
    model.acknowledge({ kind: 'retire', version: 0, tombstone: tombstone('a') }, 'ok', NOW);
    expect(model.acknowledge({ kind: 'update', record: record('a') }, 'ok', NOW)).to.have.length(1);
  });

  it('allows that an expired session was swept, and that it was not', () => {
    const old = record('a', { expiresAt: NOW });
    const update = { kind: 'update', record: record('a', { expiresAt: null }) } as const;
    expect(userWith(old).acknowledge(update, 'gone', NOW)).to.deep.equal([]);
    expect(userWith(old).acknowledge(update, 'ok', NOW)).to.deep.equal([]);
    expect(userWith(old).acknowledge(update, 'gone', NOW - 1)).to.have.length(1);
  });

  it('allows both outcomes of a write that is unknown, and nothing else', () => {
    const model = userWith(record('a'));
    model.lose({ kind: 'update', record: record('a', { body: '1' }) });
    expect(possible(model, 'a')).to.deep.equal([record('a'), record('a', { body: '1', version: 1 })]);
  });

  it('allows that an unknown delete removes a tombstone later', () => {
    const model = userWith(record('a'));
    const { id: _, ...rest } = tombstone('a');
    model.lose({ kind: 'delete', id: 'a' });
    model.acknowledge({ kind: 'deleteOfUser', uid: 'ann', tombstone: rest }, ['a'], NOW);
    expect(possible(model, 'a')).to.deep.equal([tombstone('a'), null]);
  });

  it('allows that an unknown deleteOfUser ended any of the sessions, except those that stay', () => {
    const model = userWith(record('a'), record('b', { lineage: 'a' }), record('c'));
    model.lose({ kind: 'deleteOfUser', uid: 'ann', except: 'b' });
    expect(possible(model, 'a')).to.have.length(1);
    expect(possible(model, 'b')).to.have.length(1);
    expect(possible(model, 'c')).to.deep.equal([record('c'), null]);
  });

  describe('of deleteOfUser', () => {
    const sessions = [record('a'), record('b'), record('c')];

    it('ends what was returned, and leaves the rest when the limit was reached', () => {
      const model = userWith(...sessions);
      const { id: _, ...rest } = tombstone('');
      const operation = { kind: 'deleteOfUser', uid: 'ann', limit: 2, tombstone: rest } as const;
      expect(model.acknowledge(operation, ['a', 'c'], NOW)).to.deep.equal([]);
      expect(possible(model, 'a')).to.deep.equal([tombstone('a')]);
      expect(possible(model, 'b')).to.deep.equal([record('b')]);
    });

    it('catches more ids than the limit', () => {
      const operation = { kind: 'deleteOfUser', uid: 'ann', limit: 2 } as const;
      expect(userWith(...sessions).acknowledge(operation, ['a', 'b', 'c'], NOW)).to.have.length(1);
    });

    it('catches a session that is left although fewer than the limit ended', () => {
      const operation = { kind: 'deleteOfUser', uid: 'ann', limit: 3 } as const;
      expect(userWith(...sessions).acknowledge(operation, ['a', 'b'], NOW)).to.deep.equal([
        'c: deleteOfUser left it, and said that none are left',
      ]);
    });

    it('catches an id twice, an id of another, and one that had ended before', () => {
      const model = userWith(...sessions);
      model.acknowledge({ kind: 'delete', id: 'a' }, true, NOW);
      const operation = { kind: 'deleteOfUser', uid: 'ann' } as const;
      expect(model.acknowledge(operation, ['a', 'b', 'b', 'c', 'd'], NOW)).to.have.length(3);
    });

    it('catches the end of a session that was to stay', () => {
      const operation = { kind: 'deleteOfUser', uid: 'ann', except: 'a' } as const;
      expect(userWith(...sessions).acknowledge(operation, ['a', 'b', 'c'], NOW)).to.deep.equal([
        'a: deleteOfUser ended what was not there, or was to stay',
      ]);
    });
  });
});
