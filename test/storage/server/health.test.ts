import { expect } from 'chai';
import { RevocationList, StoreUnavailable } from '../../../src/index.js';
import { fakeDeadlines } from '../../support/fake-time.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid } from '../../support/server-sessions.js';

/** Whether a promise settles within a few turns of the loop. */
async function isSettled(work: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  work.then(note, note);
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('What operators ask of a server-side storage', () => {
  const time = fakeDeadlines();

  /** What work comes to that takes until `ms` have passed. */
  async function passing<Value>(ms: number, work: Promise<Value>): Promise<Value> {
    // What comes of it is for whoever awaits it.
    work.catch(() => undefined);
    await time.pass(ms);
    return await work;
  }

  describe('ServerSessionStorage.ready', () => {
    guardRejections();

    it('resolves when the store answers', async () => {
      const { storage, store } = faultyBench();
      await storage.ready();
      expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['load']);
    });

    it('rejects with StoreUnavailable when it does not, and can be asked again', async () => {
      const { storage, store } = faultyBench();
      for (const how of ['rejects', 'hangs'] as const) {
        store.disconnect(how);
        expect(await errorOf(() => passing(2_000, storage.ready()))).to.be.instanceOf(StoreUnavailable);
        store.heal();
      }
      await storage.ready();
    });

    it('waits until the revocation list knows all that its log holds', async () => {
      const log = new FaultyLog({ reading: 'stalls' });
      const revocations = new RevocationList({ log });
      const { storage } = faultyBench({ revocations });
      const waiting = storage.ready();
      expect(await isSettled(waiting)).to.equal(false);
      log.reading = 'works';
      log.beat();
      await waiting;
      await revocations.close();
    });
  });

  describe('ServerSessionStorage.health', () => {
    guardRejections();

    it('says that the store is reachable, and how long it took', async () => {
      const { storage, store } = faultyBench();
      expect(await storage.health()).to.deep.equal({
        isReachable: true,
        problem: undefined,
        latency: 0,
        revocations: undefined,
        sweep: { failures: 0, lastSuccess: undefined },
      });
      const gate = store.hold('load');
      const asking = storage.health();
      await time.pass(150);
      gate.release();
      expect(await asking).to.include({ isReachable: true, latency: 150 });
    });

    it('says that it is not, within the deadline, and never rejects', async () => {
      const { storage, store } = faultyBench({ deadline: 500 });
      for (const [how, latency, problem] of [
        ['rejects', 0, 'FaultyStore: simulated failure before the operation'],
        ['hangs', 500, 'the store did not answer within 500 ms'],
      ] as const) {
        store.disconnect(how);
        expect(await passing(500, storage.health())).to.include({ isReachable: false, latency, problem });
        store.heal();
      }
      expect((await storage.health()).isReachable).to.equal(true);
    });

    it('says how the revocation list is', async () => {
      const log = new FaultyLog();
      const revocations = new RevocationList({ log });
      const { storage } = faultyBench({ revocations });
      await storage.ready();
      expect((await storage.health()).revocations).to.include({ isFresh: true, guarantee: 'instances' });
      await revocations.close();
    });

    it('asks for nothing that anybody has: no session is touched', async () => {
      const { clock: now, storage, store } = faultyBench({ timeoutResolution: 0 });
      const { id } = await storage.get(await heldSid(storage));
      now.advance(5);
      store.forgetCalls();
      await storage.health();
      expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['load']);
      expect(store.calls[0]?.args[0]).not.to.equal(id);
    });
  });

  describe('ServerSessionStorage.close', () => {
    guardRejections();

    it('closes the store, after which everything is StoreUnavailable', async () => {
      const { storage, store } = faultyBench();
      const sid = await heldSid(storage, {}, 'u1');
      const session = await storage.get(sid);
      await storage.close();
      expect(store.callsOf('close').length).to.equal(1);
      for (const action of [
        () => storage.get(sid),
        () => storage.create(),
        () => storage.commit(session.rotate()),
        () => session.save(),
        () => storage.revoke({ sid }),
        () => storage.listOfUser('u1'),
        () => storage.check(session),
        () => storage.sweep(),
        () => storage.ready(),
      ]) {
        expect(await errorOf(action), String(action)).to.be.instanceOf(StoreUnavailable);
      }
      expect((await storage.health()).isReachable).to.equal(false);
    });

    it('is no error twice', async () => {
      const { storage } = faultyBench();
      await storage.close();
      await storage.close();
    });

    it('leaves the revocation list open, which others may use', async () => {
      const revocations = new RevocationList();
      const { storage } = faultyBench({ revocations });
      await storage.close();
      expect(await revocations.add([])).to.equal('process');
    });

    it('says unavailable when the store does not close in time', async () => {
      const { storage, store } = faultyBench();
      store.hold('close');
      expect(await errorOf(() => passing(2_000, storage.close()))).to.be.instanceOf(StoreUnavailable);
    });
  });
});
