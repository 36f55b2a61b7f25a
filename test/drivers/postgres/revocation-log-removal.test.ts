import { expect } from 'chai';
import type pg from 'pg';
import { PostgresRevocationLog } from '../../../src/drivers/postgres/index.js';
import type { PostgresPool } from '../../../src/drivers/postgres/pool.js';
import { LogPositionLost } from '../../../src/index.js';
import { aRevocation, LogEar, storedSeqs } from '../../support/log-ear.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, newTable, openPool } from './support.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('PostgresRevocationLog removes', () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let table: string;
  let log: PostgresRevocationLog;
  guardRejections();

  before(async function () {
    server = await postgres(this);
  });

  beforeEach(async () => {
    pool = openPool(server);
    table = newTable();
    log = new PostgresRevocationLog({ pool, table, pollInterval: 10, deadline: 10_000 });
    await log.migrate();
  });

  afterEach(async () => {
    await log.close();
    await closePools();
  });

  /** Appends an entry as it would be if time had passed since: `age` ms, and `over` ms since its `until`; null = it has none. */
  const plant = async (age: number, over: number | null): Promise<string> => {
    const until = over === null ? null : Date.now() + age - over;
    const seq = await log.append(aRevocation({ until }));
    await pool.query(
      `UPDATE ${table} SET added_at = added_at - $1, due_at = due_at - $1 WHERE seq = (SELECT max(seq) FROM ${table})`,
      [age],
    );
    return seq;
  };

  const numbers = async (): Promise<string[]> => {
    const { rows } = await pool.query(`SELECT seq FROM ${table} ORDER BY seq`);
    return rows.map(({ seq }) => String(seq));
  };
  const numberIn = (seq: string): string => seq.slice(seq.indexOf(':') + 1, seq.indexOf('.'));

  /** Resolves when a read has removed what it removes. */
  const waited = async (): Promise<void> => {
    const reader = new PostgresRevocationLog({ pool, table, pollInterval: 10, deadline: 10_000 });
    const ear = new LogEar(reader);
    await ear.until(({ beats, isOver }) => beats >= 3 || isOver);
    expect(ear.failure).to.equal(undefined);
    await reader.close();
  };

  it('what is over for a minute, once a later entry is an hour old', async () => {
    const gone = [await plant(5 * HOUR, 2 * MINUTE), await plant(90 * MINUTE, HOUR)];
    const kept = [
      await plant(88 * MINUTE, MINUTE / 2),
      await plant(87 * MINUTE, -HOUR),
      await plant(86 * MINUTE, null),
    ];
    gone.push(await plant(85 * MINUTE, HOUR));
    // The next one is not an hour old.
    kept.push(await plant(61 * MINUTE, HOUR), await plant(59 * MINUTE, HOUR), await plant(MINUTE, HOUR));
    await waited();
    expect(await numbers()).to.deep.equal(kept.map(numberIn));
    expect(gone.map(numberIn)).to.have.lengthOf(3);
  });

  it('nothing for a reader that was away for less than an hour: it finds its position', async () => {
    const first = await plant(9 * HOUR, HOUR);
    const second = await plant(8 * HOUR, HOUR);
    const third = await plant(MINUTE, HOUR);
    await waited();
    const reader = new PostgresRevocationLog({ pool, table });
    expect(await storedSeqs(reader, second)).to.deep.equal([third]);
    expect(await errorOf(() => storedSeqs(reader, first))).to.be.instanceOf(LogPositionLost);
    expect(await storedSeqs(reader)).to.deep.equal([second, third]);
    await reader.close();
  });

  it('readers that were not heard of for too long, though nobody asks who is behind', async () => {
    await log.append(aRevocation());
    for (const life of [1, 60_000]) await log.readers.seen(`reader ${life}`, null, life);
    await waited();
    const { rows } = await pool.query(`SELECT FROM ${table}_readers`);
    expect(rows).to.have.lengthOf(1);
  });

  it('more than one batch, one after the other', async () => {
    await plant(5 * HOUR, 4 * HOUR);
    await pool.query(`
      INSERT INTO ${table} (seq, added_at, due_at, nonce, line)
      SELECT number, added_at, due_at, nonce, replace(line, seq || '.', number || '.') FROM ${table}, generate_series(2, 1200) AS number`);
    await pool.query(`UPDATE ${table}_head SET last = 1200`);
    await plant(2 * HOUR, -HOUR);
    const ear = await new LogEar(log).caughtUp();
    while ((await numbers()).length > 1);
    await ear.until(({ beats }) => beats > 3);
    expect(ear.entries).to.have.lengthOf(1_201);
    expect(ear.failure).to.equal(undefined);
  });

  it('what another process does not have locked', async () => {
    const seqs = [await plant(5 * HOUR, HOUR), await plant(4 * HOUR, HOUR), await plant(3 * HOUR, -HOUR)];
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`SELECT FROM ${table} WHERE seq = ${numberIn(seqs[0] ?? '')} FOR UPDATE`);
    await waited();
    expect(await numbers()).to.deep.equal([seqs[0], seqs[2]].map((seq) => numberIn(seq ?? '')));
    await client.query('COMMIT');
    client.release();
  });

  it('readers that were not heard of for too long', async () => {
    const seq = await log.append(aRevocation());
    for (const life of [1, 60_000]) await log.readers.seen(`reader ${life}`, null, life);
    while ((await log.readers.behind(seq)) > 1);
    await log.readers.behind(seq);
    expect((await pool.query(`SELECT FROM ${table}_readers`)).rows).to.have.lengthOf(1);
  });

  it('nothing without the right to delete, and reads on', async () => {
    const refusing: PostgresPool = {
      query: (query) =>
        query.text.includes('DELETE') ? Promise.reject(new Error('permission denied')) : pool.query(query),
    };
    const denied = new PostgresRevocationLog({ pool: refusing, table, pollInterval: 10 });
    const ear = await new LogEar(denied).caughtUp();
    const seq = await denied.append(aRevocation());
    await ear.until(({ seqs, isOver }) => seqs.includes(seq) || isOver);
    expect(ear.failure).to.equal(undefined);
    await denied.close();
  });

  it('readers when their life is over, and not before', async () => {
    const from = Date.now();
    await log.readers.seen('reader', null, HOUR);
    const { rows } = await pool.query(`SELECT due_at FROM ${table}_readers`);
    expect(Number(rows[0]?.due_at) - HOUR).to.be.within(from, Date.now());
  });
});
