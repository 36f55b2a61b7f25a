import { expect } from 'chai';
import { z } from 'zod';
import { MemoryStore, SessionDataInvalid, SessionEnded, StoreUnavailable } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { bodyOf, faultyBench, recordOf } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { callUntyped, issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

interface Counter {
  n: number;
  tag?: string;
}

function count(data: Counter): void {
  data.n += 1;
}

describe('ServerSession.update', () => {
  guardRejections();

  it('changes the data, saves, and gives the session', async () => {
    const { clock, storage, store } = serverBench<Counter>();
    const session = await storage.get(await heldSid(storage, { n: 0 }));
    clock.advance(5);
    expect(await session.update(count)).to.equal(session);
    expect(session.sessionData).to.deep.equal({ n: 1 });
    expect([session.lastUpdate, session.lastAccess, session.isModified]).to.deep.equal([NOW + 5, NOW + 5, false]);
    expect(await recordOf(store, session.id)).to.include({ lastUpdate: NOW + 5, lastAccess: NOW + 5, version: 1 });
  });

  it('counts exactly under 50 requests at the same time (row 11)', async () => {
    const { storage } = serverBench<Counter>();
    const sid = await heldSid(storage, { n: 0 });
    const requests = await Promise.all(Array.from({ length: 50 }, () => storage.get(sid)));
    const told = eventsOf(storage, 'conflict');
    await Promise.all(requests.map((session) => session.update(count)));
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 50 });
    expect(told, 'nothing was overwritten').to.deep.equal([]);
    const seen = requests.map((session) => session.sessionData.n).sort((a, b) => a - b);
    expect(seen, 'each saw its own step').to.deep.equal(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  it('counts exactly when the same session is asked 50 times without waiting', async () => {
    const { storage } = serverBench<Counter>();
    const sid = await heldSid(storage, { n: 0 });
    const session = await storage.get(sid);
    await Promise.all(Array.from({ length: 50 }, () => session.update(count)));
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 50 });
  });

  it('runs again on the newest data when another request came first', async () => {
    const { storage, store } = faultyBench<Counter>();
    const sid = await heldSid(storage, { n: 0 });
    const [one, other] = [await storage.get(sid), await storage.get(sid)];
    const gate = store.hold('update');
    const seen: number[] = [];
    const updating = one.update((data) => {
      seen.push(data.n);
      data.n += 1;
    });
    await gate.reached;
    store.heal();
    await other.update(count);
    gate.release();
    await updating;
    expect(seen).to.deep.equal([0, 1]);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 2 });
  });

  it('runs again on the successor when the session was rotated meanwhile, and through a chain of rotations', async () => {
    const { storage } = serverBench<Counter>();
    const sid = await heldSid(storage, { n: 0 });
    const late = await storage.get(sid);
    let last = sid;
    for (let round = 0; round < 3; round += 1) {
      const session = await storage.get(last);
      session.rotate().sessionData.n += 1;
      last = await issuedBy(storage.commit(session));
    }
    await late.update(count);
    expect((await storage.get(last)).sessionData).to.deep.equal({ n: 4 });
    expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
  });

  it('takes along what was changed in place before', async () => {
    const { storage } = serverBench<Counter>();
    const sid = await heldSid(storage, { n: 0 });
    const session = await storage.get(sid);
    session.sessionData.tag = 'x';
    await session.update(count);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 1, tag: 'x' });
  });

  it('creates a session that was not stored yet', async () => {
    const { storage } = serverBench<Record<string, unknown>>();
    const session = storage.blank();
    await session.update((data) => {
      data['a'] = 1;
    });
    const sid = await issuedBy(storage.commit(session));
    expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 1 });
  });

  it('is carried out along with a rotation and a sign-in', async () => {
    const { storage } = serverBench<Counter>();
    const sid = await heldSid(storage, { n: 0 });
    const session = await storage.get(sid);
    await session.setUser('u1').update(count);
    const renewed = await issuedBy(storage.commit(session));
    const opened = await storage.get(renewed);
    expect([opened.uid, opened.sessionData]).to.deep.equal(['u1', { n: 1 }]);
    expect(await openingOf(storage, sid)).to.equal('superseded');
  });

  it('leaves the data of a session of nobody alone, whatever the schema demands of a user’s', async () => {
    const { storage, store } = serverBench({ userData: z.object({ name: z.string() }) });
    const session = await storage.create({ n: 0 });
    await session.update((data) => {
      data['n'] = 1;
    });
    await storage.update(session, (data, user) => {
      data['n'] = 2;
      Object.assign(user, { name: 'Nobody' });
    });
    expect(await bodyOf(store, session.id)).to.deep.include({ sessionData: { n: 2 }, userData: {} });
  });
});

