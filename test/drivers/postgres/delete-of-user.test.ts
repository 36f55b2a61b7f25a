import { expect } from 'chai';
import type pg from 'pg';
import { PostgresStore } from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/errors.js';
import type { EndOfUser } from '../../../src/ports/store.js';
import { postgres } from '../../support/servers/postgres.js';
import { closePools, NOW, newStore, newTable, openPool, record, tombstone, untilBlocked, Watched } from './support.js';

describe('PostgresStore: deleteOfUser', () => {
  let pool: pg.Pool;
  let watched: Watched;
  let client: pg.PoolClient;
  let table: string;
  let store: PostgresStore;
  /** Another process, in a transaction of its own. */
  let other: PostgresStore;

  beforeEach(async function () {
    pool = openPool(await postgres(this));
    watched = new Watched(pool);
    table = newTable();
    store = await newStore(watched, table);
    client = await pool.connect();
    other = new PostgresStore({ pool: client, table });
    watched.queries.length = 0;
  });

  afterEach(async () => {
    client.release();
    await closePools();
  });

  /** Locks 'old', begins `deleteOfUser`, which therefore has its snapshot and waits, and only then does `rotate`. */
  async function whileItWaits(
    rotate: () => Promise<unknown>,
    except?: string,
    options?: EndOfUser,
  ): Promise<readonly string[]> {
    await client.query('BEGIN');
    await client.query(`SELECT FROM "${table}" WHERE id = 'old' FOR UPDATE`);
    const ending = store.deleteOfUser('ada', except, options);
    await untilBlocked(pool);
    await rotate();
    await client.query('COMMIT');
    return ending;
  }

  /** As another process rotates: the new record is there for all to see before the old one is retired. */
  async function rotate(from: string, to: string, lineage = 'old'): Promise<void> {
    const creator = new PostgresStore({ pool, table });
    await creator.create(record(to, { lineage }));
    expect(await other.retire(from, 0, tombstone(from))).to.equal('ok');
  }

  it('removes the new record of a rotation of which it could see neither half when it began', async () => {
    await store.create(record('old'));
    expect(await whileItWaits(() => rotate('old', 'new'))).to.deep.equal(['new']);
    expect(await store.load('new', NOW)).to.equal(undefined);
    expect(await store.load('old', NOW)).to.deep.equal(tombstone('old'));
    expect(await store.ofUser('ada', NOW)).to.deep.equal([]);
  });

  it('does so when the tombstone is gone too by then', async () => {
    await store.create(record('old'));
    const ended = await whileItWaits(async () => {
      await rotate('old', 'new');
      await other.delete('old');
    });
    expect(ended).to.deep.equal(['new']);
  });

  it('does so when the new record was rotated at once', async () => {
    await store.create(record('old'));
    const ended = await whileItWaits(async () => {
      await rotate('old', 'new');
      await rotate('new', 'newer');
    });
    expect(ended).to.deep.equal(['newer']);
  });

  it('removes what it did see in the same pass', async () => {
    await store.create(record('old'));
    await store.create(record('a'));
    await store.create(record('z'));
    const ended = await whileItWaits(() => rotate('old', 'new'));
    expect([...ended].sort()).to.deep.equal(['a', 'new', 'z']);
  });

  it("has retire answer 'gone' when it comes first", async () => {
    await store.create(record('old'));
    await client.query('BEGIN');
    await other.deleteOfUser('ada');
    const creator = new PostgresStore({ pool, table });
    await creator.create(record('new', { lineage: 'old' }));
    const retiring = creator.retire('old', 0, tombstone('old'));
    await untilBlocked(pool);
    await client.query('COMMIT');
    expect(await retiring).to.equal('gone');
  });

  it('spares the lineage of the session it was told to, though that is rotated meanwhile', async () => {
    await store.create(record('old'));
    await store.create(record('own', { lineage: 'mine' }));
    const ended = await whileItWaits(async () => {
      await rotate('own', 'own-2', 'mine');
      await rotate('old', 'new');
    }, 'own');
    expect(ended).to.deep.equal(['new']);
    expect((await store.ofUser('ada', NOW)).map(({ id }) => id)).to.deep.equal(['own-2']);
  });

  const ENDED = { retired: { successor: null, at: NOW, reason: 'ended' }, expiresAt: NOW + 9_000 };

  for (const limit of [2, 5]) {
    it(`with a limit of ${limit} and a tombstone, too, ends the new record of a rotation that it could not see`, async () => {
      await store.create(record('old'));
      await store.create(record('z'));
      const options = { limit, tombstone: ENDED };
      const ended = [...(await whileItWaits(() => rotate('old', 'new'), undefined, options))];
      expect(ended.sort()).to.deep.equal(['new', 'z']);
      expect(await store.load('new', NOW)).to.deep.equal({ id: 'new', ...ENDED });
      expect(await store.load('old', NOW)).to.deep.equal(tombstone('old'));
      expect(await store.deleteOfUser('ada', undefined, options)).to.deep.equal([]);
    });
  }

  it("has retire answer 'gone' when a tombstone came first", async () => {
    await store.create(record('old'));
    await client.query('BEGIN');
    await other.deleteOfUser('ada', undefined, { limit: 1, tombstone: ENDED });
    const retiring = store.retire('old', null, tombstone('old'));
    await untilBlocked(pool);
    await client.query('COMMIT');
    expect(await retiring).to.equal('gone');
    expect(await store.load('old', NOW)).to.deep.equal({ id: 'old', ...ENDED });
  });

  it('spares a session that joined the lineage to spare meanwhile', async () => {
    await store.create(record('old'));
    const ended = await whileItWaits(() => other.update(record('old', { lineage: 'mine' })), 'mine');
    expect(ended).to.deep.equal([]);
    expect(await store.ofUser('ada', NOW)).to.have.length(1);
  });

  it('asks once for every 500, whatever the limit beyond that', async () => {
    await pool.query(`INSERT INTO "${table}" (id, lineage, version, uid, body, created, last_access, last_update)
      SELECT 's' || i, 's' || i, 0, 'ada', '{}', 0, 0, 0 FROM generate_series(1, 1700) i`);
    expect(await store.deleteOfUser('ada', 's1', { limit: 600 })).to.have.length(600);
    expect(watched.queries).to.have.length(2);
    expect(await store.deleteOfUser('ada', 's1')).to.have.length(1_099);
    expect(watched.queries).to.have.length(5);
    expect((await store.ofUser('ada', NOW)).map(({ id }) => id)).to.deep.equal(['s1']);
  });

  it('leaves a session that became another user’s meanwhile', async () => {
    await store.create(record('old'));
    const ended = await whileItWaits(() => other.update(record('old', { uid: 'bob' })));
    expect(ended).to.deep.equal([]);
    expect((await store.ofUser('bob', NOW)).map(({ id }) => id)).to.deep.equal(['old']);
  });

  it('asks once where nothing is changed meanwhile, however many tombstones there are', async () => {
    for (const id of ['a', 'b', 'c']) {
      await store.create(record(id));
      await store.retire(id, 0, tombstone(id));
    }
    await store.create(record('d'));
    watched.queries.length = 0;
    expect(await store.deleteOfUser('ada')).to.deep.equal(['d']);
    expect(watched.queries).to.have.length(1);
  });

  it('of two at once gives each session to one of them', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `s${index}`);
    await Promise.all(ids.map((id) => store.create(record(id))));
    const ended = await Promise.all([store, store, store, store].map((one) => one.deleteOfUser('ada')));
    expect(ended.flat().sort()).to.deep.equal(ids.sort());
  });

  it('gives up when there is no end of changes', async () => {
    const row = { id: 'a', is_ended: false, spared: null };
    let passes = 0;
    const query = async () => {
      passes += 1;
      return { rows: [row] };
    };
    const error = await new PostgresStore({ pool: { query } }).deleteOfUser('ada').catch((failure: unknown) => failure);
    expect(error).to.be.instanceOf(StoreUnavailable);
    expect(passes).to.be.below(100);
  });
});
