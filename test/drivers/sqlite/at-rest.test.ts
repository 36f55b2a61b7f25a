import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { ServerSessionStorage } from '../../../src/index.js';
import { openStore, record } from './support.js';

describe('The files of a SqliteStore', () => {
  it('hold no sid, the log of writes included, and the data as JSON that an operator can read (row 4)', async () => {
    const { path, store, database } = await openStore();
    const storage = new ServerSessionStorage({ store, sweepInterval: null });
    const session = await storage.create({ cart: ['apples'] });
    const sids = [session.forClient()];
    await session.setUser('u1').save();
    sids.push(session.forClient());
    await session.rotate().save();
    sids.push(session.forClient());
    const files = readdirSync(dirname(path)).filter((file) => file.startsWith(basename(path)));
    expect(files).to.have.lengthOf(3);
    const bytes = files.map((file) => readFileSync(join(dirname(path), file), 'latin1')).join();
    expect(bytes).to.include('apples').and.include(session.id);
    for (const sid of sids) expect(bytes).to.not.include(sid);
    const rows = database
      .prepare(`SELECT body ->> '$.sessionData.cart[0]' AS fruit FROM sessions WHERE uid = 'u1'`)
      .all();
    expect(rows).to.have.nested.property('0.fruit', 'apples');
    await storage.close();
    database.close();
  });
});

describe('SqliteStore under many operations at once', () => {
  it('lets the event loop turn between batches of a list, an end and a sweep', async () => {
    const { store, database } = await openStore();
    const count = 1_000;
    database.exec('BEGIN');
    const insert = database.prepare(
      `INSERT INTO sessions (id, lineage, version, uid, created, last_access, last_update, expires_at, due_at, body)
       VALUES (?, ?, 0, 'ann', 1, 1, 1, 2, 2, '{}')`,
    );
    for (let n = 0; n < count; n += 1) insert.all(`s${n}`, `s${n}`);
    database.exec('COMMIT');
    for (const [work, size] of [
      [() => store.ofUser('ann', 0), count],
      [() => store.deleteOfUser('ann', 's5', { limit: 500 }), 500],
      [() => store.sweep(5, 400), 400],
    ] as const) {
      let isOver = false;
      let turns = 0;
      const working = work().finally(() => {
        isOver = true;
      });
      while (!isOver) {
        turns += 1;
        await nextTurn();
      }
      expect(await working).to.have.lengthOf(size);
      expect(turns).to.be.at.least(size / 100);
    }
    database.close();
  });

  it('divides what one turn asks for among turns', async () => {
    const { store, database } = await openStore();
    let isOver = false;
    let turns = 0;
    const working = Promise.all(Array.from({ length: 2_000 }, (_, n) => store.create(record(`s${n}`)))).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      turns += 1;
      await nextTurn();
    }
    await working;
    expect(turns).to.be.above(3);
    expect(await store.ofUser('ann', 0)).to.have.lengthOf(2_000);
    database.close();
  });

  it('misses no session that is rotated while a list is read page by page', async () => {
    const { store, database } = await openStore();
    const ids = Array.from({ length: 450 }, (_, n) => `s${String(n).padStart(3, '0')}`);
    for (const id of ids) await store.create(record(id, { lineage: id, expiresAt: null }));
    let isOver = false;
    const listing = store.ofUser('ann', 0).finally(() => {
      isOver = true;
    });
    // From the end to the beginning, to ids that sort before those of the page that was read last.
    for (const [at, id] of ids.toReversed().entries()) {
      if (isOver) break;
      await store.create(record(`a${at}`, { lineage: id, expiresAt: null }));
      await store.retire(id, 0, { id, retired: { successor: `a${at}`, at: 1 }, expiresAt: 5_000 });
      if (at % 20 === 0) await nextTurn();
    }
    expect(new Set((await listing).map(({ lineage }) => lineage))).to.deep.equal(new Set(ids));
    database.close();
  });
});
