import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryStore } from '../../src/drivers/memory/store.js';
import { StoreUnavailable } from '../../src/errors.js';
import type { SessionRecord, Store } from '../../src/ports/store.js';
import { FaultyStore, type StoreOperation, storeSuite } from '../../src/testing/index.js';
import { errorOf } from '../support/outcomes.js';
import { guardRejections } from '../support/rejections.js';

const NOW = 1_800_000_000_000;

function record(id: string): SessionRecord {
  const times = { created: NOW, lastAccess: NOW, lastUpdate: NOW, expiresAt: null };
  return { id, lineage: id, version: 0, uid: 'u1', body: '{}', ...times };
}

/** What `promise` has come to by now, or that it has not. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  await new Promise((resolve) => setImmediate(resolve));
  return Promise.race([promise, Promise.resolve('pending')]);
}

const CALLS: readonly [StoreOperation, (store: Store) => Promise<unknown>, readonly unknown[]][] = [
  ['create', (store) => store.create(record('a')), [record('a')]],
  ['load', (store) => store.load('a', NOW), ['a', NOW]],
  ['update', (store) => store.update(record('a')), [record('a')]],
  ['touch', (store) => store.touch('a', 'u1', NOW, null), ['a', 'u1', NOW, null]],
  [
    'retire',
    (store) => store.retire('a', 1, { id: 'a', retired: { successor: null, at: NOW }, expiresAt: NOW + 1 }),
    ['a', 1, { id: 'a', retired: { successor: null, at: NOW }, expiresAt: NOW + 1 }],
  ],
  ['delete', (store) => store.delete('a'), ['a']],
  ['ofUser', (store) => store.ofUser('u1', NOW), ['u1', NOW]],
  ['deleteOfUser', (store) => store.deleteOfUser('u1', 'a'), ['u1', 'a']],
  ['sweep', (store) => store.sweep(NOW, 10), [NOW, 10]],
  ['deleteAll', async (store) => store.deleteAll?.(), []],
  ['close', (store) => store.close(), []],
];

storeSuite({
  runner: { describe, it, before, after },
  name: 'FaultyStore without a fault',
  open: async () => new FaultyStore(new MemoryStore()),
  openAlone: async () => {
    const store = new FaultyStore(new MemoryStore());
    return [store, store];
  },
  sizes: 'small',
});

describe('FaultyStore', () => {
  it('notes every call with its arguments, those that fail too, until it is told to forget them', async () => {
    const store = new FaultyStore(new MemoryStore());
    store.fail('all', { when: 'after' });
    for (const [, call] of CALLS) await errorOf(() => call(store));
    expect(store.calls).to.deep.equal(CALLS.map(([operation, , args]) => ({ operation, args })));
    expect(store.callsOf('load')).to.deep.equal([['a', NOW]]);
    store.forgetCalls();
    expect(store.calls).to.deep.equal([]);
  });

  it('passes on every argument, and notes those that are given', async () => {
    const inner = new MemoryStore();
    const create = sinon.spy(inner, 'create');
    await inner.create(record('a'));
    const store = new FaultyStore(inner);
    const grave = { retired: { successor: null, at: NOW, reason: 'ended' }, expiresAt: NOW + 1 };
    const options = { limit: 1, tombstone: grave };
    await store.create(record('b'), 'a');
    expect(create.lastCall.args).to.deep.equal([record('b'), 'a']);
    expect((await store.ofUser('u1', NOW, 'b')).map(({ id }) => id)).to.deep.equal(['b']);
    expect(await store.deleteOfUser('u1', 'b', options)).to.deep.equal(['a']);
    expect(await store.load('a', NOW)).to.deep.equal({ id: 'a', ...grave });
    expect(await store.retire('b', null, { id: 'b', ...grave })).to.equal('ok');
    await store.deleteOfUser('u1', undefined, options);
    const calls = [
      ['create', [record('b'), 'a']],
      ['ofUser', ['u1', NOW, 'b']],
      ['deleteOfUser', ['u1', 'b', options]],
      ['load', ['a', NOW]],
      ['retire', ['b', null, { id: 'b', ...grave }]],
      ['deleteOfUser', ['u1', undefined, options]],
    ].map(([operation, args]) => ({ operation, args }));
    expect(store.calls).to.deep.equal(calls);
  });

  it('has deleteAll and reach where the store has them', async () => {
    const inner = new MemoryStore();
    const whole = new FaultyStore(inner);
    expect([whole.reach, await whole.deleteAll?.()]).to.deep.equal(['process', 0]);
    Object.defineProperties(inner, { reach: { value: undefined }, deleteAll: { value: undefined } });
    const part = new FaultyStore(inner);
    expect([part.reach, part.deleteAll]).to.deep.equal([undefined, undefined]);
  });

  for (const [operation, call] of CALLS) {
    it(`fails ${operation} before it works, and only that`, async () => {
      const store = new FaultyStore(new MemoryStore());
      store.fail(operation);
      expect(await errorOf(() => call(store))).to.be.instanceOf(StoreUnavailable);
      store.heal();
      await call(store);
      const others = new FaultyStore(new MemoryStore());
      for (const [other] of CALLS) if (other !== operation) others.fail(other);
      await call(others);
    });
  }

  it('writes nothing when it fails before, and everything when it fails after', async () => {
    const inner = new MemoryStore();
    const store = new FaultyStore(inner);
    store.fail('create');
    expect(await errorOf(() => store.create(record('a')))).to.be.instanceOf(StoreUnavailable);
    expect(await inner.load('a', NOW)).to.equal(undefined);
    store.heal();
    store.fail('create', { when: 'after' });
    expect(await errorOf(() => store.create(record('a')))).to.be.instanceOf(StoreUnavailable);
    expect(await inner.load('a', NOW)).to.deep.equal(record('a'));
  });

  it('fails as often as it is told, with the error that it is given', async () => {
    const store = new FaultyStore(new MemoryStore());
    const error = new Error('out of order');
    store.fail('load', { times: 2, error });
    store.fail('load', { times: 0 });
    const failures = [await errorOf(() => store.load('a', NOW)), await errorOf(() => store.load('a', NOW))];
    expect(failures).to.deep.equal([error, error]);
    expect(await store.load('a', NOW)).to.equal(undefined);
  });

  it('holds a call before it works until the gate is released', async () => {
    const inner = new MemoryStore();
    const store = new FaultyStore(inner);
    const gate = store.hold('create');
    const creating = store.create(record('a'));
    await gate.reached;
    expect(gate.waiting).to.equal(1);
    expect(await stateOf(creating)).to.equal('pending');
    expect(await inner.load('a', NOW)).to.equal(undefined);
    gate.release();
    await creating;
    expect(gate.waiting).to.equal(0);
    expect(await inner.load('a', NOW)).to.deep.equal(record('a'));
    await store.create(record('b'));
  });

  it('holds the answer of a call that has worked', async () => {
    const inner = new MemoryStore();
    const store = new FaultyStore(inner);
    const gate = store.hold('all', 'after');
    const creating = store.create(record('a'));
    await gate.reached;
    expect(await inner.load('a', NOW)).to.deep.equal(record('a'));
    expect(await stateOf(creating)).to.equal('pending');
    gate.release();
    await creating;
  });

  it('has two operations meet at their gates, in the order in which these are released', async () => {
    const store = new FaultyStore(new MemoryStore());
    await store.create(record('a'));
    const [updates, deletes] = [store.hold('update'), store.hold('delete')];
    const [updating, deleting] = [store.update(record('a')), store.delete('a')];
    await Promise.all([updates.reached, deletes.reached]);
    deletes.release();
    expect(await deleting).to.equal(true);
    updates.release();
    expect(await updating).to.equal('gone');
  });

  it('rejects everything while the connection is lost, and nothing comes of it', async () => {
    const inner = new MemoryStore();
    const store = new FaultyStore(inner);
    store.disconnect();
    for (const [, call] of CALLS) expect(await errorOf(() => call(store))).to.be.instanceOf(StoreUnavailable);
    store.heal();
    expect(await store.load('a', NOW)).to.equal(undefined);
  });

  it('answers nothing while the connection hangs, and what was not answered never is', async () => {
    const store = new FaultyStore(new MemoryStore());
    store.disconnect('hangs');
    const calls = CALLS.map(([, call]) => call(store));
    expect(await stateOf(Promise.race(calls))).to.equal('pending');
    store.heal();
    expect(await stateOf(Promise.race(calls))).to.equal('pending');
    expect(await store.load('a', NOW)).to.equal(undefined);
  });

  it('refuses operations and options that there are not', () => {
    const store = new FaultyStore(new MemoryStore());
    const misspelt: object = { time: 1 };
    expect(() => store.fail('load', misspelt)).to.throw(TypeError, '"time"');
    expect(() => Reflect.apply(store.fail, store, ['lod'])).to.throw(
      TypeError,
      'unknown operation "lod": the operations are create, load',
    );
    expect(() => Reflect.apply(store.hold, store, ['lod'])).to.throw(TypeError, '"lod"');
  });

  guardRejections();
});
