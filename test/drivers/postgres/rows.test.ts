import { expect } from 'chai';
import pg from 'pg';
import type { Retired } from '../../../src/ports/store.js';
import { type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { closePools, NOW, newStore, openPool, record } from './support.js';

const INT8 = 20;
const LAST = 8_640_000_000_000_000;

describe('PostgresStore: rows', () => {
  let server: PostgresServer;

  before(async function () {
    server = await postgres(this);
  });

  afterEach(closePools);

  for (const [what, parse] of [
    ['a number', Number],
    ['a BigInt', BigInt],
    ['text', String],
  ] as const) {
    it(`are read the same when the application has told pg to make ${what} of a bigint`, async () => {
      const types = new pg.TypeOverrides();
      types.setTypeParser(INT8, (text: string) => parse(text));
      const store = await newStore(openPool(server, { types }));
      const written = record('a', {
        version: Number.MAX_SAFE_INTEGER - 1,
        created: 0,
        lastUpdate: LAST,
        expiresAt: LAST,
      });
      await store.create(written);
      expect(await store.load('a', NOW)).to.deep.equal(written);
      await store.create(record('b', { expiresAt: null }));
      expect(await store.load('b', NOW)).to.deep.equal(record('b', { expiresAt: null }));
      const retired: Retired = { id: 'b', retired: { successor: 'a', at: NOW }, expiresAt: LAST };
      await store.retire('b', 0, retired);
      expect(await store.load('b', NOW)).to.deep.equal(retired);
      expect(await store.deleteAll()).to.equal(1);
    });
  }

  it('keep a reason character by character, also one that the database takes as no text', async () => {
    const store = await newStore(openPool(server));
    for (const reason of ['', 'null', '"', 'nul\0', '\ud800 and \udc00', '\u{1f44b}']) {
      await store.create(record('a'));
      const retired: Retired = { id: 'a', retired: { successor: null, at: NOW, reason }, expiresAt: LAST };
      expect(await store.retire('a', 0, retired)).to.equal('ok');
      expect(await store.load('a', NOW)).to.deep.equal(retired);
      await store.delete('a');
    }
  });

  it('of a tombstone hold nothing of the session, and nobody', async () => {
    const pool = openPool(server);
    const store = await newStore(pool, 'tombstones');
    await store.create(record('a', { body: '{"secret":1}' }));
    await store.retire('a', 0, { id: 'a', retired: { successor: null, at: NOW }, expiresAt: LAST });
    expect((await pool.query('SELECT uid, body FROM tombstones')).rows).to.deep.equal([{ uid: null, body: '' }]);
  });
});
