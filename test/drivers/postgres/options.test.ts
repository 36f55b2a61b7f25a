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
      [{ pool: 'postgres://localhost' }, 'option pool: expected a pg Pool or Client'],
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
        'PostgresStore: option table: expected',
      );
    });
  }
});
