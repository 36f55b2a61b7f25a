import { expect } from 'chai';
import sinon from 'sinon';
import { StoreUnavailable } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';

describe('A record of which nobody got the sid, because the store did not confirm it', () => {
  let time: sinon.SinonFakeTimers;

  beforeEach(() => {
    time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    time.restore();
  });

  guardRejections();

  it('is removed at once, where the store answers again', async () => {
    const { storage, store } = faultyBench();
    store.fail('create', { when: 'after', times: 1 });
    expect(await errorOf(() => storage.commit(storage.blank().setUser('u1')))).to.be.instanceOf(StoreUnavailable);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
    expect(time.countTimers()).to.equal(0);
  });

  it('is removed where the limit of its user could not be checked: nobody got its sid either', async () => {
    const { storage, store } = faultyBench({ maxSessionsPerUser: 5 });
    const session = storage.blank().setUser('u1');
    store.fail('ofUser', { times: 1 });
    expect(await errorOf(() => storage.commit(session))).to.be.instanceOf(StoreUnavailable);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
    const sid = await issuedBy(storage.commit(session));
    expect(await storage.get(sid)).to.include({ uid: 'u1' });
    expect(await storage.listOfUser('u1')).to.have.length(1);
  });

  it('is removed where the others of its user could not be ended, which the next try does', async () => {
    const { storage, store } = faultyBench();
    const thief = await heldSid(storage, {}, 'u1');
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    session.forceInvalidate('AllSessionIdsOfLoggedUser');
    store.fail('deleteOfUser', { times: 1 });
    expect(await errorOf(() => storage.commit(session))).to.be.instanceOf(StoreUnavailable);
    expect(await storage.listOfUser('u1')).to.have.length(1);
    const sid = await issuedBy(storage.commit(session));
    expect(await errorOf(() => storage.get(thief))).to.include({ reason: 'revoked' });
    expect(await storage.get(sid)).to.include({ uid: 'u1' });
    expect(await storage.listOfUser('u1')).to.have.length(1);
  });

  it('is removed later, where the store was down or carried the write out only then', async () => {
    const { storage, store } = faultyBench({ deadline: 100 });
    const gate = store.hold('create');
    const signingIn = errorOf(() => storage.commit(storage.blank().setUser('u1')));
    await gate.reached;
    store.heal();
    await time.tickAsync(100);
    expect(await signingIn).to.be.instanceOf(StoreUnavailable);
    gate.release();
    await time.tickAsync(0);
    expect(await storage.listOfUser('u1'), 'created after it was given up').to.have.length(1);
    await time.tickAsync(1_000);
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
    expect(time.countTimers()).to.equal(0);
  });

  it('is tried for a minute while the store is down, and not for ever', async () => {
    const { storage, store } = faultyBench();
    store.disconnect();
    await errorOf(() => storage.commit(storage.blank().setUser('u1')));
    await time.tickAsync(120_000);
    expect(store.callsOf('delete')).to.have.length(4);
    expect(time.countTimers()).to.equal(0);
  });

  it('is forgotten when the storage is closed', async () => {
    const { storage, store } = faultyBench();
    store.fail('create', { times: 1 });
    await errorOf(() => storage.commit(storage.blank().setUser('u1')));
    await time.tickAsync(0);
    expect(time.countTimers()).to.equal(1);
    await storage.close();
    expect(time.countTimers()).to.equal(0);
  });

  it('never takes the session with it that another try stores', async () => {
    const { storage, store } = faultyBench();
    const session = await storage.get(await heldSid(storage));
    session.setUser('u1');
    for (const operation of ['create', 'retire'] as const) {
      store.fail(operation, { times: 1 });
      store.fail('delete', { times: 1 });
      await errorOf(() => storage.commit(session));
    }
    const sid = await issuedBy(storage.commit(session));
    await time.tickAsync(120_000);
    expect(await storage.get(sid)).to.include({ uid: 'u1' });
    expect(await storage.listOfUser('u1')).to.have.length(1);
  });
});
