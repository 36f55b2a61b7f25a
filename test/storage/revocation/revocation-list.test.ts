import { expect } from 'chai';
import {
  type NewRevocation,
  RevocationList,
  type RevocationListOptions,
  type RevocationLog,
  RevocationsStale,
  SessionStorage,
  StoreUnavailable,
} from '../../../src/index.js';
import { type FakeTime, fakeTime } from '../../support/fake-time.js';
import { FaultyLog, type FaultyLogOptions } from '../../support/faulty-log.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { claimsOf, issuedBy, SECRET } from '../../support/sessions.js';
import { NOW, warningsDuring } from '../../support/token-fixtures.js';

const BOUND = 30_000;

/** As another process would write it. */
function ofUser(uid: string): NewRevocation {
  return { at: NOW, until: null, reason: 'locked', match: { uid, before: NOW + 1000, except: [] } };
}

describe('RevocationList over a log', () => {
  let time: FakeTime;
  const open: RevocationList[] = [];

  beforeEach(() => {
    time = fakeTime(NOW);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((list) => list.close()));
    time.restore();
  });

  guardRejections();

  /** A storage over a list over a log, once they have had a moment. */
  async function stack(faults: FaultyLogOptions = {}, options: RevocationListOptions = {}) {
    const log = new FaultyLog(faults);
    const revocations = new RevocationList({ log, ...options });
    open.push(revocations);
    const storage = new SessionStorage({ jwtSecret: SECRET, revocations });
    await time.pass(0);
    return { log, revocations, storage };
  }

  /** What becomes of a promise as time passes. */
  function watched(promise: Promise<unknown>): { state: string; value: unknown } {
    const watch: { state: string; value: unknown } = { state: 'pending', value: undefined };
    promise.then(
      (value) => Object.assign(watch, { state: 'resolved', value }),
      (value: unknown) => Object.assign(watch, { state: 'rejected', value }),
    );
    return watch;
  }

  describe('reading', () => {
    it('knows what was in the log before it began', async () => {
      const { storage } = await stack({ entries: [ofUser('u1')] });
      const sid = tokenOfOldSession('u1');
      expect(openingOf(storage, sid)).to.equal('revoked');
    });

    it('learns what another process writes', async () => {
      const { log, storage } = await stack();
      const sid = storage.create().setUser('u1').forClient();
      expect(openingOf(storage, sid)).to.equal('opened');
      log.put(ofUser('u1'));
      await time.pass(0);
      expect(openingOf(storage, sid)).to.equal('revoked');
    });

    it('shares what one process ends with all others on the log', async () => {
      const { log, storage } = await stack();
      const other = new RevocationList({ log });
      open.push(other);
      const elsewhere = new SessionStorage({ jwtSecret: SECRET, revocations: other });
      await time.pass(0);
      const sid = storage.create().setUser('u1').forClient();
      expect(openingOf(elsewhere, sid)).to.equal('opened');
      expect(await storage.revoke({ sid })).to.deep.equal({ ended: 1, guarantee: 'instances' });
      await time.pass(0);
      expect(openingOf(elsewhere, sid)).to.equal('revoked');
    });

    it('reads on from where it was after a failure, soon at first and then at most every 5 seconds', async () => {
      const { log } = await stack();
      log.put(ofUser('u1'));
      await time.pass(0);
      log.reading = 'fails';
      log.beat();
      await time.pass(20_000);
      expect(log.reads[0]).to.equal(null);
      expect(new Set(log.reads.slice(1))).to.deep.equal(new Set(['1']));
      const tried = log.reads.length;
      expect(tried).to.be.within(7, 12);
      await time.pass(60_000);
      expect(log.reads.length - tried).to.equal(12);
    });

    it('survives a log that throws before there is anything to await', async () => {
      const { log, storage } = await stack({ reading: 'throws' });
      await time.pass(3000);
      log.reading = 'works';
      await time.pass(5000);
      expect(storage.health()).to.include({ isFresh: true });
    });

    it('learns what it missed once the log answers again', async () => {
      const { log, storage } = await stack();
      const sid = storage.create().setUser('u1').forClient();
      log.reading = 'fails';
      log.put(ofUser('u1'));
      await time.pass(3000);
      expect(openingOf(storage, sid)).to.equal('opened');
      log.reading = 'works';
      await time.pass(5000);
      expect(openingOf(storage, sid)).to.equal('revoked');
    });
  });

  describe('freshness', () => {
    it('answers RevocationsStale, a 503, until the log has answered for the first time', async () => {
      const { log, storage } = await stack({ reading: 'stalls' });
      const sid = storage.create().forClient();
      const error = await errorOf(() => storage.get(sid));
      expect(error).to.be.instanceOf(RevocationsStale).and.instanceOf(StoreUnavailable);
      expect(error).to.include({ code: 'ERR_SESSION_REVOCATIONS_STALE', status: 503 });
      log.reading = 'works';
      log.beat();
      await time.pass(0);
      expect(openingOf(storage, sid)).to.equal('opened');
    });

    it('knows nothing for sure before the log has said that this was all, in however many batches it told the rest', async () => {
      let more: () => void = () => undefined;
      const told = new Promise<void>((resolve) => {
        more = resolve;
      });
      const log: RevocationLog = {
        guarantee: 'instances',
        append: () => Promise.reject(new Error('not now')),
        async *read(_after, signal) {
          yield [{ seq: '1', ...ofUser('u1') }];
          await told;
          yield [{ seq: '2', ...ofUser('u2') }];
          yield [];
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
        close: () => Promise.resolve(),
      };
      const revocations = new RevocationList({ log });
      open.push(revocations);
      const storage = new SessionStorage({ jwtSecret: SECRET, revocations });
      const sid = storage.create().setUser('u3').forClient();
      const ready = watched(storage.ready());
      await time.pass(0);
      expect(ready.state).to.equal('pending');
      expect(() => storage.get(sid)).to.throw(RevocationsStale);
      more();
      await time.pass(0);
      expect(ready.state).to.equal('resolved');
      expect(openingOf(storage, sid)).to.equal('opened');
    });

    it('names what the log failed with as the cause of RevocationsStale', async () => {
      const { storage } = await stack({ reading: 'fails' });
      const error = await errorOf(() => storage.get(storage.create().forClient()));
      expect(error).to.have.nested.property('cause.message', 'the log is down');
      expect(error).to.have.property('message', 'the revocation log has not been read yet');
    });

    it('ready keeps the process alive until then, or until the list is closed', async () => {
      const { revocations } = await stack({ reading: 'stalls' });
      const before = time.timers;
      const ready = watched(revocations.ready());
      expect(time.timers).to.equal(before + 1);
      await revocations.close();
      expect(ready.value).to.be.instanceOf(StoreUnavailable);
      expect(ready.value).to.have.property('message', 'the revocation list was closed before it had read its log');
    });

    it('ready says once why it still waits, if the log fails', async () => {
      const { revocations } = await stack({ reading: 'fails' });
      const warnings = await warningsDuring(async () => {
        const ready = watched(revocations.ready());
        await time.pass(20_000);
        expect(ready.state).to.equal('pending');
      });
      expect(warnings.map(({ code }) => code)).to.deep.equal(['SESSIONS_LOG_UNREAD']);
      expect(warnings[0]?.message).to.match(/: the log is down$/);
    });

    it('ready says nothing of a log that is only slow', async () => {
      const { revocations } = await stack({ reading: 'stalls' });
      const warnings = await warningsDuring(async () => {
        watched(revocations.ready());
        await time.pass(20_000);
      });
      expect(warnings).to.deep.equal([]);
    });

    it('ready resolves with the log’s first answer, an empty one too', async () => {
      const { log, storage } = await stack({ reading: 'stalls' });
      const ready = watched(storage.ready());
      await time.pass(60_000);
      expect(ready.state).to.equal('pending');
      log.reading = 'works';
      log.beat();
      await time.pass(0);
      expect(ready.state).to.equal('resolved');
    });

    it('is good up to the bound after the last answer, and stale a millisecond later (row 17)', async () => {
      const { storage } = await stack();
      const sid = storage.create().forClient();
      await time.pass(BOUND);
      expect(openingOf(storage, sid)).to.equal('opened');
      expect(storage.health()).to.deep.equal({ isFresh: true, age: BOUND, guarantee: 'instances' });
      await time.pass(1);
      expect(() => storage.get(sid)).to.throw(RevocationsStale, '30001 ms');
      expect(storage.health()).to.deep.equal({ isFresh: false, age: BOUND + 1, guarantee: 'instances' });
    });

    it('is renewed by an empty batch', async () => {
      const { log, storage } = await stack();
      const sid = storage.create().forClient();
      for (let i = 0; i < 5; i += 1) {
        await time.pass(BOUND);
        log.beat();
        await time.pass(0);
      }
      expect(openingOf(storage, sid)).to.equal('opened');
    });

    it('goes stale for a log that stalls or fails, and comes back with it', async () => {
      for (const fault of ['stalls', 'fails'] as const) {
        const { log, storage } = await stack();
        const sid = storage.create().forClient();
        log.reading = fault;
        log.beat();
        await time.pass(BOUND + 1);
        expect(() => storage.get(sid), fault).to.throw(RevocationsStale);
        log.reading = 'works';
        log.beat();
        await time.pass(5000);
        expect(openingOf(storage, sid), fault).to.equal('opened');
      }
    });

    it('is asked of a token that is remembered too, and in check', async () => {
      const { storage } = await stack();
      const sid = storage.create().forClient();
      for (let i = 0; i < 4; i += 1) storage.get(sid);
      const ref = storage.get(sid);
      await time.pass(BOUND + 1);
      expect(() => storage.get(sid)).to.throw(RevocationsStale);
      expect(() => storage.check(ref)).to.throw(RevocationsStale);
    });

    it('is no session’s refusal: it is never SessionNotFound, and a bad sid stays one', async () => {
      const { storage } = await stack({ reading: 'stalls' });
      expect(openingOf(storage, 'x')).to.equal('malformed');
    });
  });

  describe("whenStale: 'allow'", () => {
    it('takes tokens although it cannot know', async () => {
      const { storage } = await stack({ reading: 'stalls' }, { whenStale: 'allow' });
      expect(openingOf(storage, storage.create().forClient())).to.equal('opened');
      expect(storage.health()).to.include({ isFresh: false, age: Infinity });
    });

    it('commits nothing that outlives the token that was read', async () => {
      const { storage } = await stack({ reading: 'stalls' }, { whenStale: 'allow' });
      const sid = storage.create().setUser('u1').forClient();
      await time.pass(3_600_000);
      const touched = await issuedBy(storage.commit(storage.get(sid)));
      const saved = await issuedBy(storage.commit(storage.get(sid).save()));
      for (const issued of [touched, saved]) expect(claimsOf(issued)['exp']).to.equal(claimsOf(sid)['exp']);
    });

    it('gives nothing by forClient that outlives it either', async () => {
      const { storage } = await stack({ reading: 'stalls' }, { whenStale: 'allow' });
      const sid = storage.create().setUser('u1').forClient();
      await time.pass(3_600_000);
      expect(claimsOf(storage.get(sid).forClient())['exp']).to.equal(claimsOf(sid)['exp']);
      expect(claimsOf(storage.get(sid).save().forClient())['exp']).to.equal(claimsOf(sid)['exp']);
    });

    it('still ends what is revoked in this process', async () => {
      const { storage } = await stack({ reading: 'stalls' }, { whenStale: 'allow' });
      const sid = storage.create().forClient();
      await storage.revoke({ sid });
      expect(openingOf(storage, sid)).to.equal('revoked');
    });

    it('issues full lives again once the log answers', async () => {
      const { log, storage } = await stack({ reading: 'stalls' }, { whenStale: 'allow' });
      const sid = storage.create().forClient();
      await time.pass(3_600_000);
      log.reading = 'works';
      log.beat();
      await time.pass(0);
      const renewed = await issuedBy(storage.commit(storage.get(sid)));
      expect(claimsOf(renewed)['exp']).to.equal(Number(claimsOf(sid)['exp']) + 3600);
    });
  });

  describe('writing', () => {
    for (const fault of ['fails', 'throws', 'stalls'] as const) {
      it(`ends in this process at once, and rejects at the deadline when the log ${fault}`, async () => {
        const { storage } = await stack({ appending: fault }, { deadline: 2000 });
        const sid = storage.create().forClient();
        const revoking = watched(storage.revoke({ sid }));
        expect(openingOf(storage, sid)).to.equal('revoked');
        await time.pass(1999);
        expect(revoking.state).to.equal('pending');
        await time.pass(1);
        expect(revoking.state).to.equal('rejected');
        expect(revoking.value).to.be.instanceOf(StoreUnavailable).and.include({ status: 503 });
      });
    }

    it('keeps the log’s error as the cause', async () => {
      const { storage } = await stack({ appending: 'fails' });
      const revoking = watched(storage.revoke('everyone'));
      await time.pass(2000);
      expect(revoking.value).to.have.nested.property('cause.message', 'the log is down');
    });

    it('resolves when a retry gets through before the deadline', async () => {
      const { log, storage } = await stack({ appending: 'fails' });
      const revoking = watched(storage.revoke('everyone'));
      await time.pass(500);
      log.appending = 'works';
      await time.pass(1000);
      expect(revoking).to.deep.equal({ state: 'resolved', value: { guarantee: 'instances' } });
      expect(log.entries).to.have.lengthOf(1);
    });

    it('tries on in the background after the deadline, until the log has it', async () => {
      const { log, storage } = await stack({ appending: 'fails' });
      watched(storage.revoke({ uid: 'u1' }));
      await time.pass(60_000);
      const tried = log.appends;
      expect(tried).to.be.within(10, 20);
      log.appending = 'works';
      await time.pass(5000);
      expect(log.entries.map(({ match }) => match)).to.deep.equal([{ uid: 'u1', before: NOW + 1000, except: [] }]);
      await time.pass(60_000);
      expect(log.appends).to.equal(tried + 1);
    });

    it('makes a sign-out wait for the log, and reject with StoreUnavailable', async () => {
      const { storage } = await stack({ appending: 'fails' });
      const sid = storage.create().forClient();
      const committing = watched(Promise.resolve(storage.commit(storage.get(sid).revoke())));
      await time.pass(2000);
      expect(committing.value).to.be.instanceOf(StoreUnavailable);
      expect(openingOf(storage, sid)).to.equal('revoked');
    });

    it('makes a change of user wait for the log', async () => {
      const { log, storage } = await stack({ appending: 'fails' });
      const session = storage.get(storage.create().forClient()).setUser('u1');
      const committing = watched(Promise.resolve(storage.commit(session)));
      await time.pass(300);
      expect(committing.state).to.equal('pending');
      log.appending = 'works';
      await time.pass(1000);
      expect(committing.state).to.equal('resolved');
    });

    it('makes nothing wait that ends nothing', async () => {
      const { storage } = await stack({ appending: 'stalls' });
      const sid = await issuedBy(storage.commit(storage.create({ a: 1 })));
      expect(await outcomeOf(storage.commit(storage.get(sid).save()))).to.equal('issued');
    });

    it('leaves no rejection unhandled when nobody waits for it', async () => {
      const { storage } = await stack({ appending: 'fails', guarantee: 'process' });
      const session = storage.get(storage.create().forClient()).revoke();
      expect(await outcomeOf(storage.commit(session))).to.equal('ended');
      await storage.revoke('everyone', { wait: 'process' });
      await time.pass(10_000);
    });
  });

  describe('close', () => {
    it('stops reading, retrying and every timer', async () => {
      const { log, revocations, storage } = await stack({ appending: 'fails' });
      const revoking = watched(storage.revoke('everyone'));
      await time.pass(100);
      await revocations.close();
      const { appends, reads } = { appends: log.appends, reads: log.reads.length };
      await time.pass(60_000);
      expect([log.appends, log.reads.length, log.openReads, time.timers]).to.deep.equal([appends, reads, 0, 0]);
      expect(revoking.state).to.equal('rejected');
      expect(revoking.value).to.be.instanceOf(StoreUnavailable);
    });

    for (const fault of ['stalls', 'fails'] as const) {
      it(`is prompt while reading ${fault}`, async () => {
        const { revocations } = await stack({ reading: fault });
        const closing = watched(revocations.close());
        await time.pass(0);
        expect(closing.state).to.equal('resolved');
        expect(time.timers).to.equal(0);
      });
    }

    it('waits a second at most for a log that minds no signal', async () => {
      const log = new FaultyLog();
      log.read = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) });
      const list = new RevocationList({ log });
      await time.pass(0);
      const closing = watched(list.close());
      await time.pass(999);
      expect(closing.state).to.equal('pending');
      await time.pass(1);
      expect(closing.state).to.equal('resolved');
    });

    it('rejects at once what is added afterwards and the log does not take', async () => {
      const { revocations, storage } = await stack({ appending: 'fails' });
      await revocations.close();
      const revoking = watched(storage.revoke('everyone'));
      await time.pass(0);
      expect(revoking.value).to.be.instanceOf(StoreUnavailable);
    });

    it('may be called twice', async () => {
      const { revocations } = await stack();
      await revocations.close();
      await revocations.close();
    });
  });
});

