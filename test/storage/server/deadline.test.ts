import { expect } from 'chai';
import { StoreUnavailable } from '../../../src/index.js';
import { fakeDeadlines } from '../../support/fake-time.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid } from '../../support/server-sessions.js';

const DEADLINE = 2_000;

describe('The deadline of a request', () => {
  const time = fakeDeadlines();

  guardRejections();

  it('covers a sign-in as a whole: a store that hangs at retire costs it once', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage));
    const create = store.hold('create');
    const retire = store.hold('retire');
    let failure: unknown;
    storage.commit(session.setUser('u1')).catch((error: unknown) => {
      failure = error;
    });
    await create.reached;
    await time.pass(DEADLINE / 2);
    create.release();
    await retire.reached;
    await time.pass(DEADLINE / 2 - 1);
    expect(failure).to.equal(undefined);
    await time.pass(1);
    expect(failure).to.be.instanceOf(StoreUnavailable).and.have.property('message').that.includes(`${DEADLINE} ms`);
    retire.release();
    await storage.close();
  });

  it('leaves the end of a request what its beginning did not use, and no time that the application took', async () => {
    const { storage, store } = faultyBench();
    const sid = await heldSid(storage, {}, 'u1');
    const load = store.hold('load');
    const opening = storage.get(sid);
    await load.reached;
    await time.pass(1_500);
    load.release();
    const session = await opening;
    store.heal();
    await time.pass(60_000);
    store.disconnect('hangs');
    session.sessionData['a'] = 1;
    let failure: unknown;
    storage.commit(session).catch((error: unknown) => {
      failure = error;
    });
    await time.pass(499);
    expect(failure).to.equal(undefined);
    await time.pass(1);
    expect(failure).to.be.instanceOf(StoreUnavailable);
  });

  it('begins anew for each call of the application’s', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    for (let call = 0; call < 3; call += 1) {
      session.sessionData['call'] = call;
      const gate = store.hold('update');
      const saving = session.save();
      await gate.reached;
      await time.pass(DEADLINE - 1);
      gate.release();
      await saving;
      store.heal();
    }
    store.disconnect('hangs');
    session.sessionData['call'] = 'late';
    const failing = errorOf(() => session.save());
    await time.pass(DEADLINE);
    expect(await failing).to.be.instanceOf(StoreUnavailable);
  });
});
