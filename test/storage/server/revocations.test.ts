import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryStore, type Revocation, RevocationList, SessionNotFound, StoreUnavailable } from '../../../src/index.js';
import { FaultyStore } from '../../../src/testing/faulty-store.js';
import { eventsOf } from '../../support/events.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy, bench as tokenBench } from '../../support/sessions.js';
import { SharedLog } from '../../support/shared-log.js';
import { NOW } from '../../support/token-fixtures.js';
import { watched } from '../../support/watched.js';

const DAY = 24 * 60 * 60 * 1000;

/** A storage with a followed log, and a store that fails on demand. */
async function logged(options: object = {}) {
  const log = new FaultyLog();
  const revocations = new RevocationList({ log, deadline: 50 });
  const store = new FaultyStore(new MemoryStore());
  const bench = serverBench({ store, revocations, ...options });
  await bench.storage.ready();
  return { ...bench, store, log, revocations };
}

function entriesOf(log: FaultyLog): Pick<Revocation, 'match' | 'reason'>[] {
  return log.entries.map(({ match, reason }) => ({ match, reason }));
}

describe('A server-side storage with a revocation list tells it', () => {
  guardRejections();
  const lists: RevocationList[] = [];

  async function open(options: object = {}) {
    const world = await logged(options);
    lists.push(world.revocations);
    return world;
  }

  afterEach(async () => {
    await Promise.all(lists.splice(0).map((list) => list.close()));
  });

  it('of a session that is ended, by its lineage', async () => {
    const { storage, log } = await open();
    const sid = await heldSid(storage, {}, 'u1');
    const { lineage } = await storage.get(sid);
    log.entries.length = 0;
    await storage.revoke({ sid }, { reason: 'stolen' });
    expect(entriesOf(log)).to.deep.equal([{ match: { lineage }, reason: 'stolen' }]);
  });

  for (const [operation, target] of [
    ['retire', 'sid'],
    ['deleteOfUser', 'user'],
    ['deleteAll', 'everyone'],
  ] as const) {
    it(`only once the store has it: after ${operation}`, async () => {
      const { storage, log, store } = await open();
      const sid = await heldSid(storage, {}, 'u1');
      const before = log.appends;
      const gate = store.hold(operation, 'after');
      const revoking = storage.revoke({ sid: { sid }, user: { uid: 'u1' }, everyone: 'everyone' as const }[target]);
      await gate.reached;
      expect(log.appends).to.equal(before);
      gate.release();
      await revoking;
      expect(log.appends).to.equal(before + 1);
    });
  }

  it('of a sign-out at commit', async () => {
    const { storage, log } = await open();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    log.entries.length = 0;
    await storage.commit(session.revoke('signed out'));
    expect(entriesOf(log)).to.deep.equal([{ match: { lineage: session.lineage }, reason: 'signed out' }]);
  });

  it('of all of a user’s, and of whom it spared', async () => {
    const { storage, log, clock } = await open();
    const mine = await storage.get(await heldSid(storage, {}, 'u1'));
    await heldSid(storage, {}, 'u1');
    log.entries.length = 0;
    await storage.revoke({ uid: 'u1', except: mine });
    const [entry] = log.entries;
    expect(entry?.match).to.deep.include({ uid: 'u1', except: [mine.lineage] });
    expect(Reflect.get(Object(entry?.match), 'before')).to.be.at.least(clock.now());
    expect(await openingOf(storage, mine.forClient())).to.equal('opened');
  });

  it('of everyone’s', async () => {
    const { storage, log } = await open();
    await storage.revoke('everyone');
    expect(Object.keys(log.entries[0]?.match ?? {})).to.deep.equal(['before']);
  });

  it('of one that a change of user replaced, without letting the request wait', async () => {
    const { storage, log } = await open();
    const session = await storage.get(await heldSid(storage));
    const { lineage } = session;
    log.appending = 'stalls';
    expect(await outcomeOf(storage.commit(session.setUser('u1')))).to.equal('issued');
    expect(log.appends).to.equal(1);
    expect(await openingOf(storage, session.forClient())).to.equal('opened');
    expect(lineage).not.to.equal(session.lineage);
  });

  it('of one that a change of user replaced, and bears it when the log never takes it', async () => {
    const { storage, log } = await open();
    const session = await storage.get(await heldSid(storage));
    const time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      log.appending = 'fails';
      const committing = storage.commit(session.setUser('u1'));
      await time.tickAsync(10_000);
      expect(await outcomeOf(committing)).to.equal('issued');
      expect(log.appends).to.be.above(0);
    } finally {
      time.restore();
    }
  });

  it('nothing of a plain rotation, a write or a touch', async () => {
    const { storage, log, clock } = await open();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    log.entries.length = 0;
    await storage.commit(session.rotate());
    session.sessionData['a'] = 1;
    await storage.commit(session);
    clock.advance(DAY);
    await storage.commit(await storage.get(session.forClient()));
    expect(log.entries).to.deep.equal([]);
  });

  it('and has ended the session though the list’s log does not answer, which it says', async () => {
    const { storage, log } = await open();
    const sids = ['u1', 'u2', 'u3'].map((uid) => heldSid(storage, {}, uid));
    const [sid = '', user = '', other = ''] = await Promise.all(sids);
    for (const appending of ['fails', 'throws', 'stalls'] as const) {
      log.appending = appending;
      const one = await heldSid(storage, {}, 'u1');
      for (const target of [{ sid: one }, { uid: 'u2' }]) {
        expect(await errorOf(() => storage.revoke(target))).to.be.instanceOf(StoreUnavailable);
      }
      expect(await openingsOf(storage, one, user, sid, other)).to.deep.equal([
        'revoked',
        'revoked',
        'opened',
        'opened',
      ]);
    }
    expect(await errorOf(() => storage.revoke('everyone'))).to.be.instanceOf(StoreUnavailable);
    expect(await openingsOf(storage, sid, other)).to.deep.equal(['unknown', 'unknown']);
  });

  for (const target of ['sid', 'user', 'everyone'] as const) {
    it(`without waiting for the log, with wait: 'process' (${target})`, async () => {
      const { storage, log } = await open();
      const sid = await heldSid(storage, {}, 'u1');
      log.appending = 'stalls';
      const before = log.appends;
      const given = { sid: { sid }, user: { uid: 'u1' }, everyone: 'everyone' as const }[target];
      expect(await storage.revoke(given, { wait: 'process' })).to.have.property('guarantee');
      expect(log.appends - before).to.equal(1);
      expect(await openingOf(storage, sid)).to.equal(target === 'everyone' ? 'unknown' : 'revoked');
    });
  }

  it('nothing when the store failed: the session lives on, and the list does not contradict it', async () => {
    const { storage, log, store } = await open();
    const sid = await heldSid(storage, {}, 'u1');
    log.entries.length = 0;
    store.fail('all');
    for (const target of [{ sid }, { uid: 'u1' }, 'everyone'] as const) {
      expect(await errorOf(() => storage.revoke(target))).to.be.instanceOf(StoreUnavailable);
    }
    store.heal();
    expect(log.entries).to.deep.equal([]);
    expect(await openingOf(storage, sid)).to.equal('opened');
  });
});