describe('ServerSession.update that fails', () => {
  guardRejections();

  it('changes nothing when the function throws, neither here nor in the store, and passes the error on', async () => {
    const { clock, storage, store } = faultyBench<Counter>();
    const session = await storage.get(await heldSid(storage, { n: 0 }));
    const before = { lastAccess: session.lastAccess, lastUpdate: session.lastUpdate };
    clock.advance(5);
    store.forgetCalls();
    const fault = new Error('mine');
    const error = await errorOf(() =>
      session.update((data) => {
        data.n = 9;
        throw fault;
      }),
    );
    expect(error).to.equal(fault);
    expect(store.calls).to.deep.equal([]);
    expect([session.sessionData, session.isModified]).to.deep.equal([{ n: 0 }, false]);
    expect({ lastAccess: session.lastAccess, lastUpdate: session.lastUpdate }).to.deep.equal(before);
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
  });

  it('refuses an asynchronous function with a TypeError, and leaves no rejection behind', async () => {
    const { storage, store } = faultyBench<Counter>();
    const session = await storage.get(await heldSid(storage, { n: 0 }));
    store.forgetCalls();
    const change = async (data: Counter): Promise<void> => {
      data.n = 9;
      throw new Error('later');
    };
    expect(await errorOf(() => session.update(change))).to.be.instanceOf(TypeError);
    expect([session.sessionData, store.calls]).to.deep.equal([{ n: 0 }, []]);
    expect(await errorOf(() => storage.update(session, change))).to.be.instanceOf(TypeError);
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ n: 0 });
  });

  it('refuses data that JSON cannot carry or the schema refuses, and changes nothing', async () => {
    const { storage } = serverBench({ sessionData: z.object({ n: z.number().max(5) }) });
    const session = await storage.create({ n: 0 });
    for (const n of [6, Number.NaN, 1n]) {
      const change = (data: object): void => void Reflect.set(data, 'n', n);
      const error = await errorOf(() => session.update(change));
      expect(error).to.be.instanceOf(SessionDataInvalid).and.have.property('path', 'sessionData.n');
    }
    expect([session.sessionData, session.isModified]).to.deep.equal([{ n: 0 }, false]);
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ n: 0 });
  });

  it('is refused after revoke and after the session’s end elsewhere, and the function does not run after revoke', async () => {
    const { storage } = serverBench<Counter>();
    const sid = await heldSid(storage, { n: 0 });
    const [mine, other] = [await storage.get(sid), await storage.get(sid)];
    mine.revoke();
    let runs = 0;
    const change = (): void => {
      runs += 1;
    };
    expect(await errorOf(() => mine.update(change))).to.be.instanceOf(SessionEnded);
    expect(runs).to.equal(0);
    await storage.commit(mine);
    expect(await errorOf(() => other.update(count))).to.be.instanceOf(SessionEnded);
    expect(await openingOf(storage, sid)).to.equal('revoked');
  });

  it('says unavailable when the store fails, and can be tried again', async () => {
    const { storage, store } = faultyBench<Counter>();
    const sid = await heldSid(storage, { n: 0 });
    const session = await storage.get(sid);
    store.fail('update', { times: 1 });
    expect(await errorOf(() => session.update(count))).to.be.instanceOf(StoreUnavailable);
    expect(session.sessionData).to.deep.equal({ n: 0 });
    await session.update(count);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 1 });
  });

  it('gives up with StoreUnavailable when others always come first', async () => {
    class Busy extends MemoryStore {
      attempts = 0;
      override async update(): Promise<'conflict'> {
        this.attempts += 1;
        return 'conflict';
      }
    }
    const store = new Busy();
    const { storage } = serverBench<Counter>({ store });
    const session = await storage.get(await heldSid(storage, { n: 0 }));
    expect(await errorOf(() => session.update(count))).to.be.instanceOf(StoreUnavailable);
    expect(store.attempts).to.be.within(50, 1_000);
    expect(session.sessionData).to.deep.equal({ n: 0 });
  });

  it('refuses what is no function', async () => {
    const { storage } = serverBench();
    const session = await storage.create();
    for (const change of [undefined, null, {}, 'x']) {
      expect(await errorOf(() => callUntyped(session, 'update', change))).to.be.instanceOf(TypeError);
    }
  });
});

describe('ServerSession.update while the application goes on', () => {
  it('keeps what it changed in place meanwhile, for the next commit', async () => {
    const { storage, store } = faultyBench<Counter>();
    const sid = await heldSid(storage, { n: 0 });
    const session = await storage.get(sid);
    const { sessionData } = session;
    const gate = store.hold('update');
    const updating = session.update(count);
    await gate.reached;
    sessionData.tag = 'meanwhile';
    gate.release();
    await updating;
    expect(session.sessionData).to.deep.equal({ n: 1, tag: 'meanwhile' });
    await storage.commit(session);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 1, tag: 'meanwhile' });
  });

  it('goes on with the object that the application holds', async () => {
    const { storage } = serverBench<Counter>();
    const sid = await heldSid(storage, { n: 0 });
    const session = await storage.get(sid);
    const { sessionData } = session;
    await session.update(count);
    sessionData.tag = 'later';
    await storage.commit(session);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 1, tag: 'later' });
  });
});

describe('update of data that JSON cannot carry', () => {
  for (const [what, value] of [
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['an instance of a class', new (class Cart {})()],
  ] as const) {
    it(`says so of ${what} that the application put there before, and does not store it as {}`, async () => {
      const { storage } = serverBench();
      const sid = await heldSid(storage, { a: 1 });
      const session = await storage.get(sid);
      session.sessionData['odd'] = value;
      const error = await errorOf(() => session.update((data) => void Object.assign(data, { a: 2 })));
      expect(error).to.be.instanceOf(SessionDataInvalid).and.have.property('path', 'sessionData.odd');
      expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 1 });
    });
  }

  it('says so of a cycle too', async () => {
    const { storage } = serverBench();
    const session = await storage.create();
    session.sessionData['self'] = session.sessionData;
    expect(await errorOf(() => session.update(() => undefined))).to.be.instanceOf(SessionDataInvalid);
  });
});
