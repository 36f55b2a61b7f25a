import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type CommitResult,
  MemoryStore,
  RevocationList,
  SessionRegistry,
  SessionStorage,
  type SessionStorageOptions,
  type Store,
  StoreUnavailable,
} from '../../../src/index.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { FaultyStore } from '../../../src/testing/faulty-store.js';
import { eventsOf } from '../../support/events.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { issuedBy, SECRET } from '../../support/sessions.js';
import { describeOnStores } from '../../support/stores.js';
import { NOW } from '../../support/token-fixtures.js';

type Options = Partial<Omit<SessionStorageOptions<Record<string, unknown>, Record<string, unknown>>, 'registry'>> & {
  readonly registry?: Store;
};

function limited(maxSessionsPerUser: number, options: Options = {}) {
  const clock = new FakeClock(NOW);
  const registry = new FaultyStore(options.registry ?? new MemoryStore());
  const revocations = options.revocations ?? new RevocationList({ clock: options.clock ?? clock });
  const storage = new SessionStorage({
    jwtSecret: SECRET,
    clock,
    maxSessionsPerUser,
    ...options,
    revocations,
    registry: new SessionRegistry(registry),
  });
  const signIn = async (uid = 'u1'): Promise<string> => {
    clock.advance(1);
    return await issuedBy(storage.commit(storage.create().setUser(uid)));
  };
  return { clock, registry, revocations, storage, signIn };
}

function sidsOf(results: readonly CommitResult[]): string[] {
  return results.flatMap((result) => (result.outcome === 'issued' ? [result.sid] : []));
}

function countOpened(storage: SessionStorage, sids: readonly string[]): number {
  return openingsOf(storage, ...sids).filter((opening) => opening === 'opened').length;
}