describe('A server-side storage asks its revocation list at every get', () => {
  guardRejections();

  it('and opens nothing that another storage ended by lineage, by user or for everyone', async () => {
    const revocations = new RevocationList();
    const { clock, storage } = serverBench({ revocations });
    const [one, ofU1, ofU2] = [
      await heldSid(storage),
      await heldSid(storage, {}, 'u1'),
      await heldSid(storage, {}, 'u2'),
    ];
    const { lineage } = await storage.get(one);
    await revocations.add([{ at: clock.now(), until: null, reason: 'r', match: { lineage } }], clock.now());
    expect(await openingsOf(storage, one, ofU1, ofU2)).to.deep.equal(['revoked', 'opened', 'opened']);
    const match = { uid: 'u1', before: clock.now(), except: [] };
    await revocations.add([{ at: clock.now(), until: null, reason: 'r', match }], clock.now());
    expect(await openingsOf(storage, one, ofU1, ofU2)).to.deep.equal(['revoked', 'revoked', 'opened']);
    await revocations.add([{ at: clock.now(), until: null, reason: 'r', match: { before: clock.now() } }], clock.now());
    expect(await openingsOf(storage, one, ofU1, ofU2)).to.deep.equal(['revoked', 'revoked', 'revoked']);
  });

  it('and ends a user’s sessions in tokens and in the store at once', async () => {
    const revocations = new RevocationList();
    const server = serverBench({ revocations });
    const tokens = tokenBench({ revocations, clock: server.clock });
    const sid = await heldSid(server.storage, {}, 'u1');
    const token = tokens.storage.create().setUser('u1').forClient();
    await tokens.storage.revoke({ uid: 'u1' });
    expect([await openingOf(server.storage, sid), openingOf(tokens.storage, token)]).to.deep.equal([
      'revoked',
      'revoked',
    ]);
    const [again, fresh] = [await heldSid(server.storage, {}, 'u2'), tokens.storage.create().setUser('u2').forClient()];
    await server.storage.revoke({ uid: 'u2' });
    expect([await openingOf(server.storage, again), openingOf(tokens.storage, fresh)]).to.deep.equal([
      'revoked',
      'revoked',
    ]);
  });

  it('and takes no write of a session that was ended in it since it was opened', async () => {
    const revocations = new RevocationList();
    const { clock, storage } = serverBench({ revocations });
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    const told = eventsOf(storage, 'refused-late-save');
    const match = { uid: 'u1', before: clock.now(), except: [] };
    await revocations.add([{ at: clock.now(), until: null, reason: 'r', match }], clock.now());
    session.sessionData['late'] = 1;
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    expect(told.length).to.equal(1);
  });

  it('and lets a user sign in again at once after all of theirs were ended', async () => {
    const revocations = new RevocationList();
    const { storage } = serverBench({ revocations });
    await heldSid(storage, {}, 'u1');
    for (let count = 0; count < 3; count += 1) {
      await storage.revoke({ uid: 'u1' });
      expect(await openingOf(storage, await heldSid(storage, {}, 'u1'))).to.equal('opened');
    }
    await storage.revoke('everyone');
    expect(await openingsOf(storage, await heldSid(storage), await heldSid(storage, {}, 'u1'))).to.deep.equal([
      'opened',
      'opened',
    ]);
  });

  it('and says withinGrace to what a change of user replaced just now, wherever that is known from', async () => {
    const revocations = new RevocationList();
    const { clock, storage } = serverBench({ revocations, rotationGrace: 4_000 });
    const sid = await heldSid(storage);
    await storage.commit((await storage.get(sid)).setUser('u1'));
    clock.advance(3_999);
    const during = await errorOf(() => storage.get(sid), SessionNotFound);
    expect([during.reason, during.withinGrace]).to.deep.equal(['superseded', true]);
    clock.advance(1);
    const after = await errorOf(() => storage.get(sid), SessionNotFound);
    expect([after.reason, after.withinGrace]).to.deep.equal(['superseded', false]);
  });
});

