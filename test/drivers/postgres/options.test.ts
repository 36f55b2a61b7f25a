import { expect } from 'chai';
import pg from 'pg';
import { type PostgresPool, PostgresStore, type PostgresStoreOptions } from '../../../src/drivers/postgres/index.js';

const NEVER: PostgresPool = { query: () => Promise.reject(new Error('asked')) };

describe('PostgresStore: options', () => {
  it('takes a Pool, a Client and a client of a Pool as they are typed', () => {
    const taken: readonly ((client: pg.PoolClient) => PostgresStoreOptions)[] = [
      (pool) => ({ pool }),
      () => ({ pool: new pg.Pool() }),
      () => ({ pool: new pg.Client() }),
    ];
    for (const options of taken.slice(1)) {
      expect(new PostgresStore(options(Object.create(null))).reach).to.equal('instances');
    }
  });

  it('names the option that is wrong', () => {
    const refused: readonly [object | undefined, string][] = [
      [undefined, 'option pool: expected a pg Pool or Client'],
      [{}, 'option pool: expected a pg Pool or Client'],
      [{ pool: {} }, 'option pool: expected a pg Pool or Client'],
      [{ pool: NEVER, deadline: 0 }, 'option deadline'],
      [{ pool: NEVER, deadline: 1.5 }, 'option deadline'],
      [{ pool: NEVER, deadline: Number.POSITIVE_INFINITY }, 'option deadline'],
      [{ pool: NEVER, deadline: 2 ** 31 }, 'option deadline'],
      [{ pool: NEVER, table: 7 }, 'option table'],
      [{ pool: NEVER, tabel: 'sessions' }, 'unknown option "tabel": the options are pool, table, deadline'],
    ];
    for (const [options, message] of refused) {
      expect(() => Reflect.construct(PostgresStore, [options])).to.throw(TypeError, `PostgresStore: ${message}`);
    }
  });

  it('names the cure for what is often passed instead of a pool', () => {
    for (const [options, message] of [
      [new pg.Pool(), 'expected an object of options, got an instance of BoundPool: pass it as an option, { pool }'],
      [{ pool: 'postgres://u:secret@localhost' }, 'option pool: a connection string is not a pool: pass new pg.Pool('],
      [{ pool: Promise.resolve(NEVER) }, 'option pool: this is a Promise: await it first'],
      [{ pool: { connectionString: 'x' } }, 'option pool: expected a pg Pool or Client, got an object'],
      [{ client: NEVER }, 'unknown option "client": pass the Pool or Client as the option pool'],
      [{ conString: 'x' }, 'unknown option "conString": pass a Pool, { pool: new pg.Pool({ connectionString }) }'],
      [{ pool: NEVER, tableName: 'x' }, 'unknown option "tableName": use table'],
      [{ pool: NEVER, createTableIfMissing: true }, 'call await store.migrate() when the application starts'],
    ] as const) {
      expect(() => Reflect.construct(PostgresStore, [options]))
        .to.throw(TypeError, message)
        .with.property('message')
        .that.matches(/^PostgresStore: (?!.*secret)/);
    }
  });

  for (const table of [
    '',
    '.',
    'app.',
    '.sessions',
    'a.b.c',
    '1sessions',
    'sessions ',
    'sessions\n',
    'sessions; DROP TABLE users',
    'sessions"; DROP TABLE users; --',
    '"sessions"',
    "sess'ions",
    'ses$$sions',
    'ses\\sions',
    'ses\0sions',
    'sessions--',
    's\u00e9ssions',
    's'.repeat(57),
    `${'s'.repeat(64)}.sessions`,
  ]) {
    it(`refuses the table ${JSON.stringify(table)}`, () => {
      expect(() => new PostgresStore({ pool: NEVER, table })).to.throw(
        TypeError,
        'PostgresStore: option table: must be',
      );
    });
  }
});
