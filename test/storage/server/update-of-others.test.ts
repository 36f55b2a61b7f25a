import { expect } from 'chai';
import { z } from 'zod';
import { MemoryStore, RevocationList, SessionDataInvalid, SessionNotFound } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench, putBody, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { callUntyped, issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;

type Data = Record<string, unknown>;

function promote(data: Data, user: Data): void {
  data['told'] = true;
  user['role'] = 'admin';
}

describe('ServerSessionStorage.update of somebody’s session', () => {
  guardRejections();

  it('changes its data and its user’s, and says what it is now', async () => {
    const { clock, storage } = serverBench();
    const sid = await heldSid(storage, { a: 1 }, 'u1');
    const [listed] = await storage.listOfUser('u1');
    if (listed === undefined) throw new Error('none listed');
    clock.advance(5);
    const info = await storage.update(listed, promote);
    const session = await storage.get(sid, { touch: false });
    expect([session.sessionData, session.userData]).to.deep.equal([{ a: 1, told: true }, { role: 'admin' }]);
    expect(info).to.deep.equal({ ...listed, lastUpdate: NOW + 5 });
  });

  it('takes a session, its names, or its id and user', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, { n: 0 }, 'u1'));
    const { id, lineage } = session;
    for (const ref of [session, { id, lineage }, { id, uid: 'u1' }]) {
      await storage.update(ref, (data) => {
        data['n'] = Number(data['n']) + 1;
      });
    }
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ n: 3 });
  });

  it('does not count as activity of theirs', async () => {
    const { clock, store, storage } = serverBench({ idleTimeout: HOUR });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    clock.advance(HOUR / 2);
    await storage.update(session, promote);
    expect(await recordOf(store, session.id)).to.include({
      lastAccess: NOW,
      lastUpdate: NOW + HOUR / 2,
      expiresAt: NOW + HOUR,
    });
  });

  it('is merged with what a request of theirs under way writes', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, { a: 1 }, 'u1');
    const request = await storage.get(sid);
    request.sessionData['b'] = 2;
    await storage.update(request, promote);
    await storage.commit(request);
    const session = await storage.get(sid);
    expect([session.sessionData, session.userData]).to.deep.equal([{ a: 1, b: 2, told: true }, { role: 'admin' }]);
  });

  it('runs again when a request of theirs came first', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, { n: 0 }, 'u1');
    const request = await storage.get(sid);
    const gate = store.hold('update');
    let runs = 0;
    const updating = storage.update({ id: request.id, uid: 'u1' }, (data) => {
      runs += 1;
      data['n'] = Number(data['n']) + 1;
    });
    await gate.reached;
    store.heal();
    await request.update((data) => {
      data['n'] = Number(data['n']) + 10;
    });
    gate.release();
    await updating;
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 11 });
    expect(runs).to.equal(2);
  });

  it('counts exactly, 50 at the same time', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, { n: 0 }, 'u1'));
    const { id, lineage } = session;
    const count = (data: Data): void => {
      data['n'] = Number(data['n']) + 1;
    };
    await Promise.all(Array.from({ length: 50 }, () => storage.update({ id, lineage }, count)));
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ n: 50 });
  });

  it('follows a session that was rotated since it was named, or is just then', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const ref = { id: session.id, lineage: session.lineage };
    const second = await storage.get(await issuedBy(storage.commit(session.rotate())));
    await storage.update(ref, (data) => {
      data['first'] = true;
    });
    const gate = store.hold('update');
    const updating = storage.update(ref, (data) => {
      data['second'] = true;
    });
    await gate.reached;
    store.heal();
    const third = await issuedBy(storage.commit(second.rotate()));
    gate.release();
    const info = await updating;
    const last = await storage.get(third);
    expect(last.sessionData).to.deep.equal({ first: true, second: true });
    expect(info.id).to.equal(last.id);
  });

  it('hands nobody a credential: the info has ids alone, and no new session is made', async () => {
    const { clock, storage, store } = faultyBench();
    const sid = await heldSid(storage, {}, 'u1');
    const session = await storage.get(sid);
    store.forgetCalls();
    const info = await storage.update(session, promote);
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['load', 'update']);
    expect(JSON.stringify(info)).not.to.include(sid);
    expect((await store.ofUser('u1', clock.now())).length).to.equal(1);
  });

  it('changes the app’s own copy at its next request, not under its hands', async () => {
    const { storage } = serverBench();
    const request = await storage.get(await heldSid(storage, { a: 1 }, 'u1'));
    await storage.update(request, promote);
    expect(request.sessionData).to.deep.equal({ a: 1 });
    expect(await outcomeOf(storage.commit(request))).to.equal('unchanged');
  });

  it('tells saved', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const { id, lineage } = session;
    const told = eventsOf(storage);
    await storage.update(session, promote);
    expect(told).to.deep.equal([['saved', { id, lineage, uid: 'u1' }]]);
  });
});

