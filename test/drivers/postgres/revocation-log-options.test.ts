import { expect } from 'chai';
import pg from 'pg';
import { PostgresRevocationLog } from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { aRevocation, storedSeqs } from '../../support/log-ear.js';
import { errorOf } from '../../support/outcomes.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, newTable, openPool, Watched } from './support.js';

describe('PostgresRevocationLog options', () => {
  let server: PostgresServer;

  before(async function () {
    server = await postgres(this);
  });

  after(async () => {
    await closePools();
  });

  it('name what is wrong, and the cure', () => {
    const pool = new pg.Pool();
    for (const [options, message] of [
      [{}, 'PostgresRevocationLog: option pool'],
      [{ pool: 'postgres://localhost' }, 'a connection string is not a pool'],
      [{ pool: { connect() {} } }, 'expected a pg Pool'],
      [{ pool, table: 'a;b' }, "letters, digits and _, as in 'session_revocations'"],
      [{ pool, deadline: 0 }, 'option deadline'],
      [{ pool, pollInterval: 0 }, 'option pollInterval'],
      [{ pool, pollInterval: 5_001 }, 'option pollInterval'],
      [{ pool, interval: 10 }, 'use pollInterval'],
      [{ pool, tableName: 'a' }, 'use table'],
    ] as const) {
      expect(() => Reflect.construct(PostgresRevocationLog, [options]), message).to.throw(TypeError, message);
    }
  });

  it('take a table in a schema, and a Client', async () => {
    await openPool(server).query('CREATE SCHEMA app');
    const client = new pg.Client(server.address);
    await client.connect();
    const log = new PostgresRevocationLog({ pool: client, table: 'app.Revocations' });
    await log.migrate();
    await log.migrate();
    const seq = await log.append(aRevocation());
    expect(await storedSeqs(log)).to.deep.equal([seq]);
    await log.close();
    await client.end();
  });

  it('say that migrate must be called', async () => {
    const log = new PostgresRevocationLog({ pool: openPool(server), table: newTable() });
    for (const operate of [() => log.append(aRevocation()), () => storedSeqs(log)]) {
      expect(await errorOf(operate, StoreUnavailable)).to.match(/call migrate\(\) before the first use/);
    }
    await log.close();
  });

  it('take one round trip to append, and one to poll', async () => {
    const pool = new Watched(openPool(server));
    const log = new PostgresRevocationLog({ pool, table: newTable() });
    await log.migrate();
    pool.queries.length = 0;
    const seq = await log.append(aRevocation());
    expect(pool.queries).to.have.lengthOf(1);
    expect(await storedSeqs(log, seq)).to.deep.equal([]);
    // The last one removes entries, once in a while.
    expect(pool.queries.map(({ text }) => /array_to_string|DELETE/.exec(text)?.[0])).to.deep.equal([
      undefined,
      'array_to_string',
      'DELETE',
    ]);
    for (const { name } of pool.queries) expect(name).to.be.a('string');
    await log.close();
  });
});
