import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { type PostgresPool, type PostgresQuery, PostgresRevocationLog } from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { fakeDeadlines } from '../../support/fake-time.js';
import { aRevocation, storedSeqs } from '../../support/log-ear.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, newTable, openPool } from './support.js';

const MANY = 1_000;
const HOUR = 3_600_000;

/** Knows how many queries are under way, and leaves some of them without an answer. */
class Counted implements PostgresPool {
  total = 0;
  most = 0;
  hung = 0;
  #underWay = 0;
  readonly #pool: PostgresPool;

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  async query(query: PostgresQuery): ReturnType<PostgresPool['query']> {
    this.total += 1;
    if (this.hung > 0) {
      this.hung -= 1;
      return await new Promise(() => undefined);
    }
    this.#underWay += 1;
    this.most = Math.max(this.most, this.#underWay);
    try {
      return await this.#pool.query(query);
    } finally {
      this.#underWay -= 1;
    }
  }
}

describe('PostgresRevocationLog, with many appends at once,', () => {
  let server: PostgresServer;
  guardRejections();

  before(async function () {
    server = await postgres(this);
  });

  afterEach(closePools);

  async function open(deadline = 20_000) {
    const pool = new Counted(openPool(server));
    const log = new PostgresRevocationLog({ pool, table: newTable(), deadline });
    await log.migrate();
    pool.total = 0;
    return { pool, log };
  }

  it('shares statements, and leaves the rest of the pool to the application', async () => {
    const { pool, log } = await open();
    const seqs = await Promise.all(Array.from({ length: MANY }, () => log.append(aRevocation())));
    expect(pool.total).to.equal(MANY / 100);
    expect(pool.most).to.be.at.most(2);
    const stored = await storedSeqs(log);
    expect(seqs.filter((seq) => !stored.includes(seq))).to.deep.equal([]);
    expect(stored).to.have.length(MANY);
  });

  it('keeps each as it was given', async () => {
    const { log } = await open();
    const now = Date.now();
    const given = [
      aRevocation({ reason: 'quotes " and \\ and nul \0 and half \ud800 and \u2028' }),
      aRevocation({ until: null }),
      aRevocation({ until: now + HOUR + 0.5, match: { uid: 'u{1},"2"', before: now, except: ['a', "b'"] } }),
      aRevocation({ match: { before: now } }),
    ];
    const seqs = await Promise.all(given.map((entry) => log.append(entry)));
    const read = (await log.read(null, new AbortController().signal)[Symbol.asyncIterator]().next()).value;
    expect(read).to.deep.equal(given.map((entry, index) => ({ ...entry, seq: seqs[index] })));
  });

  it('rejects one that is not JSON by itself', async () => {
    const { log } = await open();
    const bad = Object.assign(aRevocation(), { reason: 1n });
    const [error, seq] = await Promise.all([errorOf(() => log.append(Object(bad))), log.append(aRevocation())]);
    expect(error).to.be.instanceOf(TypeError);
    expect(await storedSeqs(log)).to.deep.equal([seq]);
  });

  it('gives no number twice, although several processes append', async () => {
    const { pool, log } = await open();
    const table = newTable();
    const logs = [log, log, log].map(() => new PostgresRevocationLog({ pool, table, deadline: 20_000 }));
    await logs[0]?.migrate();
    const seqs = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => await logs[index % 3]?.append(aRevocation())),
    );
    const stored = await storedSeqs(new PostgresRevocationLog({ pool, table }));
    expect(seqs.filter((seq) => seq === undefined || !stored.includes(seq))).to.deep.equal([]);
    expect(stored.map((seq) => Number(/:(\d+)/.exec(seq)?.[1]))).to.deep.equal(
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
  });

  it('goes on beside a connection that does not answer, and rejects what waited for that at the deadline', async () => {
    const { pool, log } = await open(1_000);
    pool.hung = 1;
    const hung = errorOf(() => log.append(aRevocation()));
    // What is appended in the same turn would share its statement.
    await nextTurn();
    const seqs: string[] = [];
    for (let count = 0; count < 5; count += 1) seqs.push(await log.append(aRevocation()));
    expect(await storedSeqs(log)).to.deep.equal(seqs);
    expect(await hung).to.be.instanceOf(StoreUnavailable);
  });
});

describe('PostgresRevocationLog, of a server that does not answer,', () => {
  const time = fakeDeadlines();
  guardRejections();

  it('rejects an append at the deadline, also one that waits behind others', async () => {
    const log = new PostgresRevocationLog({ pool: { query: () => new Promise(() => undefined) }, deadline: 1_000 });
    const errors: unknown[] = [];
    for (let count = 0; count < 3; count += 1) {
      void errorOf(() => log.append(aRevocation())).then((error) => errors.push(error));
      await nextTurn();
    }
    await time.pass(999);
    expect(errors).to.deep.equal([]);
    await time.pass(1);
    expect(errors).to.have.length(3);
    for (const error of errors) expect(error).to.be.instanceOf(StoreUnavailable);
    await log.close();
  });
});