describe('ServerSessionStorage.update refuses', () => {
  guardRejections();

  it('a session that is over, however it ended, with SessionNotFound', async () => {
    const { clock, storage } = serverBench({ idleTimeout: HOUR });
    const open = async () => await storage.get(await heldSid(storage, {}, 'u1'));
    const [revoked, superseded, expired] = [await open(), await open(), await open()];
    const { id, lineage } = superseded;
    await storage.revoke({ id: revoked.id, lineage: revoked.lineage });
    await storage.commit(superseded.setUser('u2'));
    for (const ref of [revoked, { id, lineage }, { id, uid: 'u1' }, { id: 'unknown', uid: 'u1' }]) {
      expect((await errorOf(() => storage.update(ref, promote), SessionNotFound)).sessionId).to.equal(undefined);
    }
    clock.advance(HOUR - 1);
    await storage.update(expired, promote);
    clock.advance(1);
    expect(await errorOf(() => storage.update(expired, promote))).to.be.instanceOf(SessionNotFound);
  });

  it('one that ends just then, and brings it back by nothing', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, {}, 'u1');
    const session = await storage.get(sid);
    const { id, lineage } = session;
    const gate = store.hold('update');
    const updating = errorOf(() => storage.update({ id, lineage }, promote));
    await gate.reached;
    await storage.revoke({ uid: 'u1' });
    gate.release();
    expect(await updating).to.be.instanceOf(SessionNotFound);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });

  it('another user’s session, named by id and user', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    await errorOf(() => storage.update({ id: session.id, uid: 'u2' }, promote), SessionNotFound);
    await errorOf(() => storage.update({ id: session.id, lineage: 'another' }, promote), SessionNotFound);
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({});
  });

  it('one that the revocation list knows to be over', async () => {
    const store = Object.assign(new MemoryStore(), { deleteAll: undefined });
    const { clock, storage } = serverBench({ store, revocations: new RevocationList() });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    clock.advance(1);
    await storage.revoke('everyone');
    await errorOf(() => storage.update(session, promote), SessionNotFound);
  });

  it('one whose data no session can be made of', async () => {
    const { store, storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    await putBody(store, session.id, 'not JSON');
    expect((await errorOf(() => storage.update(session, promote), SessionNotFound)).reason).to.equal('invalid_data');
  });

  it('data that the schema refuses, and changes nothing', async () => {
    const { storage } = serverBench({
      sessionData: z.object({ n: z.number() }),
      userData: z.object({ name: z.string() }),
    });
    const made = await storage.create({ n: 0 });
    const sid = await issuedBy(storage.commit(made.setUser('u1', { name: 'Ada' })));
    for (const change of [
      (data: object): void => void Reflect.set(data, 'n', 'x'),
      (_: object, user: object): void => void Reflect.set(user, 'name', 5),
    ]) {
      expect(await errorOf(() => storage.update(made, change))).to.be.instanceOf(SessionDataInvalid);
    }
    const opened = await storage.get(sid);
    expect([opened.sessionData, opened.userData]).to.deep.equal([{ n: 0 }, { name: 'Ada' }]);
  });

  it('an error of the function’s own, which comes through, and changes nothing', async () => {
    const { storage } = serverBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const fault = new Error('mine');
    const change = (data: Data): never => {
      data['a'] = 1;
      throw fault;
    };
    expect(await errorOf(() => storage.update(session, change))).to.equal(fault);
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({});
  });

  it('what names no session, and what is no function, with a TypeError before it asks the store', async () => {
    const { storage, store } = faultyBench();
    for (const ref of [
      undefined,
      null,
      'id',
      {},
      { id: 5, lineage: 'l' },
      { uid: 'u1' },
      { id: 'i' },
      { id: 'i', uid: '' },
    ]) {
      expect(await errorOf(() => callUntyped(storage, 'update', ref, promote))).to.be.instanceOf(TypeError);
    }
    for (const change of [undefined, null, 5, {}]) {
      const ref = { id: 'i', lineage: 'l' };
      expect(await errorOf(() => callUntyped(storage, 'update', ref, change))).to.be.instanceOf(TypeError);
    }
    expect(store.calls).to.deep.equal([]);
  });
});
