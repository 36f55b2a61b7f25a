import { inspect } from 'node:util';
import { expect } from 'chai';
import pg from 'pg';
import { PostgresStore } from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/errors.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { freePort } from '../../support/servers/free-port.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, NOW, newStore, newTable, openPool, record, untilBlocked } from './support.js';

const DEADLINE = 150;

describe('PostgresStore: failures', () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let table: string;

  beforeEach(async function () {
    server = await postgres(this);
    pool = openPool(server);
    table = newTable();
  });

  afterEach(closePools);

  guardRejections();

  it('are told without what the database repeats of a session', async () => {
    const store = await newStore(pool, table);
    await pool.query(`ALTER TABLE "${table}" ADD CHECK (body <> 'secret')`);
    const refused = record('secret-id', { body: 'secret', uid: 'secret-uid' });
    const raw = await pool
      .query(`INSERT INTO "${table}" (id, body) VALUES ('secret-id', 'secret')`)
      .catch((e: unknown) => e);
    expect(raw).to.have.property('detail').that.includes('secret');
    const error = await errorOf(() => store.create(refused), StoreUnavailable);
    expect(inspect(error, { depth: null, showHidden: true })).not.to.include('secret');
    expect(error.cause).to.be.instanceOf(Error).with.property('code', '23514');
    expect(error.cause).to.have.property('message').that.includes('violates check constraint');
    expect(error.message).to.include('23514');
  });

  it('are told of a server that is not there, and of a pool that was ended', async () => {
    const nowhere = openPool(server, { port: await freePort() });
    const error = await errorOf(() => new PostgresStore({ pool: nowhere }).load('a', NOW), StoreUnavailable);
    expect(error.cause).to.have.property('code', 'ECONNREFUSED');
    const ended = new pg.Pool(server.address);
    await ended.end();
    const store = new PostgresStore({ pool: ended });
    for (const work of [store.load('a', NOW), store.migrate(), store.update(record('a')), store.deleteAll()]) {
      expect((await errorOf(() => work, StoreUnavailable)).cause)
        .to.have.property('message')
        .that.includes('after calling end');
    }
  });

  it('name the cure where migrate() was forgotten', async () => {
    const error = await errorOf(() => new PostgresStore({ pool, table }).load('a', NOW), StoreUnavailable);
    expect(error.message).to.equal('PostgreSQL failed (42P01): call migrate() before the first use');
  });

  it('name the cure for a schema that does not exist, and for the table of another application', async () => {
    const nowhere = new PostgresStore({ pool, table: 'no_such_schema.sessions' });
    const missing = await errorOf(() => nowhere.migrate(), StoreUnavailable);
    expect(missing.message).to.equal('PostgreSQL failed (3F000): create the schema that the option table names');
    await pool.query(`CREATE TABLE "${table}" (id integer)`);
    const foreign = await errorOf(() => new PostgresStore({ pool, table }).migrate(), StoreUnavailable);
    expect(foreign.message).to.include('42P07').and.include('set the option table');
  });

  it('name the cure for a Client that is not connected', async () => {
    const client = new pg.Client(server.address);
    const store = new PostgresStore({ pool: client, deadline: DEADLINE });
    const error = await errorOf(() => store.load('a', NOW), StoreUnavailable);
    expect(error.message).to.include('if the pool is a Client, connect it first');
  });

  it('are told whatever a pool throws', async () => {
    for (const thrown of [undefined, null, 'text', new Error(), { code: 7 }]) {
      const query = () => {
        throw thrown;
      };
      const error = await errorOf(() => new PostgresStore({ pool: { query } }).load('a', NOW), StoreUnavailable);
      expect(error.cause).to.be.instanceOf(Error);
    }
  });

  it('are told at the deadline, and what comes later is nobody’s', async () => {
    const store = await newStore(pool, table);
    await store.create(record('a'));
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`SELECT FROM "${table}" WHERE id = 'a' FOR UPDATE`);
    const hasty = new PostgresStore({ pool, table, deadline: DEADLINE });
    const updating = errorOf(() => hasty.update(record('a', { body: '1' })), StoreUnavailable);
    await untilBlocked(pool);
    expect((await updating).message).to.equal(`PostgreSQL did not answer within ${DEADLINE} ms`);
    await client.query('COMMIT');
    client.release();
  });

  for (const [what, statement] of [
    ['forgets prepared statements', 'DEALLOCATE ALL'],
    ['has them already', ''],
  ] as const) {
    it(`are none where a proxy gives a connection that ${what}`, async () => {
      const client = new pg.Client(server.address);
      await client.connect();
      const store = await newStore(client, table);
      await store.create(record('a'));
      await store.load('a', NOW);
      if (statement !== '') await client.query(statement);
      else await prepareLike(client, table);
      expect(await store.load('a', NOW)).to.deep.equal(record('a'));
      expect(await store.update(record('a'))).to.equal('ok');
      expect(await store.touch('a', 'ada', NOW + 1, null)).to.equal(true);
      expect(await store.delete('a')).to.equal(true);
      await client.end();
    });
  }

  /** Prepares all that a store may, under the same names, behind the back of the client. */
  async function prepareLike(client: pg.Client, own: string): Promise<void> {
    const source = new pg.Client(server.address);
    await source.connect();
    const store = new PostgresStore({ pool: source, table: own });
    await store.update(record('x'));
    await store.touch('x', null, 0, null);
    await store.delete('x');
    const { rows } = await source.query('SELECT name FROM pg_prepared_statements');
    await source.end();
    for (const { name } of rows) await client.query(`PREPARE "${name}" AS SELECT 1`);
    expect(rows).to.have.length(3);
  }

  it('end by themselves when a server that hung is given up, even if it never answers', async () => {
    const hung = openPool(server, { application_name: table, max: 4 });
    const store = await newStore(hung, table);
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => store.create(record(id))));
    const { rows } = await pool.query('SELECT pid FROM pg_stat_activity WHERE application_name = $1', [table]);
    const signal = (name: NodeJS.Signals): void => {
      for (const { pid } of rows) process.kill(pid, name);
    };
    signal('SIGSTOP');
    try {
      const hasty = new PostgresStore({ pool: hung, table, deadline: DEADLINE });
      const begun = performance.now();
      const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
      const errors = await Promise.all(ids.map((id) => errorOf(() => hasty.load(id, NOW), StoreUnavailable)));
      expect(errors).to.have.length(6);
      expect(performance.now() - begun).to.be.below(DEADLINE + 2_000);
      // The pool gives up the connections that did not answer, and makes others.
      let loaded: unknown;
      for (let attempt = 0; attempt < 20 && loaded === undefined; attempt += 1) {
        loaded = await hasty.load('a', NOW).catch(() => undefined);
      }
      expect(loaded).to.deep.equal(record('a'));
    } finally {
      signal('SIGCONT');
    }
  });
});
