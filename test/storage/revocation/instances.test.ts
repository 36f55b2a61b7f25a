import { expect } from 'chai';
import {
  type Guarantee,
  RevocationList,
  type RevocationListOptions,
  RevocationsStale,
  SessionStorage,
  StoreUnavailable,
} from '../../../src/index.js';
import { type FakeTime, fakeTime } from '../../support/fake-time.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { SECRET } from '../../support/sessions.js';
import { type LogConnection, SharedLog } from '../../support/shared-log.js';
import { NOW } from '../../support/token-fixtures.js';

const BOUND = 30_000;
const DEADLINE = 2000;

interface Instance {
  readonly connection: LogConnection;
  readonly list: RevocationList;
  readonly storage: SessionStorage;
}

describe("SessionStorage.revoke with wait: 'instances'", () => {
  let time: FakeTime;
  let log: SharedLog;
  const open: RevocationList[] = [];

  beforeEach(() => {
    time = fakeTime(NOW);
    log = new SharedLog();
  });

  afterEach(async () => {
    const closing = Promise.all(open.splice(0).map((list) => list.close()));
    await time.pass(1000);
    await closing;
    expect(time.restore()).to.equal(0);
  });

  guardRejections();

  async function start(options: RevocationListOptions = {}, connection = log.connect()): Promise<Instance> {
    const list = new RevocationList({ log: connection, ...options });
    open.push(list);
    await time.pass(0);
    return { connection, list, storage: new SessionStorage({ jwtSecret: SECRET, revocations: list }) };
  }

  function watched(promise: Promise<unknown>): { value: unknown } {
    const watch: { value: unknown } = { value: 'pending' };
    const settle = (value: unknown): unknown => Object.assign(watch, { value });
    promise.then(settle, settle);
    return watch;
  }

  const everywhere = ({ storage }: Instance) => watched(storage.revoke({ uid: 'u1' }, { wait: 'instances' }));

  /** Answers every second, as a log does, for all but the processes that read nothing. */
  async function live(ms: number, ...instances: readonly Instance[]): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      await time.pass(Math.min(left, 1000));
      for (const { connection } of instances) connection.beat();
      await time.pass(0);
    }
  }

  it('resolves when every instance has read the revocation', async () => {
    const [here, there, third] = [await start(), await start(), await start()];
    there.connection.hold();
    const sid = here.storage.create().setUser('u1').forClient();
    const revoking = everywhere(here);
    await live(5000, here, third);
    expect([revoking.value, openingOf(there.storage, sid)]).to.deep.equal(['pending', 'opened']);
    there.connection.deliver();
    await time.pass(1000);
    expect(revoking.value).to.deep.equal({ guarantee: 'instances' });
    for (const { storage } of [here, there, third]) expect(openingOf(storage, sid)).to.equal('revoked');
  });

  it('waits for the last of several entries', async () => {
    const [here, there] = [await start(), await start()];
    // Reads the first entry, and not the second.
    there.list.onAdded(() => there.connection.hold());
    const { id, lineage } = here.storage.create();
    const revoking = watched(here.storage.revoke({ id, lineage }, { wait: 'instances' }));
    await time.pass(1000);
    expect([revoking.value, log.entries.length]).to.deep.equal(['pending', 2]);
    there.connection.deliver();
    await time.pass(1000);
    expect(revoking.value).to.deep.equal({ ended: 1, guarantee: 'instances' });
  });

  it('waits no longer than the bound for an instance that reads no more, which then denies by itself', async () => {
    const [here, there] = [await start(), await start()];
    const sid = here.storage.create().setUser('u1').forClient();
    there.connection.beat();
    await time.pass(0);
    there.connection.hold();
    const revoking = everywhere(here);
    await live(BOUND - 1000, here);
    expect([revoking.value, openingOf(there.storage, sid)]).to.deep.equal(['pending', 'opened']);
    await live(2000, here);
    expect(revoking.value).to.deep.equal({ guarantee: 'instances' });
    expect(() => there.storage.get(sid)).to.throw(RevocationsStale);
  });

  it('rejects after bound and deadline if the log cannot say who has read it, and says that the revocation is in the log', async () => {
    const here = await start();
    here.connection.readersFail = true;
    const revoking = everywhere(here);
    await live(BOUND + DEADLINE - 1000, here);
    expect(revoking.value).to.equal('pending');
    await live(1000, here);
    expect(revoking.value).to.be.instanceOf(StoreUnavailable).with.property('message').that.includes('is in the log');
    expect(revoking.value).to.have.nested.property('cause.message', 'the readers are unknown');
    expect(log.entries.length).to.equal(1);
  });

  it('rejects when the list is closed meanwhile', async () => {
    const [here, there] = [await start(), await start()];
    there.connection.hold();
    const revoking = everywhere(here);
    await time.pass(100);
    await here.list.close();
    await time.pass(0);
    expect(revoking.value).to.be.instanceOf(StoreUnavailable).with.property('message').that.includes('closed');
  });

  it('is not waited for otherwise: the default is what the log guarantees', async () => {
    const [here, there] = [await start(), await start()];
    there.connection.hold();
    expect(await here.storage.revoke({ uid: 'u1' })).to.deep.equal({ guarantee: 'log' });
    expect(await here.storage.revoke({ uid: 'u1' }, { wait: 'process' })).to.deep.equal({ guarantee: 'process' });
  });

  it('appends each entry once, whoever reads it', async () => {
    const [here, there] = [await start(), await start()];
    for (const target of [{ uid: 'u1' }, 'everyone', { id: 'i', lineage: 'l' }] as const) {
      await live(1000, here, there);
      const revoking = watched(here.storage.revoke(target, { wait: 'instances' }));
      await live(1000, here, there);
      expect(revoking.value).to.include({ guarantee: 'instances' });
    }
    expect([here.connection.appends, there.connection.appends]).to.deep.equal([4, 0]);
    expect(log.entries.map(({ match }) => Object.keys(match)[0])).to.deep.equal(['uid', 'before', 'lineage', 'jti']);
  });

  describe('is refused', () => {
    const refusals: readonly [string, RevocationListOptions | undefined, Guarantee, string][] = [
      ['by a log that does not know who reads it', undefined, 'instances', 'expected process or log,'],
      ["with whenStale: 'allow'", { whenStale: 'allow' }, 'instances', "whenStale: 'deny'"],
    ];
    for (const [when, options, wait, message] of refusals) {
      it(when, async () => {
        const { storage } = await start(options ?? {}, log.connect({ withReaders: options !== undefined }));
        const error = await errorOf(() => storage.revoke({ uid: 'u1' }, { wait }), TypeError);
        expect(error.message).to.include(message);
        expect(log.entries).to.deep.equal([]);
      });
    }
  });
});

