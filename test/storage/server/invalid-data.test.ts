import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { SessionEnded, SessionNotFound } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { jsonValue } from '../../support/json-data.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench, putBody, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const GOOD = { sessionData: { a: 1 }, userData: {}, since: NOW };

/** Bodies that no session can be made of. */
const BAD: readonly [string, string][] = [
  ['nothing', ''],
  ['text', 'not JSON'],
  ['cut off', JSON.stringify(GOOD).slice(0, -5)],
  ['null', 'null'],
  ['a number', '5'],
  ['a string', '"text"'],
  ['an array', '[]'],
  ['an empty object', '{}'],
  ['the literal of a pickle or so', '\x80\x04\x95'],
  ...Object.entries({
    'no sessionData': { sessionData: undefined },
    'sessionData null': { sessionData: null },
    'sessionData an array': { sessionData: [] },
    'sessionData text': { sessionData: '{}' },
    'no userData': { userData: undefined },
    'userData a number': { userData: 5 },
    'since text': { since: `${NOW}` },
    'since a fraction': { since: 1.5 },
    'since null': { since: null },
    'auth text': { auth: 'now' },
    'auth null': { auth: null },
    'life a number': { life: 5 },
    'life of unknown kind': { life: { timeToLive: 5 } },
    'life without sense': { life: { idleTimeout: -1 } },
    'life text': { life: { idleTimeout: '5' } },
    'info a list': { info: [] },
    'info null': { info: null },
    'too deep': { sessionData: { a: JSON.parse(`${'['.repeat(1_500)}${']'.repeat(1_500)}`) } },
    'info too deep': { info: JSON.parse(`${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}`) },
  }).map(([what, others]): [string, string] => [what, JSON.stringify({ ...GOOD, ...others })]),
  ['far too deep', `{"sessionData":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}},"userData":{},"since":1}`],
];

