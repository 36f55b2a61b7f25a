import { expect } from 'chai';
import type { Retired, SessionRecord } from '../../src/ports/store.js';
import { ContendedModel } from './contended-model.js';
import type { Operation, Result } from './operation.js';

const RETIRE: Operation = {
  kind: 'retire',
  version: null,
  tombstone: { id: 'a', retired: { successor: null, at: 1 }, expiresAt: 10 },
};
const TOMBSTONE: Retired = { id: 'a', retired: { successor: null, at: 1 }, expiresAt: 10 };

function record(version: number): SessionRecord {
  const times = { created: 1, lastAccess: 1, lastUpdate: 1, expiresAt: 10 };
  return { id: 'a', lineage: 'a', version, uid: 'ann', body: String(version), ...times };
}

const CREATE: Operation = { kind: 'create', record: record(0) };
const UPDATE: Operation = { kind: 'update', record: record(0) };

/** A session about which this was attempted, each before the next began; a result of `undefined` is unknown. */
function modelOf(...attempts: readonly (readonly [Operation, Result | undefined])[]): ContendedModel {
  const model = new ContendedModel('a');
  for (const [at, [operation, result]] of attempts.entries()) {
    const answer = result === undefined ? {} : { answer: { at: at * 10 + 5, result } };
    model.add({ since: at * 10, operation, ...answer });
  }
  return model;
}

describe('ContendedModel', () => {
  it('finds nothing wrong with all acknowledged updates, and as many of the unknown ones as there may be', () => {
    const model = modelOf([CREATE, 'ok'], [UPDATE, 'ok'], [UPDATE, 'conflict'], [UPDATE, undefined]);
    expect(model.problems(record(1))).to.deep.equal([]);
    expect(model.problems(record(2))).to.deep.equal([]);
  });

  it('catches an acknowledged update that is lost, and one that nobody made', () => {
    const model = modelOf([CREATE, 'ok'], [UPDATE, 'ok']);
    expect(model.problems(record(0))).to.deep.equal(['a: 1 updates acknowledged, version 0 stored']);
    expect(model.problems(record(2))).to.deep.equal(['a: version 2 stored, of 1 updates attempted']);
  });

  it('catches a session that is lost', () => {
    expect(modelOf([CREATE, 'ok']).problems(undefined)).to.deep.equal(['a: what was acknowledged is lost']);
    expect(modelOf([CREATE, undefined]).problems(undefined)).to.deep.equal([]);
  });

  it('catches a session that ended and is back, or whose tombstone is gone', () => {
    const model = modelOf([CREATE, 'ok'], [RETIRE, 'ok']);
    expect(model.problems(TOMBSTONE)).to.deep.equal([]);
    expect(model.problems(record(0))).to.deep.equal(['a: it ended, and is back']);
    expect(model.problems(undefined)).to.deep.equal(['a: what was acknowledged is lost']);
  });

  it('allows either where the end is unknown, and catches a tombstone that nobody wrote', () => {
    const model = modelOf([CREATE, 'ok'], [RETIRE, undefined]);
    expect(model.problems(TOMBSTONE)).to.deep.equal([]);
    expect(model.problems(record(0))).to.deep.equal([]);
    expect(modelOf([CREATE, 'ok']).problems(TOMBSTONE)).to.deep.equal(['a: a tombstone, and nobody ended it']);
  });

  it('catches a write that succeeds after the end was acknowledged', () => {
    const model = modelOf([CREATE, 'ok'], [RETIRE, 'ok'], [UPDATE, 'ok']);
    expect(model.problems(TOMBSTONE)).to.deep.equal(['a: a write succeeded after the end was acknowledged']);
  });

  it('catches a write that finds the session gone before anyone ended it', () => {
    const model = modelOf([CREATE, 'ok'], [UPDATE, 'gone'], [RETIRE, 'ok']);
    expect(model.problems(TOMBSTONE)).to.deep.equal(['a: a write found it gone before anyone ended it']);
  });

  it('catches two that created it, and two that ended it', () => {
    const model = modelOf([CREATE, 'ok'], [CREATE, 'ok'], [RETIRE, 'ok'], [RETIRE, 'ok']);
    expect(model.problems(TOMBSTONE)).to.deep.equal(['a: created 2 times', 'a: ended 2 times']);
  });

  it('catches half an update', () => {
    const model = modelOf([CREATE, 'ok'], [UPDATE, 'ok']);
    expect(model.problems({ ...record(1), body: '0' })).to.deep.equal(['a: half an update: version 1, body 0']);
  });
});