describe('Ending everyone’s sessions in a store without deleteAll', () => {
  guardRejections();

  function lacking() {
    const store = Object.assign(new MemoryStore(), { deleteAll: undefined });
    return serverBench({ store, revocations: new RevocationList() });
  }

  it('works through the revocation list, for all that is there', async () => {
    const { clock, storage } = lacking();
    const sids = [await heldSid(storage), await heldSid(storage, {}, 'u1')];
    expect(await storage.revoke('everyone')).to.deep.equal({ guarantee: 'process' });
    expect(await openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'revoked']);
    clock.advance(DAY);
    expect(await openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'revoked']);
  });

  it('says how far the list reaches, and not the store', async () => {
    const store = Object.assign(new MemoryStore(), { deleteAll: undefined, reach: 'instances' });
    const { storage } = serverBench({ store, revocations: new RevocationList() });
    expect(await storage.revoke('everyone')).to.deep.equal({ guarantee: 'process' });
    expect(await storage.revoke({ uid: 'u1' })).to.deep.equal({ guarantee: 'instances', ended: 0 });
    const error = await errorOf(() => storage.revoke('everyone', { wait: 'log' }));
    expect(error).to.be.instanceOf(TypeError).and.have.property('message').that.includes('this revocation list');
  });

  it('waits for the other processes by the list', async () => {
    const log = new SharedLog();
    const [own, other] = [log.connect(), log.connect()];
    const lists = [own, other].map((connection) => new RevocationList({ log: connection }));
    const store = Object.assign(new MemoryStore(), { deleteAll: undefined, reach: 'instances' });
    const [storage, elsewhere] = lists.map((revocations) => serverBench({ store, revocations }).storage);
    if (storage === undefined || elsewhere === undefined) throw new Error('two processes');
    await Promise.all(lists.map((list) => list.ready()));
    const sid = await heldSid(storage);
    other.hold();
    expect(await storage.revoke('everyone', { wait: 'process' })).to.deep.equal({ guarantee: 'process' });
    expect(await storage.revoke('everyone')).to.deep.equal({ guarantee: 'log' });
    expect(await openingOf(elsewhere, sid)).to.equal('opened');
    const revoked = storage.revoke('everyone', { wait: 'instances' });
    const watch = watched(revoked);
    // The log has taken both when this one resolves.
    await storage.revoke('everyone');
    expect(watch.value).to.equal('pending');
    other.deliver();
    expect(await revoked).to.deep.equal({ guarantee: 'instances' });
    expect(await openingOf(elsewhere, sid)).to.equal('revoked');
    await Promise.all(lists.map((list) => list.close()));
  });

  it('spares what begins afterwards, in the same millisecond too', async () => {
    const { storage } = lacking();
    await storage.revoke('everyone');
    const sids = [await heldSid(storage), await heldSid(storage, {}, 'u1')];
    expect(await openingsOf(storage, ...sids)).to.deep.equal(['opened', 'opened']);
  });

  it('takes no late write, rotation or forced renewal of what it ended', async () => {
    const { clock, storage } = lacking();
    const sid = await heldSid(storage, {}, 'u1');
    const sessions = [await storage.get(sid), await storage.get(sid), await storage.get(sid)];
    clock.advance(1);
    await storage.revoke('everyone');
    const [saving, rotating, forcing] = sessions;
    if (saving === undefined || rotating === undefined || forcing === undefined) throw new Error('three sessions');
    saving.sessionData['a'] = 1;
    expect(await outcomeOf(storage.commit(saving))).to.equal('withheld');
    expect(await outcomeOf(storage.commit(rotating.rotate()))).to.equal('withheld');
    expect(await outcomeOf(storage.commit(forcing.forceInvalidate('CurrentSessionId')))).to.equal('withheld');
    expect(await openingOf(storage, sid)).to.equal('revoked');
  });

  it('outlives every session that it ends (row 15)', async () => {
    const { clock, storage } = lacking();
    const session = await storage.create();
    const sid = await issuedBy(storage.commit(session.setLifetime({ idleTimeout: null, absoluteTimeout: 400 * DAY })));
    await storage.revoke('everyone');
    for (const days of [8, 61, 399]) {
      clock.set(NOW + days * DAY);
      // What leaves the list leaves it when something is added.
      await storage.revoke({ uid: 'somebody' });
      expect(await openingOf(storage, sid)).to.equal('revoked');
    }
  });
});