describe('maxSessionsPerUser for tokens', () => {
  guardRejections();

  it('ends those signed in longest ago when one more signs in', async () => {
    const { storage, signIn } = limited(2);
    const sids = [await signIn(), await signIn(), await signIn(), await signIn()];
    const other = await signIn('u2');
    expect(openingsOf(storage, ...sids, other)).to.deep.equal(['revoked', 'revoked', 'opened', 'opened', 'opened']);
    expect(await storage.listOfUser('u1')).to.have.lengthOf(2);
  });

  it('counts the sign-in, not the last use', async () => {
    const { clock, storage, signIn } = limited(2);
    const [first, second] = [await signIn(), await signIn()];
    clock.advance(700_000);
    const used = await issuedBy(storage.commit(storage.get(first)));
    const third = await signIn();
    expect(openingsOf(storage, used, second, third)).to.deep.equal(['revoked', 'opened', 'opened']);
  });

  it('knows the later of sign-ins in the same millisecond', async () => {
    const { storage } = limited(1);
    for (let user = 0; user < 20; user += 1) {
      const sids: string[] = [];
      for (let count = 0; count < 3; count += 1)
        sids.push(await issuedBy(storage.commit(storage.create().setUser(`u${user}`))));
      expect(openingsOf(storage, ...sids)).to.deep.equal(['revoked', 'revoked', 'opened']);
    }
  });

  it('still knows it after the later one was issued again', async () => {
    const { clock, storage } = limited(2);
    const signIn = (): Promise<string> => issuedBy(storage.commit(storage.create().setUser('u1')));
    const first = await signIn();
    const second = await issuedBy(storage.commit(storage.get(await signIn()).rotate()));
    clock.advance(1);
    const third = await signIn();
    expect(openingsOf(storage, first, second, third)).to.deep.equal(['revoked', 'opened', 'opened']);
  });

  it('sends no token of a sign-in that another process pushed out, also before the list knows it', async () => {
    const { clock, storage, registry } = limited(1);
    const elsewhere = limited(1, { registry, clock });
    const gate = registry.hold('create', 'after');
    const pending = storage.commit(storage.create().setUser('u1'));
    await gate.reached;
    registry.heal();
    clock.advance(1);
    const newer = await issuedBy(elsewhere.storage.commit(elsewhere.storage.create().setUser('u1')));
    gate.release();
    expect(await outcomeOf(pending)).to.equal('withheld');
    expect(openingsOf(elsewhere.storage, newer)).to.deep.equal(['opened']);
  });

  it('does not count a session again that signs in again as the same user, or renews its lineage', async () => {
    const { storage, signIn } = limited(2);
    const other = await signIn();
    let sid = await signIn();
    sid = await issuedBy(storage.commit(storage.get(sid).setUser('u1')));
    sid = await issuedBy(storage.commit(storage.get(sid).forceInvalidate('CurrentSessionId')));
    expect(openingsOf(storage, other, sid)).to.deep.equal(['opened', 'opened']);
    expect(await storage.listOfUser('u1')).to.have.lengthOf(2);
  });

  it('does not count sessions that have ended or expired', async () => {
    const { clock, storage, signIn } = limited(2, { absoluteTimeout: 1_000 });
    const expired = await signIn();
    clock.advance(1_000);
    const kept = await signIn();
    await storage.revoke({ sid: await signIn() });
    const last = await signIn();
    expect(openingsOf(storage, expired, kept, last)).to.deep.equal(['expired: absolute', 'opened', 'opened']);
  });

  it('emits ended with the reason for each, and writes it to the log', async () => {
    const log = new FaultyLog();
    const revocations = new RevocationList({ log });
    const { storage, signIn } = limited(1, { revocations });
    await storage.ready();
    const { id, lineage } = storage.get(await signIn());
    const emitted = eventsOf(storage, 'ended');
    await signIn();
    expect(emitted).to.deep.equal([['ended', { id, lineage, uid: 'u1', reason: 'too many sessions' }]]);
    expect(log.entries.map(({ match, reason }) => ({ match, reason }))).to.deep.include({
      match: { lineage },
      reason: 'too many sessions',
    });
    await revocations.close();
  });

  it('ends few of many before a sign-in is answered, and then the others', async () => {
    const before = limited(1_000);
    for (let count = 0; count < 400; count += 1) await before.signIn();
    const { clock, registry, revocations } = before;
    const storage = new SessionStorage({
      jwtSecret: SECRET,
      clock,
      revocations,
      registry: new SessionRegistry(registry),
      maxSessionsPerUser: 3,
    });
    clock.advance(1);
    registry.forgetCalls();
    await issuedBy(storage.commit(storage.create().setUser('u1')));
    expect(registry.callsOf('retire').length).to.be.within(100, 300);
    while ((await storage.listOfUser('u1')).length > 3) await nextTurn();
    const left = (await storage.listOfUser('u1')).map(({ created }) => created - NOW);
    expect(left).to.have.members([401, 400, 399]);
    await storage.close();
  });

  it('of one lets exactly one of two sign-ins from the same token win, and leaves it signed in', async () => {
    const { storage } = limited(1);
    const sid = await issuedBy(storage.commit(storage.create({ cart: 1 })));
    const requests = Array.from({ length: 5 }, () => storage.get(sid).setUser('u1'));
    const results = await Promise.all(requests.map((session) => storage.commit(session)));
    const issued = sidsOf(results);
    expect(issued).to.have.lengthOf(1);
    expect(countOpened(storage, issued)).to.equal(1);
    expect(await storage.listOfUser('u1')).to.have.lengthOf(1);
  });

  it('sends no token of a sign-in that newer ones push out, and the session from before is over', async () => {
    const { storage, registry, signIn, clock } = limited(1);
    const anonymous = await issuedBy(storage.commit(storage.create({ cart: 1 })));
    const gate = registry.hold('create', 'after');
    const session = storage.get(anonymous).setUser('u1');
    const pending = storage.commit(session);
    await gate.reached;
    registry.heal();
    clock.advance(1);
    const newer = await signIn();
    gate.release();
    expect(await outcomeOf(pending)).to.equal('withheld');
    expect(openingsOf(storage, newer, anonymous)).to.deep.equal(['opened', 'superseded']);
    expect(session.isEnded).to.equal(true);
    expect(await storage.listOfUser('u1')).to.have.lengthOf(1);
  });

  it('rejects a sign-in if it cannot end the others, and ends it', async () => {
    const log = new FaultyLog({ guarantee: 'log' });
    const revocations = new RevocationList({ log, deadline: 50 });
    const { storage, signIn, registry } = limited(1, { revocations });
    await storage.ready();
    await signIn();
    log.appending = 'fails';
    const session = storage.create().setUser('u1');
    await errorOf(() => storage.commit(session), StoreUnavailable);
    expect(session.isEnded).to.equal(true);
    log.appending = 'works';
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
    expect(registry.callsOf('create')).to.have.lengthOf(2);
    await revocations.close();
  });

  it('lets no more than the limit live after any sign-ins at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.nat(3), { maxLength: 12 }),
        async (most, count, delays) => {
          const { storage, clock } = limited(most);
          const results = await Promise.all(
            Array.from({ length: count }, async (_, index) => {
              for (let turn = delays[index] ?? 0; turn > 0; turn -= 1) await nextTurn();
              if (index % 3 === 0) clock.advance(1);
              return storage.commit(storage.create().setUser('u1'));
            }),
          );
          expect(countOpened(storage, sidsOf(results))).to.equal(Math.min(most, count));
          expect(await storage.listOfUser('u1')).to.have.lengthOf(Math.min(most, count));
          await storage.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describeOnStores('maxSessionsPerUser for tokens of two processes', (open) => {
  it('leaves exactly that many of many sign-ins at once', async () => {
    const [one, other] = await open();
    const clock = new FakeClock(NOW);
    const log = new FaultyLog();
    const lists = [new RevocationList({ log, clock }), new RevocationList({ log, clock })];
    const storages = [one, other].map(
      (store, index) =>
        new SessionStorage({
          jwtSecret: SECRET,
          clock,
          revocations: lists[index],
          registry: new SessionRegistry(store),
          maxSessionsPerUser: 3,
        }),
    );
    await Promise.all(storages.map((storage) => storage.ready()));
    const signIns = Array.from({ length: 20 }, (_, index) => {
      const storage = storages[index % 2];
      return storage?.commit(storage.create().setUser('u1'));
    });
    const issued = sidsOf((await Promise.all(signIns)).filter((result) => result !== undefined));
    // What each process has read of the log by now.
    log.beat();
    await nextTurn();
    for (const storage of storages) {
      expect(countOpened(storage, issued)).to.equal(3);
      expect(await storage.listOfUser('u1')).to.have.lengthOf(3);
      await storage.close();
    }
    for (const list of lists) await list.close();
  });
});
