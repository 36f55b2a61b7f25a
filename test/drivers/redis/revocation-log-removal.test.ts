import { expect } from 'chai';
import type { Redis } from 'ioredis';
import type { RedisRevocationLog } from '../../../src/drivers/redis/index.js';
import { textOfRevocation } from '../../../src/drivers/shared/revocation-text.js';
import { LogPositionLost } from '../../../src/index.js';
import { aRevocation, LogEar, storedSeqs } from '../../support/log-ear.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { Logs, logIn, nameIn } from './revocation-log-support.js';
import { IOREDIS_6 } from './support.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** An entry as it would be if it had been appended before. */
interface Planted {
  /** ms since it was appended. */
  readonly age: number;
  /** ms since its `until`; null = never. */
  readonly over: number | null;
}

describe('RedisRevocationLog removes', () => {
  let port = 0;
  let logs: Logs;
  let admin: Redis;
  let log: RedisRevocationLog;
  guardRejections();

  before(async function () {
    ({ port } = await sharedRedis(this));
  });

  beforeEach(async () => {
    logs = new Logs();
    admin = logs.admin(port);
    log = await logs.open(IOREDIS_6, port);
  });

  afterEach(async () => {
    await logs.close();
  });

  const members = (): Promise<string[]> => admin.zrange(logs.key('entries'), '0', '-1');
  const names = async (): Promise<string[]> => (await members()).map((member) => member.split(' ')[0] ?? '');

  /** Puts entries into a new log, the oldest first, and returns their positions. */
  const plant = async (entries: readonly Planted[]): Promise<readonly string[]> => {
    // By another process, because this one knows which entries are there.
    const started = await (await logs.open(IOREDIS_6, port)).append(aRevocation());
    const [member = ''] = await members();
    await admin.zrem(logs.key('entries'), member);
    const now = Date.now();
    const planted = entries.map(({ age, over }, at) => {
      const name = `${String(now - age).padStart(15, '0')}-${String(at).padStart(16, '0')}`;
      const text = textOfRevocation(aRevocation({ until: over === null ? null : now - over }));
      return { name, member: `${name} ${over === null ? '-' : now - over} ${text}` };
    });
    for (const one of planted) await admin.call('ZADD', logs.key('entries'), '0', one.member);
    await admin.hset(logs.key('state'), 'newest', planted.at(-1)?.name ?? '');
    return planted.map(({ name }) => `${logIn(started)}:${name}`);
  };

  it('what is over for a minute, once a later entry is an hour old', async () => {
    const planted = await plant([
      { age: 5 * HOUR, over: 2 * MINUTE },
      { age: 4 * HOUR, over: MINUTE / 2 },
      { age: 3 * HOUR, over: -HOUR },
      { age: 2 * HOUR, over: null },
      { age: 90 * MINUTE, over: HOUR },
      { age: 61 * MINUTE, over: HOUR },
      { age: 59 * MINUTE, over: HOUR },
      { age: MINUTE, over: HOUR },
    ]);
    const appended: string[] = [];
    for (let count = 0; count < 10; count += 1) appended.push(await log.append(aRevocation()));
    const kept = [1, 2, 3, 5, 6, 7].map((at) => String(planted[at]));
    expect(await names()).to.deep.equal([...kept, ...appended].map(nameIn));
  });

  it('nothing for a reader that was away for less than an hour: it finds its position', async () => {
    const planted = await plant([
      { age: 9 * HOUR, over: HOUR },
      { age: 8 * HOUR, over: HOUR },
      { age: MINUTE, over: HOUR },
    ]);
    const next = await log.append(aRevocation());
    const other = await logs.open(IOREDIS_6, port);
    expect(await storedSeqs(other, planted[1])).to.deep.equal([planted[2], next]);
    expect(await errorOf(() => storedSeqs(other, planted[0]))).to.be.instanceOf(LogPositionLost);
    expect(await storedSeqs(other)).to.deep.equal([planted[1], planted[2], next]);
  });

  it('in small steps, by appending and by waiting, until all is gone that is over', async () => {
    const old = Array.from({ length: 330 }, (_, at) => ({ age: 9 * HOUR - at, over: HOUR }));
    await plant([...old, { age: 2 * HOUR, over: null }, { age: 2 * HOUR, over: -HOUR }]);
    await log.append(aRevocation());
    expect((await names()).length).to.be.within(325, 332);
    const ear = await new LogEar(log).caughtUp();
    const { beats } = ear;
    await ear.until((now) => now.beats >= beats + 5);
    expect(await names()).to.have.lengthOf(3);
    expect(ear.failure).to.equal(undefined);
  }).timeout(30_000);

  it('what is over while it is read, page by page: the read goes on', async () => {
    const planted = await plant(Array.from({ length: 8_500 }, (_, at) => ({ age: 9 * HOUR - at, over: HOUR })));
    const reading = log.read(null, new AbortController().signal);
    const seqs = ((await reading.next()).value ?? []).map(({ seq }) => seq);
    expect(seqs).to.deep.equal(planted.slice(0, 2_000));
    // The next page is on its way. The positions of both are removed.
    await admin.zremrangebyrank(logs.key('entries'), 0, 5_999);
    for (;;) {
      const { value = [] } = await reading.next();
      if (value.length === 0) break;
      seqs.push(...value.map(({ seq }) => seq));
    }
    expect(seqs).to.include.members(planted.slice(6_000));
  });

  it('readers that were not heard of for too long', async () => {
    const seq = await log.append(aRevocation());
    for (const life of [1, 60_000]) await log.readers.seen(`reader ${life}`, null, life);
    while ((await log.readers.behind(seq)) > 1);
    expect(await admin.hkeys(logs.key('seen'))).to.deep.equal(['reader 60000']);
  });

  it('readers when their life is over, and not before', async () => {
    const from = Date.now();
    await log.readers.seen('reader', null, HOUR);
    const due = Number(await admin.zscore(logs.key('readers'), 'reader'));
    expect(due - HOUR).to.be.within(from, Date.now());
  });
});
