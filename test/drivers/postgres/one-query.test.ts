import { expect } from 'chai';
import type { PostgresStore } from '../../../src/drivers/postgres/index.js';
import { postgres } from '../../support/servers/postgres.js';
import { closePools, NOW, newStore, openPool, record, tombstone, Watched } from './support.js';

const MALFORMED = ['', 'nul\0', '\ud800', 'a'.repeat(65), "'; DROP TABLE sessions; --"];

describe('PostgresStore: queries', () => {
  let watched: Watched;
  let store: PostgresStore;

  beforeEach(async function () {
    watched = new Watched(openPool(await postgres(this)));
    store = await newStore(watched);
    await store.create(record('a'));
    await store.create(record('b'));
    await store.create(record('c', { uid: null }));
    watched.queries.length = 0;
  });

  afterEach(closePools);

  const operations: Readonly<Record<string, () => Promise<unknown>>> = {
    create: () => store.create(record('d')),
    'create of what is there': () => store.create(record('a')).catch(() => undefined),
    load: () => store.load('a', NOW),
    'load of nothing': () => store.load('x', NOW),
    update: () => store.update(record('a')),
    'update that conflicts': () => store.update(record('a', { version: 3 })),
    'update of nothing': () => store.update(record('x')),
    touch: () => store.touch('a', 'ada', NOW + 1, null),
    'touch that comes late': () => store.touch('a', 'ada', NOW - 1, null),
    'touch of nothing': () => store.touch('x', 'ada', NOW + 1, null),
    retire: () => store.retire('a', 0, tombstone('a')),
    'retire that conflicts': () => store.retire('a', 1, tombstone('a')),
    'retire of any version': () => store.retire('b', null, tombstone('b')),
    delete: () => store.delete('a'),
    ofUser: () => store.ofUser('ada', NOW),
    'ofUser of one lineage': () => store.ofUser('ada', NOW, 'a'),
    deleteOfUser: () => store.deleteOfUser('ada'),
    'deleteOfUser with tombstones': () => store.deleteOfUser('ada', 'a', { limit: 9, tombstone: tombstone('x') }),
    'deleteOfUser but for one': () => store.deleteOfUser('ada', 'a'),
    sweep: () => store.sweep(NOW + 2_000, 10),
    deleteAll: () => store.deleteAll(),
    migrate: () => store.migrate(),
  };
  for (const [name, operate] of Object.entries(operations)) {
    it(`${name} is one`, async () => {
      await operate();
      expect(watched.queries).to.have.length(1);
    });
  }

  it('are none for what can be no id and no uid', async () => {
    for (const id of MALFORMED) {
      expect(await store.load(id, NOW)).to.equal(undefined);
      expect(await store.update(record(id))).to.equal('gone');
      expect(await store.touch(id, null, NOW + 1, null)).to.equal(false);
      expect(await store.retire(id, 0, tombstone('a'))).to.equal('gone');
      expect(await store.delete(id)).to.equal(false);
    }
    for (const uid of ['', 'nul\0', '\ud800', 'a'.repeat(256)]) {
      expect(await store.ofUser(uid, NOW)).to.deep.equal([]);
      expect(await store.deleteOfUser(uid)).to.deep.equal([]);
    }
    expect(watched.queries).to.deep.equal([]);
  });

  it('hold no value in their texts (row 57)', async () => {
    for (const operate of Object.values(operations)) await operate();
    for (const { text } of watched.queries) expect(text).not.to.match(/ada|'[abcdx]'|17000/);
  });

  it('are prepared under names that differ where their texts do, and between tables', async () => {
    const other = await newStore(watched);
    await other.load('a', NOW);
    for (const operate of Object.values(operations)) await operate();
    const texts = new Map<string, string>();
    for (const { name, text } of watched.queries) {
      if (name === undefined) continue;
      expect(name.length).to.be.below(64);
      expect(texts.get(name) ?? text).to.equal(text);
      texts.set(name, text);
    }
    // All but migrate and deleteAll, and load twice.
    expect(texts.size).to.equal(12);
    expect(new Set(texts.values()).size).to.equal(12);
  });
});
