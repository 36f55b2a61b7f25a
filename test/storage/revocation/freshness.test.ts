import { expect } from 'chai';
import {
  type NewRevocation,
  type Revocation,
  RevocationList,
  type RevocationLog,
  RevocationsStale,
  SessionStorage,
} from '../../../src/index.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { type FakeTime, fakeTime } from '../../support/fake-time.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { SECRET } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const BOUND = 30_000;

type Batch = readonly Revocation[];

/** A log that says what it is told to, batch by batch, and fails or ends when it is told to. */
class DictatedLog implements RevocationLog {
  readonly guarantee = 'instances';
  readonly reads: (string | null)[] = [];
  readonly #said: (Batch | 'fail' | 'end')[] = [];
  #wake: () => void = () => undefined;

  append(): Promise<string> {
    return Promise.resolve('0');
  }

  async *read(after: string | null, signal: AbortSignal): AsyncGenerator<Batch> {
    this.reads.push(after);
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    while (!signal.aborted) {
      const next = this.#said.shift();
      if (next === 'fail') throw new Error('the log is down');
      if (next === 'end') return;
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  async close(): Promise<void> {}

  say(...said: readonly (Batch | 'fail' | 'end')[]): void {
    this.#said.push(...said);
    this.#wake();
  }
}

/** As another process wrote it. */
function ended(uid: string, seq: number): Revocation {
  const entry: NewRevocation = {
    at: NOW,
    until: null,
    reason: 'locked',
    match: { uid, before: NOW + 1e9, except: [] },
  };
  return { ...entry, seq: String(seq) };
}

describe('RevocationList, fresh', () => {
  let time: FakeTime;
  let log: DictatedLog;
  let list: RevocationList;
  let storage: SessionStorage;

  beforeEach(async () => {
    time = fakeTime(NOW);
    log = new DictatedLog();
    list = new RevocationList({ log });
    storage = new SessionStorage({ jwtSecret: SECRET, revocations: list });
    await time.pass(0);
  });

  afterEach(async () => {
    await list.close();
    time.restore();
  });

  const tokenOf = (uid: string): string => storage.create().setUser(uid).forClient();

  /** Fresh first, then without an answer until all that is known is stale. */
  async function outage(): Promise<void> {
    log.say([]);
    await time.pass(0);
    expect(list.health().isFresh).to.equal(true);
    log.say('fail');
    await time.pass(BOUND + 1);
    expect(list.health()).to.include({ isFresh: false, age: BOUND + 1 });
  }

  it('is what the first empty batch makes it, however many with entries came before', async () => {
    const [u1, u2] = ['u1', 'u2'].map(tokenOf);
    for (const batch of [[ended('u1', 1)], [ended('u3', 2), ended('u4', 3)]]) {
      log.say(batch);
      await time.pass(1000);
      expect(list.health()).to.deep.equal({ isFresh: false, age: Infinity, guarantee: 'instances' });
      expect(() => storage.get(u2)).to.throw(RevocationsStale);
    }
    log.say([]);
    await time.pass(0);
    expect([u1, u2].map((sid) => openingOf(storage, sid))).to.deep.equal(['revoked', 'opened']);
  });

  it('it is not by the backlog of an outage: that counts as stale until the first empty batch', async () => {
    await outage();
    const [u1, u2] = ['u1', 'u2'].map(tokenOf);
    for (const [index, batch] of [[ended('u3', 1)], [ended('u1', 2)], [ended('u4', 3)]].entries()) {
      log.say(batch);
      await time.pass(1000);
      expect(list.isStale(Date.now()), `batch ${index}`).to.equal(true);
      expect(() => storage.get(u1), `batch ${index}`).to.throw(RevocationsStale);
      expect(() => storage.get(u2), `batch ${index}`).to.throw(RevocationsStale);
    }
    expect(list.health().age).to.equal(BOUND + 3001);
    log.say([]);
    await time.pass(0);
    expect(list.health()).to.include({ isFresh: true, age: 0 });
    expect([u1, u2].map((sid) => openingOf(storage, sid))).to.deep.equal(['revoked', 'opened']);
  });

  it('decides whether an open session can be confirmed', async () => {
    log.say([]);
    await time.pass(0);
    const session = storage.get(tokenOf('u1'));
    expect(await session.confirm()).to.equal(session);
    await outage();
    expect(await errorOf(() => session.confirm())).to.be.instanceOf(RevocationsStale);
  });

  it('knows what the backlog says all the same, where stale knowledge is allowed', async () => {
    const other = new DictatedLog();
    const lenient = new RevocationList({ log: other, whenStale: 'allow' });
    const allowing = new SessionStorage({ jwtSecret: SECRET, revocations: lenient });
    const sid = tokenOf('u1');
    other.say([ended('u1', 1)]);
    await time.pass(0);
    expect(openingOf(allowing, sid)).to.equal('revoked');
    expect(allowing.health()).to.include({ isFresh: false });
    await lenient.close();
  });

  for (const broken of ['fail', 'end'] as const) {
    it(`asks an empty batch of each read anew (after '${broken}'), from where the last one was`, async () => {
      await outage();
      log.say([ended('u1', 1)], broken);
      await time.pass(5000);
      log.say([ended('u2', 2)]);
      await time.pass(0);
      expect(log.reads).to.deep.equal([null, null, '1']);
      expect(list.health().isFresh).to.equal(false);
      log.say([]);
      await time.pass(0);
      expect(list.health()).to.include({ isFresh: true, age: 0 });
    });
  }

  it('stays so while a short outage’s backlog comes, as long as the last answer is within the bound', async () => {
    log.say([], 'fail');
    await time.pass(BOUND - 1000);
    log.say([ended('u1', 1)]);
    await time.pass(1000);
    expect(list.health()).to.include({ isFresh: true, age: BOUND });
    await time.pass(1);
    expect(list.health()).to.include({ isFresh: false, age: BOUND + 1 });
  });

  it('is kept so by batches with entries too, once the backlog is through', async () => {
    await outage();
    log.say([]);
    for (let seq = 1; seq <= 5; seq += 1) {
      await time.pass(BOUND);
      log.say([ended(`u${seq}`, seq)]);
      await time.pass(0);
      expect(list.health()).to.include({ isFresh: true, age: 0 });
    }
  });

  it('is as old as its last batch, also after long work on the entries of it', async () => {
    const clock = new FakeClock(NOW);
    const slowLog = new DictatedLog();
    const slow = new RevocationList({ log: slowLog, clock });
    slow.onAdded(() => clock.advance(BOUND + 1));
    slowLog.say([]);
    await time.pass(0);
    expect(slow.health()).to.include({ isFresh: true, age: 0 });
    slowLog.say([ended('u1', 1)]);
    await time.pass(0);
    expect(slow.health()).to.include({ isFresh: false, age: BOUND + 1 });
    await slow.close();
  });

  it('has ready wait for the empty batch of whichever read has one first', async () => {
    let isReady = false;
    void storage.ready().then(() => {
      isReady = true;
    });
    log.say([ended('u1', 1)], 'fail');
    await time.pass(5000);
    log.say([ended('u2', 2)]);
    await time.pass(0);
    expect(isReady).to.equal(false);
    log.say([]);
    await time.pass(0);
    expect(isReady).to.equal(true);
  });
});
