import { expect } from 'chai';
import pg from 'pg';
import { PostgresBus } from '../../../src/drivers/postgres/index.js';

describe('PostgresBus options', () => {
  it('name what is wrong, and the cure', () => {
    const pool = new pg.Pool();
    for (const [options, message] of [
      [{}, 'PostgresBus: option pool'],
      [{ pool: 'postgres://localhost' }, 'a connection string is not a pool'],
      [{ pool: { query() {} } }, 'expected a pg Pool'],
      [{ pool, table: 'a;b' }, "letters, digits and _, as in 'sessions_bus'"],
      [{ pool, deadline: 0 }, 'option deadline'],
      [{ pool, tableName: 'a' }, 'use table'],
    ] as const) {
      expect(() => Reflect.construct(PostgresBus, [options]), message).to.throw(TypeError, message);
    }
  });
});
