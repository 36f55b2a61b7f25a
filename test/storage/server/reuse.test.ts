import { expect } from 'chai';
import { RevocationList, StoreUnavailable } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { rotated } from '../../support/kits.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid } from '../../support/server-sessions.js';

const GRACE = 4_000;
const strict = { rotationGrace: GRACE, onReuse: 'revoke' } as const;

describe("onReuse: 'revoke' of a ServerSessionStorage", () => {
  guardRejections();

  it('rejects with StoreUnavailable if the session could not be ended, and ends it at the next use', async () => {
    const { clock, storage, store } = faultyBench(strict);
    const old = await heldSid(storage, {}, 'u1');
    const newer = await rotated(storage, old);
    clock.advance(GRACE);
    store.fail('retire', { times: 1 });
    await errorOf(() => storage.get(old), StoreUnavailable);
    expect(await openingOf(storage, newer)).to.equal('opened');
    expect(await openingOf(storage, old)).to.equal('superseded');
    expect(await openingOf(storage, newer)).to.equal('revoked');
  });

  it('emits reused each time, and ended once', async () => {
    const { clock, storage } = faultyBench(strict);
    const old = await heldSid(storage, {}, 'u1');
    await rotated(storage, old);
    clock.advance(GRACE);
    const reused = eventsOf(storage, 'reused');
    const ended = eventsOf(storage, 'ended');
    for (let count = 0; count < 3; count += 1) await openingOf(storage, old);
    expect([reused.length, ended.length]).to.deep.equal([3, 1]);
  });

  it('knows nothing of a sid after reuseWindow', async () => {
    const { clock, storage } = faultyBench({ ...strict, reuseWindow: 10_000 });
    const old = await heldSid(storage, {}, 'u1');
    const newer = await rotated(storage, old);
    clock.advance(10_000);
    expect(await openingOf(storage, old)).to.equal('unknown');
    expect(await openingOf(storage, newer)).to.equal('opened');
  });

  it('waits for no log of a revocation list', async () => {
    const log = new FaultyLog({ appending: 'stalls' });
    const revocations = new RevocationList({ log });
    const { clock, storage } = faultyBench({ ...strict, revocations });
    await storage.ready();
    const old = await heldSid(storage, {}, 'u1');
    const newer = await rotated(storage, old);
    clock.advance(GRACE);
    const { appends } = log;
    expect(await openingOf(storage, old)).to.equal('superseded');
    expect(await openingOf(storage, newer)).to.equal('revoked');
    expect(log.appends).to.equal(appends + 1);
    await revocations.close();
  });
});