describe('A record that no session can be made of (row 63)', () => {
  guardRejections();

  for (const [what, body] of BAD) {
    it(`is SessionNotFound with the reason invalid_data: ${what}`, async () => {
      const { store, storage } = serverBench();
      const session = await storage.get(await heldSid(storage, {}, 'u1'));
      await putBody(store, session.id, body);
      const told = eventsOf(storage);
      const error = await errorOf(() => storage.get(session.forClient()), SessionNotFound);
      expect([error.reason, error.sessionId, error.withinGrace]).to.deep.equal([
        'invalid_data',
        session.forClient(),
        false,
      ]);
      expect(error.cause).to.be.instanceOf(Error);
      expect(told).to.deep.equal([['refused', { reason: 'invalid_data' }]]);
    });
  }

  it('crashes nothing, whatever its JSON is', async () => {
    const { store, storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const sid = session.forClient();
    const part = fc.oneof(jsonValue, fc.constant(undefined));
    const body = fc.oneof(
      jsonValue.map((value) => JSON.stringify(value)),
      fc
        .record({
          sessionData: fc.oneof(fc.constant({}), part),
          userData: fc.oneof(fc.constant({}), part),
          since: fc.oneof(fc.constant(NOW), part),
          auth: part,
          life: fc.oneof(fc.constant(undefined), fc.record({ idleTimeout: part, absoluteTimeout: part }), part),
          info: part,
        })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        await putBody(store, session.id, text);
        expect(await openingOf(storage, sid)).to.be.oneOf([
          'opened',
          'invalid_data',
          'expired: idle',
          'expired: absolute',
        ]);
        expect((await storage.listOfUser('u1')).length).to.be.at.most(1);
        await storage.check(session);
      }),
      { numRuns: 300 },
    );
  });

  it('stays where it is, so that the version of the application that can read it still can', async () => {
    const { store, storage } = serverBench();
    const session = await storage.get(await heldSid(storage));
    await putBody(store, session.id, 'not JSON');
    await openingOf(storage, session.forClient());
    expect((await recordOf(store, session.id)).body).to.equal('not JSON');
  });

  it('can be ended', async () => {
    const { store, storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    await putBody(store, session.id, 'not JSON');
    expect(await storage.revoke({ sid: session.forClient() })).to.have.property('ended', 1);
    expect(await openingOf(storage, session.forClient())).to.equal('revoked');
  });

  it('has expired rather than wrong data only once it can be read', async () => {
    const { clock, store, storage } = serverBench({ idleTimeout: 1_000 });
    const session = await storage.get(await heldSid(storage));
    await putBody(store, session.id, 'not JSON');
    clock.advance(1_000);
    expect(await openingOf(storage, session.forClient())).to.equal('invalid_data');
  });

  it('is not written over by a request that had loaded it while it was good', async () => {
    const { store, storage } = serverBench();
    const sid = await heldSid(storage, { a: 1 });
    const requests = await Promise.all(Array.from({ length: 4 }, () => storage.get(sid)));
    const [committed, saved, updated, rotated] = requests;
    await putBody(store, requests[0]?.id ?? '', '{"of":"a later version"}');
    if (committed === undefined || saved === undefined || updated === undefined || rotated === undefined) return;
    committed.sessionData['b'] = 2;
    expect(await outcomeOf(storage.commit(committed))).to.equal('withheld');
    expect(await errorOf(() => saved.save())).to.be.instanceOf(SessionEnded);
    expect(await errorOf(() => updated.update((data) => void Object.assign(data, { c: 3 })))).to.be.instanceOf(
      SessionEnded,
    );
    expect(await outcomeOf(storage.commit(rotated.rotate()))).to.equal('withheld');
    expect((await recordOf(store, committed.id)).body).to.equal('{"of":"a later version"}');
  });

  it('leaves no second session behind when a rotation meets it', async () => {
    const { clock, storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const before = session.id;
    const gate = store.hold('retire');
    const committing = storage.commit(session.rotate());
    await gate.reached;
    await putBody(store, before, 'not JSON');
    gate.release();
    expect(await outcomeOf(committing)).to.equal('withheld');
    expect((await store.ofUser('u1', clock.now())).map(({ id }) => id)).to.deep.equal([before]);
  });

  it('is what the schema refuses, too', async () => {
    const { store, storage } = serverBench();
    const sid = await heldSid(storage, { a: 1 });
    const strict = serverBench({ store, sessionData: z.object({ b: z.string() }) });
    expect(await openingOf(strict.storage, sid)).to.equal('invalid_data');
    expect(await openingOf(storage, sid)).to.equal('opened');
  });

  it('is one whose userData the schema refuses, but not those of nobody', async () => {
    const { store, storage } = serverBench();
    const [nobody, user] = [await heldSid(storage), await heldSid(storage, {}, 'u1')];
    const strict = serverBench({ store, userData: z.object({ name: z.string() }) });
    expect(await openingOf(strict.storage, nobody)).to.equal('opened');
    expect(await openingOf(strict.storage, user)).to.equal('invalid_data');
  });

  it('is one that a schema throws at', async () => {
    const { store, storage } = serverBench();
    const sid = await heldSid(storage, { a: 1 });
    const validate = (value: unknown) => {
      if (Reflect.has(Object(value), 'a')) throw new RangeError('odd');
      return { value: Object(value) };
    };
    const throwing = serverBench({ store, sessionData: { '~standard': { version: 1, vendor: 'test', validate } } });
    expect(await openingOf(throwing.storage, sid)).to.equal('invalid_data');
  });
});

describe('migrate', () => {
  const shape = z.object({ version: z.literal(2), cart: z.array(z.string()) });
  const migrate = (old: unknown): z.output<typeof shape> => ({
    version: 2,
    cart: String(Reflect.get(Object(old), 'items')).split(','),
  });

  async function old(data: object = { items: 'a,b' }) {
    const { store, storage } = serverBench();
    const sid = await heldSid(storage, data, 'u1');
    return { store, sid, now: faultyBench({ store, sessionData: shape, migrate }) };
  }

  it('makes present data of what the schema refuses, when it is read', async () => {
    const { sid, now } = await old();
    expect((await now.storage.get(sid)).sessionData).to.deep.equal({ version: 2, cart: ['a', 'b'] });
  });

  it('has them stored at commit, once', async () => {
    const { sid, now } = await old();
    const session = await now.storage.get(sid);
    expect(session.isModified).to.equal(true);
    now.store.forgetCalls();
    await now.storage.commit(session);
    expect(now.store.calls.map(({ operation }) => operation)).to.deep.equal(['update']);
    const again = await now.storage.get(sid);
    expect([again.isModified, again.sessionData]).to.deep.equal([false, { version: 2, cart: ['a', 'b'] }]);
  });

  it('has them stored at the next commit when the store failed', async () => {
    const { sid, now } = await old();
    const session = await now.storage.get(sid);
    now.store.fail('update', { times: 1 });
    await errorOf(() => now.storage.commit(session));
    expect(session.isModified).to.equal(true);
    await now.storage.commit(session);
    expect(session.isModified).to.equal(false);
    expect((await now.storage.get(sid)).isModified).to.equal(false);
  });

  it('does not write before the commit', async () => {
    const { store, sid, now } = await old();
    const { id } = await now.storage.get(sid);
    expect((await recordOf(store, id)).version).to.equal(0);
  });

  it('is not asked for data of the present shape', async () => {
    const { sid, now } = await old();
    const session = await now.storage.get(sid);
    session.sessionData.cart.push('c');
    await now.storage.commit(session);
    const untouched = serverBench({
      store: now.store,
      sessionData: shape,
      migrate: () => {
        throw new Error('asked');
      },
    });
    expect((await untouched.storage.get(sid)).sessionData.cart).to.deep.equal(['a', 'b', 'c']);
  });

  it('is merged like any change, when another request writes at the same time', async () => {
    const { store, sid, now } = await old({ items: 'a', note: 1 });
    const migrating = await now.storage.get(sid);
    const before = serverBench({ store });
    const other = await before.storage.get(sid);
    other.sessionData['items'] = 'a,z';
    await before.storage.commit(other);
    await now.storage.commit(migrating);
    expect((await now.storage.get(sid)).sessionData).to.deep.equal({ version: 2, cart: ['a', 'z'] });
  });

  it('that throws, or gives what the schema refuses, makes it invalid_data', async () => {
    const { store, sid } = await old();
    for (const bad of [
      () => {
        throw new Error('cannot');
      },
      () => JSON.parse('{"version":3}'),
      () => JSON.parse('null'),
      () => Object(Symbol('x')),
    ]) {
      const { storage } = serverBench({ store, sessionData: shape, migrate: bad });
      expect(await openingOf(storage, sid)).to.equal('invalid_data');
    }
  });
});