describe('RevocationList.guarantee', () => {
  for (const [guarantee, whenStale, expected] of [
    ['process', 'deny', 'process'],
    ['log', 'deny', 'log'],
    ['log', 'allow', 'log'],
    ['instances', 'deny', 'instances'],
    ['instances', 'allow', 'log'],
  ] as const) {
    it(`is ${expected} with a log that guarantees ${guarantee} and whenStale: '${whenStale}'`, async () => {
      const list = new RevocationList({ log: new FaultyLog({ guarantee }), whenStale });
      expect([list.guarantee, await list.add([])]).to.deep.equal([expected, expected]);
      await list.close();
    });
  }
});

describe('A RevocationList whose log knows its readers', () => {
  let time: FakeTime;
  let log: SharedLog;
  let connection: LogConnection;
  let list: RevocationList | undefined;

  beforeEach(() => {
    time = fakeTime(NOW);
    log = new SharedLog();
    connection = log.connect();
  });

  afterEach(async () => {
    const closing = list?.close();
    await time.pass(1000);
    await closing;
    expect(time.restore()).to.equal(0);
  });

  guardRejections();

  async function start(options: RevocationListOptions = {}): Promise<RevocationList> {
    list = new RevocationList({ log: connection, ...options });
    await time.pass(0);
    return list;
  }

  it('registers before it reads, and says what it has read after each batch', async () => {
    log.put({ at: NOW, until: null, reason: 'r', match: { lineage: 'a' } });
    await start();
    const [reader, ...others] = log.readers.values();
    expect([reader, others]).to.deep.equal([{ position: '1.1', until: NOW + BOUND }, []]);
    await time.pass(1000);
    log.put({ at: NOW, until: null, reason: 'r', match: { lineage: 'b' } });
    await time.pass(0);
    expect([...log.readers.values()]).to.deep.equal([{ position: '1.2', until: NOW + 1000 + BOUND }]);
  });

  it('says that it is there at every tenth of the bound, not with every answer', async () => {
    const started = await start();
    const { seen } = connection;
    for (let passed = 0; passed < 30_000; passed += 250) {
      await time.pass(250);
      connection.beat();
      await time.pass(0);
      expect(started.health().age).to.be.at.most(BOUND / 10);
    }
    expect(connection.seen - seen).to.equal(10);
  });

  it('leaves when it is closed', async () => {
    const { close } = await start();
    expect(log.readers.size).to.equal(1);
    await close.call(list);
    expect(log.readers.size).to.equal(0);
  });

  it('leaves after a call under way, which would register it again', async () => {
    const { readers } = connection;
    if (readers === undefined) throw new Error('no readers');
    const { seen } = readers;
    Object.assign(readers, {
      seen: (reader: string, position: string | null, life: number) =>
        new Promise<void>((resolve) => setTimeout(() => void seen(reader, position, life).then(resolve), 500)),
    });
    const started = await start();
    const closing = started.close();
    await time.pass(500);
    await closing;
    expect([connection.seen, log.readers.size]).to.deep.equal([1, 0]);
  });

  it('has one call under way at most, and sends the newest position after it', async () => {
    await start();
    const readers = connection.readers;
    if (readers === undefined) throw new Error('no readers');
    const calls: (string | null)[] = [];
    const answers: (() => void)[] = [];
    Object.assign(readers, {
      seen: (_reader: string, position: string | null) => {
        calls.push(position);
        return new Promise<void>((resolve) => answers.push(resolve));
      },
    });
    for (const lineage of ['a', 'b', 'c', 'd']) {
      log.put({ at: NOW, until: null, reason: 'r', match: { lineage } });
      await time.pass(0);
    }
    expect(calls).to.deep.equal(['1.1']);
    answers[0]?.();
    await time.pass(0);
    expect(calls).to.deep.equal(['1.1', '1.4']);
    answers[1]?.();
    await time.pass(0);
    expect(calls.length).to.equal(2);
  });

  it('is not fresh before the log has registered it: a revocation might not wait for it', async () => {
    connection.readersFail = true;
    const started = await start();
    await time.pass(3000);
    expect(started.health()).to.include({ isFresh: false });
    expect(log.reads).to.deep.equal([]);
    connection.readersFail = false;
    await time.pass(5000);
    expect(started.health()).to.include({ isFresh: true });
  });

  it('is stale once the log may have forgotten it, and fresh after it has registered and read again', async () => {
    const started = await start();
    connection.readersFail = true;
    for (let passed = 0; passed < BOUND; passed += 1000) {
      expect(started.health().isFresh).to.equal(true);
      await time.pass(1000);
      connection.beat();
      await time.pass(0);
    }
    await time.pass(1);
    expect(started.health().isFresh).to.equal(false);
    await time.pass(60_000);
    expect(started.health().isFresh).to.equal(false);
    expect(log.reads.length).to.equal(1);
    connection.readersFail = false;
    connection.beat();
    await time.pass(100);
    expect([started.health().isFresh, log.reads.length]).to.deep.equal([true, 2]);
  });

  it('does not count as registered by a call that the log acknowledges after a gap', async () => {
    const started = await start();
    const { readers } = connection;
    if (readers === undefined) throw new Error('no readers');
    const { seen } = readers;
    connection.readersFail = true;
    await time.pass(BOUND - 1000);
    connection.readersFail = false;
    let acknowledge: () => void = () => undefined;
    Object.assign(readers, {
      seen: (reader: string, position: string | null, life: number) =>
        new Promise<void>((resolve) => {
          acknowledge = () => void seen(reader, position, life).then(resolve);
        }),
    });
    connection.beat();
    await time.pass(1500);
    connection.hold();
    acknowledge();
    await time.pass(0);
    expect(started.health().isFresh).to.equal(false);
  });

  it('does not count an answer from before a gap in its registration', async () => {
    const started = await start();
    // It is seen for the last time at the start, and answered for the last time just before it is forgotten.
    connection.readersFail = true;
    await time.pass(BOUND - 1000);
    connection.beat();
    await time.pass(2000);
    connection.readersFail = false;
    connection.beat();
    await time.pass(0);
    started.onAdded(() => connection.hold());
    log.put({ at: NOW, until: null, reason: 'r', match: { lineage: 'backlog' } });
    await time.pass(100);
    expect([...log.readers.values()].map(({ position }) => position)).to.deep.equal(['1.1']);
    expect(started.health().isFresh).to.equal(false);
    connection.deliver();
    await time.pass(0);
    expect(started.health().isFresh).to.equal(true);
  });
});