describe('RevocationList without a log', () => {
  it('is always fresh and ready, with the guarantee process', async () => {
    const list = new RevocationList();
    await list.ready();
    expect(list.health()).to.deep.equal({ isFresh: true, age: 0, guarantee: 'process' });
    expect(list.isStale(NOW)).to.equal(false);
    await list.close();
  });

  it('serves several storages', async () => {
    const revocations = new RevocationList();
    const [a, b] = [0, 1].map(() => new SessionStorage({ jwtSecret: SECRET, revocations }));
    const sid = a?.create().forClient() ?? '';
    await b?.revoke({ sid });
    expect(a === undefined ? '' : openingOf(a, sid)).to.equal('revoked');
  });

  it('announces what was added once it is known, until that is no longer wanted', async () => {
    const list = new RevocationList();
    const told: unknown[] = [];
    const stop = list.onAdded((entries) => {
      told.push(entries, list.hasEnded({ id: 'i', lineage: 'l', uid: 'ann', since: NOW }, NOW));
    });
    const entry = ofUser('ann');
    await list.add([entry], NOW);
    await list.add([], NOW);
    stop();
    await list.add([ofUser('bob')], NOW);
    expect(told).to.deep.equal([[entry], true]);
  });

  it('grows its version with every addition, and only then', async () => {
    const list = new RevocationList();
    const { version } = list;
    await list.add([]);
    expect(list.version).to.equal(version);
    await list.add([ofUser('u1')]);
    expect(list.version).to.be.above(version);
  });
});

/** A token of a user who signed in just before the log's entries were written. */
function tokenOfOldSession(uid: string): string {
  return new SessionStorage({ jwtSecret: SECRET }).create().setUser(uid).forClient();
}
