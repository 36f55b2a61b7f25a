import { expect } from 'chai';
import type pg from 'pg';
import { PostgresRevocationLog } from '../../../src/drivers/postgres/index.js';
import { LogPositionLost, StoreUnavailable } from '../../../src/index.js';
import { aRevocation, LogEar, storedSeqs } from '../../support/log-ear.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, newTable, openPool } from './support.js';

describe('PostgresRevocationLog notices that entries were lost', () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let table: string;
  const logs: PostgresRevocationLog[] = [];
  guardRejections();

  before(async function () {
    server = await postgres(this);
  });

  beforeEach(() => {
    pool = openPool(server);
    table = newTable();
  });

  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close();
    await closePools();
  });

  const open = async (): Promise<PostgresRevocationLog> => {
    const log = new PostgresRevocationLog({ pool, table, pollInterval: 100, deadline: 10_000 });
    logs.push(log);
    await log.migrate();
    return log;
  };

  /** Everything as it is now, to be restored later. */
  const copy = async (): Promise<() => Promise<void>> => {
    const names = [table, `${table}_head`];
    for (const name of names) await pool.query(`CREATE TABLE ${name}_copy AS TABLE ${name}`);
    return async () => {
      const restored = names.map((name) => `DELETE FROM ${name}; INSERT INTO ${name} TABLE ${name}_copy;`);
      await pool.query(`BEGIN; ${restored.join(' ')} COMMIT`);
    };
  };

  it('when everything is gone, also while a read waits', async () => {
    const log = await open();
    const seq = await log.append(aRevocation());
    const ear = await new LogEar(log, seq).caughtUp();
    await pool.query(`TRUNCATE ${table}, ${table}_head`);
    expect(await ear.error()).to.be.instanceOf(LogPositionLost);
    expect(await errorOf(() => storedSeqs(log, seq))).to.be.instanceOf(LogPositionLost);
    const again = await new LogEar(log).caughtUp();
    const next = await log.append(aRevocation());
    await again.until(({ entries, isOver }) => entries.length > 0 || isOver);
    expect(again.seqs).to.deep.equal([next]);
    expect(await errorOf(() => storedSeqs(log, seq))).to.be.instanceOf(LogPositionLost);
  });

  it('when only the entries are gone, or only the head', async () => {
    for (const name of [table, `${table}_head`]) {
      const log = await open();
      const seq = await log.append(aRevocation());
      const ear = await new LogEar(log, seq).caughtUp();
      await pool.query(`TRUNCATE ${name}`);
      expect(await ear.error()).to.be.instanceOf(LogPositionLost);
      const next = await log.append(aRevocation());
      expect(await errorOf(() => storedSeqs(log, seq))).to.be.instanceOf(LogPositionLost);
      expect(await storedSeqs(log)).to.include(next);
    }
  });

  it('when the head is gone, and reads all entries under another name', async () => {
    const log = await open();
    const seqs = [await log.append(aRevocation()), await log.append(aRevocation())];
    const ear = await new LogEar(log, seqs[0]).caughtUp();
    await pool.query(`DELETE FROM ${table}_head`);
    const stored = await storedSeqs(await open());
    expect(stored.map(nameOf)).to.deep.equal(seqs.map(nameOf));
    expect(stored).to.not.have.members(seqs);
    expect(await ear.error()).to.be.instanceOf(LogPositionLost);
    const next = await log.append(aRevocation());
    expect(await storedSeqs(log)).to.deep.equal([...stored, next]);
    expect(await storedSeqs(log, stored[1])).to.deep.equal([next]);
  });

  it('and reads nothing, not even that there is nothing, while the head cannot be restored', async () => {
    const log = await open();
    await log.append(aRevocation());
    await pool.query(`DELETE FROM ${table}_head; CREATE RULE nothing AS ON INSERT TO ${table}_head DO INSTEAD NOTHING`);
    const error = await errorOf(() => storedSeqs(log));
    expect(error)
      .to.be.instanceOf(StoreUnavailable)
      .with.property('message')
      .that.includes('the table that ends in _head has no row');
  });

  it('when only the head was restored, and then appends after the newest entry', async () => {
    const log = await open();
    const restored = await pool.query(`SELECT last, nonce FROM ${table}_head`);
    const seqs = [await log.append(aRevocation()), await log.append(aRevocation())];
    const { last, nonce } = restored.rows[0];
    await pool.query(`UPDATE ${table}_head SET last = $1, nonce = $2`, [last, nonce]);
    seqs.push(await (await open()).append(aRevocation()));
    expect(await storedSeqs(log)).to.deep.equal(seqs);
  });

  it('when the last ones are gone', async () => {
    const log = await open();
    const first = await log.append(aRevocation());
    const restore = await copy();
    const second = await log.append(aRevocation());
    const ear = await new LogEar(log, second).caughtUp();
    await restore();
    expect(await ear.error()).to.be.instanceOf(LogPositionLost);
    expect(await storedSeqs(log)).to.deep.equal([first]);
  });

  it('when others have taken their place, with the same numbers', async () => {
    const log = await open();
    const first = await log.append(aRevocation());
    const restore = await copy();
    const second = await log.append(aRevocation());
    await restore();
    const other = await open();
    const third = await other.append(aRevocation());
    expect(third.split('.')[0]).to.equal(second.split('.')[0]);
    const fourth = await other.append(aRevocation());
    expect(await errorOf(() => storedSeqs(other, second))).to.be.instanceOf(LogPositionLost);
    expect(await storedSeqs(other)).to.deep.equal([first, third, fourth]);
  });

  it('when a read is behind what its own process appended', async () => {
    const log = await open();
    const first = await log.append(aRevocation());
    const restore = await copy();
    const reading = log.read(first, new AbortController().signal);
    expect(await reading.next()).to.deep.include({ value: [] });
    await log.append(aRevocation());
    await restore();
    await (await open()).append(aRevocation());
    expect(await errorOf(() => reading.next())).to.be.instanceOf(LogPositionLost);
  });

  it('when a process appends that knew them, for all processes', async () => {
    const [log, other] = [await open(), await open()];
    const first = await log.append(aRevocation());
    const restore = await copy();
    await log.append(aRevocation());
    await restore();
    const ear = await new LogEar(other, first).caughtUp();
    const third = await log.append(aRevocation());
    expect(await ear.error()).to.be.instanceOf(LogPositionLost);
    const stored = await storedSeqs(other);
    expect(stored).to.have.lengthOf(2);
    expect(stored[1]).to.equal(third);
  });

  it('when it is asked which readers have seen a position', async () => {
    const log = await open();
    const seq = await log.append(aRevocation());
    await log.readers.seen('one', seq, 60_000);
    await pool.query(`TRUNCATE ${table}_head`);
    expect(await errorOf(() => log.readers.behind(seq))).to.be.instanceOf(LogPositionLost);
  });

  it('and counts a reader of the lost log as one that has read nothing, although its position seems to be later', async () => {
    const log = await open();
    const seq = await log.append(aRevocation());
    await log.readers.seen('one', seq.replace(/:.*$/, ':9.1'), 60_000);
    expect(await log.readers.behind(seq)).to.equal(0);
    await log.readers.seen('one', 'lost:9.1', 60_000);
    expect(await log.readers.behind(seq)).to.equal(1);
  });
});

/** The number and nonce of an entry, without the name of its log. */
function nameOf(seq: string): string | undefined {
  return seq.split(':')[1];
}
