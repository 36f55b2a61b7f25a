import { execFile } from 'node:child_process';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { SqliteStore } from '../../../src/drivers/sqlite/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { openDatabase } from '../../support/sqlite.js';
import { childArguments, newPath, openStore, problemsIn, record } from './support.js';

const run = promisify(execFile);

describe('SqliteStore when SQLite fails', () => {
  it('says SQLITE_FULL, keeps what it has, can still end sessions, and goes on when there is room', async () => {
    const { store, database } = await openStore();
    await store.create(record('first'));
    const [pages] = database.prepare('PRAGMA page_count').all();
    const { page_count: count } = Object(pages);
    database.exec(`PRAGMA max_page_count = ${Number(count) + 2}`);
    const big = record('big', { body: JSON.stringify('x'.repeat(100_000)) });
    const error = await errorOf(() => store.create(big));
    expect(error).to.be.instanceOf(StoreUnavailable).and.have.property('message', 'SQLite failed (SQLITE_FULL)');
    expect(error).to.have.nested.property('cause.code').that.includes('SQLITE_FULL');
    expect(await store.load('first', 0)).to.deep.equal(record('first'));
    expect(await store.load('big', 0)).to.equal(undefined);
    expect(await store.delete('first')).to.equal(true);
    database.exec('PRAGMA max_page_count = 1000000');
    await store.create(big);
    expect(await store.load('big', 0)).to.deep.equal(big);
    expect(problemsIn(database)).to.deep.equal([]);
    database.close();
  });

  it('rejects what does not fit on the disk, and keeps the rest', async function () {
    this.timeout(20_000);
    const { NODE_V8_COVERAGE: _, ...env } = process.env;
    // 256 KiB for any file that is written.
    const limited = ['-c', 'ulimit -f 512; exec "$@"', 'sh', process.execPath];
    const { stdout } = await run('sh', [...limited, ...childArguments('fill', newPath())], { env });
    const report = JSON.parse(stdout);
    expect(report).to.deep.include({ unhandled: [], found: report.written, unavailable: report.refused });
    expect(report.written).to.be.greaterThan(0);
    expect(report.refused).to.be.greaterThan(0);
    expect(report.causes).to.have.lengthOf(1);
    expect(report.causes[0]).to.match(/^SQLite failed \(SQLITE_(IOERR|FULL)/);
  });

  it('reads from a database that cannot be written, and says SQLITE_READONLY to writes', async () => {
    const { store, database } = await openStore();
    await store.create(record('a'));
    database.exec('PRAGMA query_only = 1');
    expect(await store.load('a', 0)).to.deep.equal(record('a'));
    expect(await errorOf(() => store.update(record('a'))))
      .to.be.instanceOf(StoreUnavailable)
      .and.have.property(
        'message',
        'SQLite failed (SQLITE_READONLY): open it for writing, as a user who may write to its file and folder',
      );
    database.exec('PRAGMA query_only = 0');
    expect(await store.update(record('a'))).to.equal('ok');
    database.close();
  });

  it('is StoreUnavailable for a file that is damaged, and for one that is none of SQLite’s', async () => {
    const { path, store, database } = await openStore();
    for (let n = 0; n < 200; n += 1) await store.create(record(`s${n}`, { body: JSON.stringify('x'.repeat(500)) }));
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
    overwrite(path, 4096, statSync(path).size - 4096);
    const damaged = openDatabase(path);
    const reading = new SqliteStore({ database: damaged });
    expect(await errorOf(() => reading.ofUser('ann', 0))).to.be.instanceOf(StoreUnavailable);
    damaged.close();

    const none = newPath();
    overwrite(none, 0, 8192);
    const error = await errorOf(async () => {
      const other = openDatabase(none);
      await new SqliteStore({ database: other }).migrate();
    });
    expect(error).to.be.instanceOf(StoreUnavailable).and.have.property('message').that.includes('SQLITE_NOTADB');
  });

  it('says what to do where the table is missing, and works once that is done', async () => {
    const database = openDatabase(newPath());
    const store = new SqliteStore({ database });
    expect(await errorOf(() => store.load('a', 0)))
      .to.be.instanceOf(StoreUnavailable)
      .and.have.property('message')
      .that.includes('migrate()');
    await store.migrate();
    expect(await store.load('a', 0)).to.equal(undefined);
    database.close();
  });

  it('leaves no transaction open, also on a database that does not say whether there is one', async () => {
    const path = newPath();
    const silent = openDatabase(path);
    const database = { exec: (sql: string) => silent.exec(sql), prepare: (sql: string) => silent.prepare(sql) };
    const store = new SqliteStore({ database });
    expect(await errorOf(() => store.create(record('a')))).to.be.instanceOf(StoreUnavailable);
    await store.migrate();
    silent.exec('PRAGMA query_only = 1');
    expect(await errorOf(() => store.create(record('a')))).to.be.instanceOf(StoreUnavailable);
    silent.exec('PRAGMA query_only = 0');
    await store.create(record('a'));
    const other = await openStore(path, { deadline: 200 });
    await other.store.create(record('b'));
    expect(await store.ofUser('ann', 0)).to.have.lengthOf(2);
    other.database.close();
    silent.close();
  });

  it('is StoreUnavailable once it is closed, and leaves the database open', async () => {
    const { store, database } = await openStore();
    await store.create(record('a'));
    await store.close();
    for (const work of [() => store.load('a', 0), () => store.create(record('b')), () => store.delete('a')]) {
      expect(await errorOf(work)).to.be.instanceOf(StoreUnavailable);
    }
    const again = new SqliteStore({ database });
    expect(await again.load('a', 0)).to.deep.equal(record('a'));
    database.close();
  });

  it('is StoreUnavailable when the application has closed the database', async () => {
    const { store, database } = await openStore();
    database.close();
    for (const work of [() => store.load('a', 0), () => store.create(record('b')), () => store.delete('a')]) {
      expect(await errorOf(work)).to.be.instanceOf(StoreUnavailable);
    }
    expect(await errorOf(async () => new SqliteStore({ database }))).to.be.instanceOf(StoreUnavailable);
  });

  it('never shows an id, a uid or data in what it says', async () => {
    const { store, database } = await openStore();
    database.exec('PRAGMA query_only = 1');
    const secret = record('secret-id', { uid: 'secret-uid', body: '"secret-body"' });
    const error = await errorOf(() => store.create(secret));
    expect(
      JSON.stringify([error, Object(error).message, Object(error).stack, Object(error).cause?.message]),
    ).to.not.include('secret');
    database.close();
  });
});

function overwrite(path: string, start: number, length: number): void {
  const file = openSync(path, start === 0 ? 'w' : 'r+');
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, start);
  closeSync(file);
}
