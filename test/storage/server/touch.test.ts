import { expect } from 'chai';
import { eventsOf } from '../../support/events.js';
import { openingOf, outcomeOf } from '../../support/outcomes.js';
import { faultyBench, type PlainOptions, recordOf } from '../../support/server-outcomes.js';
import { heldSid } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const DAY = 24 * HOUR;

/** A held session, and what an otherwise idle request after `ms` writes. */
async function touching(options: PlainOptions = {}) {
  const bench = faultyBench(options);
  const sid = await heldSid(bench.storage, { a: 1 }, 'u1');
  const request = async (ms: number, read?: { readonly touch?: boolean }) => {
    bench.clock.advance(ms);
    const session = await bench.storage.get(sid, read);
    bench.store.forgetCalls();
    const result = await bench.storage.commit(session);
    return { result, session, writes: bench.store.calls.map(({ operation }) => operation) };
  };
  return { ...bench, sid, request };
}

describe('The timeout resolution of server-side sessions', () => {
  it('of 10 minutes writes nothing until then, and a touch then', async () => {
    const { request } = await touching();
    expect(await request(10 * MINUTE - 1)).to.deep.include({ result: { outcome: 'unchanged' }, writes: [] });
    expect(await request(1)).to.have.deep.property('writes', ['touch']);
  });

  it('counts from the lastAccess that was stored, not from the last request', async () => {
    const { request } = await touching();
    for (let count = 0; count < 9; count += 1) expect(await request(MINUTE)).to.have.deep.property('writes', []);
    expect(await request(MINUTE)).to.have.deep.property('writes', ['touch']);
    expect(await request(MINUTE)).to.have.deep.property('writes', []);
  });

  it('moves lastAccess and the expiry in the store, and not lastUpdate', async () => {
    const { request, store } = await touching();
    const { session } = await request(10 * MINUTE);
    expect(await recordOf(store, session.id)).to.include({
      lastAccess: NOW + 10 * MINUTE,
      lastUpdate: NOW,
      expiresAt: NOW + 10 * MINUTE + 7 * DAY,
      version: 0,
    });
  });

  it('of 0 or null writes at each request at which the time moved', async () => {
    for (const timeoutResolution of [0, null]) {
      const { request } = await touching({ timeoutResolution });
      expect(await request(1)).to.have.deep.property('writes', ['touch']);
      expect(await request(0)).to.have.deep.property('writes', []);
      expect(await request(1)).to.have.deep.property('writes', ['touch']);
    }
  });

  it('is exact to the millisecond when it is set', async () => {
    const { request } = await touching({ timeoutResolution: 5_000 });
    expect(await request(4_999)).to.have.deep.property('writes', []);
    expect(await request(1)).to.have.deep.property('writes', ['touch']);
  });

  it('does not hold back a change, which is written at once with lastAccess and lastUpdate', async () => {
    const { clock, storage, store, sid } = await touching();
    clock.advance(1);
    const session = await storage.get(sid);
    session.sessionData['a'] = 2;
    expect(await outcomeOf(storage.commit(session))).to.equal('issued');
    expect(await recordOf(store, session.id)).to.include({ lastAccess: NOW + 1, lastUpdate: NOW + 1, version: 1 });
  });

  it('is at most a tenth of an idle timeout of the session’s own', async () => {
    const { clock, request, storage, store } = await touching();
    const session = await storage.create();
    const sid = await issuedBy(storage.commit(session.setLifetime({ idleTimeout: 10_000 })));
    clock.advance(999);
    store.forgetCalls();
    await storage.commit(await storage.get(sid));
    expect(store.callsOf('touch').length).to.equal(0);
    clock.advance(1);
    await storage.commit(await storage.get(sid));
    expect(store.callsOf('touch').length).to.equal(1);
    expect(await request(0), 'the other session keeps the storage’s').to.have.deep.property('writes', []);
  });

  it('touches one without end, which stays so', async () => {
    const { request, store } = await touching({ idleTimeout: null, absoluteTimeout: null });
    const { result, session, writes } = await request(10 * MINUTE);
    expect([result.outcome, writes]).to.deep.equal(['unchanged', ['touch']]);
    expect(await recordOf(store, session.id)).to.include({ lastAccess: NOW + 10 * MINUTE, expiresAt: null });
  });
});

describe('A passive request', () => {
  it('writes nothing, however old lastAccess has grown', async () => {
    const { request } = await touching();
    const { result, writes } = await request(6 * DAY, { touch: false });
    expect([result.outcome, writes]).to.deep.equal(['unchanged', []]);
  });
});

describe('A touch at the same time as', () => {
  it('a write of another request loses nothing of it and does not force it to merge', async () => {
    const { clock, storage, store, sid } = await touching();
    clock.advance(HOUR);
    const [looking, writing] = [await storage.get(sid), await storage.get(sid)];
    writing.sessionData['a'] = 2;
    store.forgetCalls();
    await storage.commit(looking);
    await storage.commit(writing);
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['touch', 'update']);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ a: 2 });
  });

  it('a later touch does not move lastAccess back', async () => {
    const { clock, storage, store, sid } = await touching();
    clock.advance(HOUR);
    const early = await storage.get(sid);
    clock.advance(HOUR);
    await storage.commit(await storage.get(sid));
    await storage.commit(early);
    expect(await recordOf(store, early.id)).to.include({ lastAccess: NOW + 2 * HOUR });
  });

  it('a rotation touches the successor, and is given no credential', async () => {
    const { clock, storage, store, sid } = await touching();
    clock.advance(HOUR);
    const looking = await storage.get(sid);
    const rotating = await storage.get(sid);
    await storage.commit(rotating.rotate());
    clock.advance(HOUR);
    expect(await outcomeOf(storage.commit(looking))).to.equal('withheld');
    expect(await recordOf(store, rotating.id)).to.include({ lastAccess: NOW + HOUR });
  });

  it('the end of the session leaves it ended, silently', async () => {
    const { clock, storage, sid } = await touching();
    clock.advance(HOUR);
    const looking = await storage.get(sid);
    await storage.revoke({ sid });
    const told = eventsOf(storage);
    expect(await outcomeOf(storage.commit(looking))).to.equal('withheld');
    expect(told).to.deep.equal([]);
    expect(await openingOf(storage, sid)).to.equal('revoked');
  });
});
