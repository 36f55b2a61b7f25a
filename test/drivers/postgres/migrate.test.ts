import { expect } from 'chai';
import pg from 'pg';
import { PostgresStore } from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/errors.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, NOW, newStore, newTable, openPool, record } from './support.js';

describe('PostgresStore: migrate', () => {
  let server: PostgresServer;
  let pool: pg.Pool;

  before(async function () {
    server = await postgres(this);
    pool = openPool(server);
  });

  after(closePools);

  async function versionsOf(table: string): Promise<unknown> {
    return (await pool.query(`SELECT version FROM "${table}_schema"`)).rows;
  }

  for (const isolation of ['read committed', 'serializable']) {
    it(`is done once by ten processes that begin at once, where the default is ${isolation}`, async () => {
      const table = newTable();
      const options = { max: 1, options: `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}` };
      const processes = Array.from({ length: 10 }, () => openPool(server, options));
      await Promise.all(processes.map((own) => own.query('SELECT 1')));
      const stores = processes.map((own) => new PostgresStore({ pool: own, table }));
      await Promise.all(stores.map((store) => store.migrate()));
      expect(await versionsOf(table)).to.deep.equal([{ version: 1 }, { version: 2 }]);
      await Promise.all(stores.map((store, index) => store.create(record(`a${index}`))));
    });
  }

  it('leaves a table alone that is there, with all that is in it', async () => {
    const table = newTable();
    const store = await newStore(pool, table);
    await store.create(record('a'));
    await newStore(pool, table);
    expect(await store.load('a', NOW)).to.deep.equal(record('a'));
    expect(await versionsOf(table)).to.deep.equal([{ version: 1 }, { version: 2 }]);
  });

  it('takes a table of version 1 further, with all that is in it', async () => {
    const table = newTable();
    const store = await newStore(pool, table);
    await store.create(record('a'));
    await pool.query(`DROP INDEX "${table}_user";
      CREATE INDEX "${table}_uid" ON "${table}" (uid) WHERE uid IS NOT NULL AND retired_at IS NULL;
      DELETE FROM "${table}_schema" WHERE version > 1`);
    await Promise.all([store.migrate(), newStore(pool, table)]);
    expect(await versionsOf(table)).to.deep.equal([{ version: 1 }, { version: 2 }]);
    const { rows } = await pool.query('SELECT indexname FROM pg_indexes WHERE tablename = $1 ORDER BY 1', [table]);
    const names = rows.map(({ indexname }) => indexname);
    expect(names).to.deep.equal([`${table}_due_at`, `${table}_pkey`, `${table}_user`]);
    expect(await store.ofUser('ada', NOW, 'a')).to.deep.equal([record('a')]);
  });

  it('leaves a table alone that a later release has taken further', async () => {
    const table = newTable();
    await newStore(pool, table);
    await pool.query(`INSERT INTO "${table}_schema" VALUES (7); DROP INDEX "${table}_due_at"`);
    await newStore(pool, table);
    expect(await versionsOf(table)).to.deep.equal([{ version: 1 }, { version: 2 }, { version: 7 }]);
    const { rows } = await pool.query('SELECT FROM pg_class WHERE relname = $1', [`${table}_due_at`]);
    expect(rows).to.deep.equal([]);
  });

  it('makes the table in the schema that is named, and works there whatever the search path', async () => {
    await pool.query('CREATE SCHEMA "App"');
    const store = await newStore(openPool(server, { options: '-c search_path=pg_catalog' }), 'App.sessions');
    await store.create(record('a'));
    expect(await store.deleteOfUser('ada')).to.deep.equal(['a']);
    const { rows } = await pool.query(
      'SELECT relname FROM pg_class WHERE relnamespace = \'"App"\'::regnamespace ORDER BY 1',
    );
    expect(rows.map(({ relname }) => relname)).to.include.members(['sessions', 'sessions_user', 'sessions_schema']);
  });

  for (const table of ['select', 'MixedCase', '_', `t${'x'.repeat(55)}`]) {
    it(`makes a table called ${table}`, async () => {
      const store = await newStore(pool, table);
      await store.create(record('a'));
      expect(await store.sweep(NOW + 1_000, 10)).to.deep.equal([{ id: 'a', uid: 'ada' }]);
      const { rows } = await pool.query('SELECT relname FROM pg_class WHERE relname = $1', [`${table}_due_at`]);
      expect(rows).to.have.length(1);
    });
  }

  it('rejects when there is a table of that name which is not its own, and leaves that as it is', async () => {
    const table = newTable();
    await pool.query(`CREATE TABLE "${table}" (sid varchar, sess json); INSERT INTO "${table}" VALUES ('a', '{}')`);
    const store = new PostgresStore({ pool, table });
    const error = await store.migrate().catch((failure: unknown) => failure);
    expect(error).to.be.instanceOf(StoreUnavailable).with.nested.property('cause.code', '42P07');
    expect((await pool.query(`SELECT * FROM "${table}"`)).rows).to.deep.equal([{ sid: 'a', sess: {} }]);
    expect((await pool.query('SELECT to_regclass($1)', [`${table}_schema`])).rows).to.deep.equal([
      { to_regclass: null },
    ]);
  });

  it('needs no right to create anything where there is nothing to do', async () => {
    const table = newTable();
    await newStore(pool, table);
    await pool.query(`CREATE ROLE app LOGIN;
      GRANT SELECT, INSERT, UPDATE, DELETE ON "${table}" TO app; GRANT SELECT ON "${table}_schema" TO app`);
    const limited = openPool(server, { user: 'app' });
    const store = await newStore(limited, table);
    await store.create(record('a'));
    expect(await store.update(record('a'))).to.equal('ok');
    expect(await store.deleteOfUser('ada')).to.deep.equal(['a']);
    expect(await store.sweep(NOW, 1)).to.deep.equal([]);
    expect(await store.deleteAll()).to.equal(0);
    const error = await newStore(limited).catch((failure: unknown) => failure);
    expect(error).to.be.instanceOf(StoreUnavailable).with.nested.property('cause.code', '42501');
  });

  it('works on a Client, and may be called again and again', async () => {
    const client = new pg.Client(server.address);
    await client.connect();
    const store = await newStore(client);
    await store.migrate();
    await store.create(record('a'));
    expect(await store.load('a', NOW)).to.deep.equal(record('a'));
    expect(await store.deleteAll()).to.equal(1);
    await client.end();
  });
});
