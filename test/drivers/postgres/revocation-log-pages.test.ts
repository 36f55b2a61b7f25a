import { expect } from 'chai';
import { PostgresRevocationLog } from '../../../src/drivers/postgres/index.js';
import { aRevocation } from '../../support/log-ear.js';
import { guardRejections } from '../../support/rejections.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, newTable, openPool } from './support.js';

const PAGES = 2;
const PAGE = 4_000;

describe('PostgresRevocationLog with many entries', () => {
  let server: PostgresServer;
  guardRejections();

  before(async function () {
    server = await postgres(this);
  });

  afterEach(closePools);

  it('gives them page by page, in order, and marks the end also where it is the end of a page', async () => {
    const pool = openPool(server);
    const table = newTable();
    const log = new PostgresRevocationLog({ pool, table });
    await log.migrate();
    const first = await log.append(aRevocation());
    await pool.query(`
      INSERT INTO ${table} (seq, added_at, due_at, nonce, line)
      SELECT number, added_at, due_at, nonce, replace(line, seq || '.', number || '.')
      FROM ${table}, generate_series(${PAGES * PAGE}, 2, -1) AS number`);
    await pool.query(`UPDATE ${table}_head SET last = ${PAGES * PAGE}`);
    const sizes: number[] = [];
    const seqs: string[] = [];
    for await (const entries of log.read(null, new AbortController().signal)) {
      sizes.push(entries.length);
      if (entries.length === 0) break;
      seqs.push(...entries.map(({ seq }) => seq));
    }
    expect(sizes).to.deep.equal([PAGE, PAGE, 0]);
    const numbers = Array.from({ length: PAGES * PAGE }, (_, at) => at + 1);
    expect(seqs).to.deep.equal(numbers.map((number) => first.replace(':1.', `:${number}.`)));
    await log.close();
  });
});
