import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import {
  RevocationList,
  type SessionEventName,
  SessionNotFound,
  SessionStorage,
  StoreUnavailable,
} from '../../../src/index.js';
import { type FakeTime, fakeTime } from '../../support/fake-time.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf } from '../../support/outcomes.js';
import { SECRET } from '../../support/sessions.js';

const WAITING = fileURLToPath(new URL('../../support/waits-for-log.ts', import.meta.url));
const NOW = 1_700_000_000_000;

describe('SessionStorage.commit, when the revocation log does not acknowledge', () => {
  let time: FakeTime;
  let log: FaultyLog;
  let revocations: RevocationList;
  let storage: SessionStorage;
  const told: SessionEventName[] = [];

  beforeEach(async () => {
    time = fakeTime(NOW);
    log = new FaultyLog({ appending: 'fails' });
    revocations = new RevocationList({ log, deadline: 2000 });
    storage = new SessionStorage({ jwtSecret: SECRET, revocations });
    told.length = 0;
    for (const name of ['rotated', 'saved', 'refused-late-save'] as const)
      storage.events.on(name, () => told.push(name));
    await storage.ready();
  });

  afterEach(async () => {
    const closed = revocations.close();
    await time.pass(10_000);
    await closed;
    time.restore();
  });

  const signIn = async (sid: string): Promise<unknown> => {
    const pending = Promise.resolve(storage.commit(storage.get(sid).setUser('u1'))).catch((error: unknown) => error);
    await time.pass(2000);
    return pending;
  };

  it('rejects a sign-in, and tells of nothing that was not delivered', async () => {
    expect(await signIn(storage.create({ cart: 1 }).forClient())).to.be.instanceOf(StoreUnavailable);
    expect(told).to.deep.equal([]);
  });

  it('spares nobody for the sake of a credential that never went out: the next try gets a session to sign in with', async () => {
    const sid = storage.create({ cart: 1 }).forClient();
    await signIn(sid);
    const refusal = errorOf(() => storage.get(sid), SessionNotFound);
    expect(refusal).to.include({ reason: 'superseded', withinGrace: false });
  });

  it('takes the old token of a rotation for its grace, and not after it: the newer one was not sent', async () => {
    const sid = storage.create().setUser('u1').forClient();
    const pending = Promise.resolve(storage.commit(storage.get(sid).rotate())).catch((error: unknown) => error);
    await time.pass(2000);
    expect(await pending).to.be.instanceOf(StoreUnavailable);
    expect(storage.get(sid).uid).to.equal('u1');
    await time.pass(8001);
    expect(errorOf(() => storage.get(sid), SessionNotFound).reason).to.equal('superseded');
  });

  it('keeps the process until the deadline, for whoever waits for it', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx/esm', WAITING]);
    expect(stdout).to.equal('ERR_SESSION_STORE_UNAVAILABLE');
  });
});
