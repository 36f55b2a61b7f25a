import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { fromPackage } from '../../src/cli/from-package.js';
import { PostgresStore } from '../../src/drivers/postgres/index.js';
import { SqliteStore } from '../../src/drivers/sqlite/index.js';
import { ServerSessionStorage, type Store } from '../../src/index.js';
import { errorOf } from '../support/outcomes.js';
import { freePort } from '../support/servers/free-port.js';
import { postgres } from '../support/servers/postgres.js';
import { openDatabase } from '../support/sqlite.js';
import { cli, DAY, HOUR, NOW, type Outcome } from './support.js';

/** What no output may show. */
const PASSWORD = 'hunter2';

/** Leaves three sessions in a store: one that was ended at NOW, and two that end a day and two days after it. */
async function fill(store: Store): Promise<ServerSessionStorage> {
  const storage = new ServerSessionStorage({ store, clock: { now: () => NOW }, sweepInterval: null });
  await storage.revoke(await storage.create());
  for (const days of [1, 2]) {
    const session = await storage.create();
    await session.setLifetime({ idleTimeout: days * DAY }).save();
  }
  return storage;
}

describe('sessions-jwt sweep', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sessions-sweep-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  /** A database with sessions in a table, which nobody has open. */
  async function filledFile(table = 'sessions'): Promise<string> {
    const path = join(folder, 'sessions.sqlite');
    const database = openDatabase(path);
    const store = new SqliteStore({ database, table });
    await store.migrate();
    await (await fill(store)).close();
    database.close();
    return path;
  }

  describe('of a SqliteStore', () => {
    it('removes what has expired, and nothing else, and says how many sessions that were', async () => {
      const args = ['sweep', '--sqlite', await filledFile()];
      const said: string[] = [];
      for (const now of [NOW + DAY - 1, NOW + DAY, NOW + DAY, NOW + 2 * DAY]) {
        const outcome = await cli(args, { now });
        expect(outcome).to.deep.include({ code: 0, stderr: '' });
        said.push(outcome.stdout);
      }
      expect(said).to.deep.equal([0, 1, 0, 1].map((n) => `removed ${n} expired session${n === 1 ? '' : 's'}\n`));
    });

    it('takes away what is left of ended sessions too, and does not count it', async () => {
      const path = await filledFile();
      expect((await cli(['sweep', '--sqlite', path], { now: NOW + HOUR })).stdout).to.equal(
        'removed 0 expired sessions\n',
      );
      const database = openDatabase(path);
      expect(await new SqliteStore({ database }).sweep(NOW + HOUR, 10)).to.deep.equal([]);
      database.close();
    });

    it('sweeps the table that --table names, and answers in JSON when asked', async () => {
      const args = ['sweep', '--json', '--sqlite', await filledFile('visits'), '--table', 'visits'];
      const { code, stdout } = await cli(args, { now: NOW + 2 * DAY });
      expect([code, stdout]).to.deep.equal([0, '{"store":"sqlite","removed":2}\n']);
    });

    it('prefers the file to DATABASE_URL', async () => {
      const env = { DATABASE_URL: `postgres://someone:${PASSWORD}@127.0.0.1:1/x` };
      const { stdout } = await cli(['sweep', '--sqlite', await filledFile()], { env, now: NOW + DAY });
      expect(stdout).to.equal('removed 1 expired session\n');
    });

    it('makes no file where there is none, and does not repeat the path: 2', async () => {
      const path = join(folder, PASSWORD);
      for (const one of [folder, path, `${path}/not there`, '']) {
        expectUsage(
          await cli(['sweep', '--sqlite', one]),
          /^sessions-jwt: the file that --sqlite names does not exist/,
        );
      }
      expect(existsSync(path)).to.equal(false);
    });

    it('makes no table, and leaves the database as it is: 1', async () => {
      const path = await filledFile('visits');
      const before = readFileSync(path);
      const { code, stdout, stderr } = await cli(['sweep', '--sqlite', path]);
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.match(/^sessions-jwt: failed: .*migrate\(\).*: no such table: sessions\n$/);
      expect(readFileSync(path).equals(before)).to.equal(true);
    });

    it('says that a file is no database: 1', async () => {
      const path = join(folder, 'text');
      writeFileSync(path, 'this is not a database, it is a text that is long enough to be one'.repeat(20));
      const { code, stderr } = await cli(['sweep', '--sqlite', path]);
      expect(code).to.equal(1);
      expect(stderr).to.match(/^sessions-jwt: failed: .*not a database.*\n$/);
    });

    it('refuses a name that no table can have: 2', async () => {
      const args = ['sweep', '--sqlite', await filledFile(), '--table', 'sessions; drop table users'];
      expectUsage(await cli(args), /option table: must be at most 56 letters/);
    });
  });

  describe('of a PostgresStore', () => {
    let url = '';
    let pool: pg.Pool;

    before(async function () {
      const { address } = await postgres(this);
      const { user, host, port, database } = address;
      url = `postgres://${user}:${PASSWORD}@${host}:${port}/${database}`;
      pool = new pg.Pool(address);
    });

    after(() => pool?.end());

    it('finds the address in DATABASE_URL', async () => {
      const store = new PostgresStore({ pool, table: 'swept_by_default' });
      await store.migrate();
      await fill(store);
      const args = ['sweep', '--table', 'swept_by_default'];
      const outcome = await cli(args, { env: { DATABASE_URL: url }, now: NOW + DAY });
      expect(outcome).to.deep.equal({ code: 0, stdout: 'removed 1 expired session\n', stderr: '' });
      const json = await cli([...args, '--json'], { env: { DATABASE_URL: url }, now: NOW + 2 * DAY });
      expect(json.stdout).to.equal('{"store":"postgres","removed":1}\n');
    });

    it('or in the variable that --database-env names, and in no other', async () => {
      const store = new PostgresStore({ pool, table: 'swept_by_name' });
      await store.migrate();
      await fill(store);
      const args = ['sweep', '--table', 'swept_by_name', '--database-env', 'MINE'];
      expectUsage(await cli(args, { env: { DATABASE_URL: url } }), /--database-env names is not set/);
      const env = { MINE: url, DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/x` };
      expect((await cli(args, { env, now: NOW + DAY })).stdout).to.equal('removed 1 expired session\n');
    });

    it('makes no table: 1', async () => {
      const outcome = await cli(['sweep', '--table', 'nobody_made_it'], { env: { DATABASE_URL: url } });
      expect(outcome).to.deep.equal({
        code: 1,
        stdout: '',
        stderr: 'sessions-jwt: failed: PostgreSQL failed (42P01): call migrate() before the first use\n',
      });
    });

    it('refuses a name that no table can have: 2', async () => {
      const args = ['sweep', '--table', 'sessions; drop table users'];
      expectUsage(await cli(args, { env: { DATABASE_URL: url } }), /option table: must be at most 56 letters/);
    });
  });

  it('says that a database cannot be reached, without its address: 1', async () => {
    const env = { DATABASE_URL: `postgres://someone:${PASSWORD}@127.0.0.1:${await freePort()}/x` };
    expect(await cli(['sweep'], { env })).to.deep.equal({
      code: 1,
      stdout: '',
      stderr:
        'sessions-jwt: failed: PostgreSQL failed (ECONNREFUSED): nothing listens at its address: is the server running?\n',
    });
  });

  it('says that what listens there is no PostgreSQL: 1', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const outcome = await cli(['sweep'], {
      env: { DATABASE_URL: `postgres://someone:${PASSWORD}@127.0.0.1:${port}/x` },
    });
    server.close();
    expect(outcome).to.deep.include({ code: 1, stdout: '' });
    expect(outcome.stderr).to.equal(
      'sessions-jwt: failed: PostgreSQL failed (no code): Connection terminated unexpectedly\n',
    );
  });

  it('has nothing to do for Redis, which it need not reach', async () => {
    const outcome = await cli(['sweep', '--redis']);
    expect(outcome).to.deep.include({ code: 0, stderr: '' });
    expect(outcome.stdout).to.match(/^Redis removes expired sessions by itself.*\n$/);
    expect((await cli(['sweep', '--redis', '--json'])).stdout).to.equal('{"store":"redis","removed":0}\n');
  });

  it('wants one store, and repeats nothing that could hold a password: 2', async () => {
    const address = `postgres://someone:${PASSWORD}@host/x`;
    const calls: readonly (readonly [args: readonly string[], databaseUrl: string | undefined, says: RegExp])[] = [
      [[], undefined, /no store given: use --sqlite <file> or --redis, or set DATABASE_URL/],
      [[], '', /no store given: use --sqlite <file> or --redis, or set DATABASE_URL/],
      [['--sqlite', PASSWORD, '--redis'], address, /cannot be used together/],
      [['--sqlite', PASSWORD, '--database-env', PASSWORD], address, /cannot be used together/],
      [['--redis', '--database-env', PASSWORD], address, /cannot be used together/],
      [['--redis', '--table', PASSWORD], address, /--table cannot be used with --redis/],
      [['--database-env', PASSWORD], address, /names is not set/],
      [[address], undefined, /takes no arguments/],
      [[`--database-url=${address}`], undefined, /--database-url/],
      [[], address.replace('postgres', 'mysql'), /no URL of PostgreSQL/],
    ];
    for (const [args, databaseUrl, says] of calls) {
      const env: Record<string, string> = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
      expectUsage(await cli(['sweep', ...args], { env }), says);
    }
  });

  it('says which package is missing, and passes on what else fails', async () => {
    const specifier: string = 'sessions-jwt-no-such-package';
    const missing = await errorOf(() => fromPackage(specifier, () => import(specifier)));
    expect(missing)
      .to.be.an('error')
      .with.property('message')
      .that.match(/^the package sessions-jwt-no-such-package is not installed/);
    const other = await errorOf(() => fromPackage('pg', () => import(specifier)));
    expect(other).to.have.property('code', 'ERR_MODULE_NOT_FOUND');
  });
});

function expectUsage({ code, stdout, stderr }: Outcome, says: RegExp): void {
  expect({ code, stdout }, stderr).to.deep.equal({ code: 2, stdout: '' });
  expect(stderr).to.match(says).and.not.include(PASSWORD);
}
