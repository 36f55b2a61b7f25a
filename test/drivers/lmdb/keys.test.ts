import { expect } from 'chai';
import { LmdbStore } from '../../../src/drivers/lmdb/index.js';
import { newPath, record } from './support.js';

const MIB = 1024 * 1024;

describe('what LmdbStore makes keys and rows of', () => {
  let store: LmdbStore;

  beforeEach(() => {
    store = new LmdbStore({ path: newPath() });
  });

  afterEach(async () => {
    await store.close();
  });

  async function idsOf(uid: string): Promise<readonly string[]> {
    return (await store.ofUser(uid, 0)).map(({ id }) => id).sort();
  }

  it('keeps users apart whose names lmdb would spell the same, or begin the same', async () => {
    const uids = [
      ...['a', 'ab', 'a\u0001', '1', '01', '1.0', '__proto__', 'constructor', 'true', 'null'],
      ...['\u0001'.repeat(40), '\u0004\u0001'.repeat(40), '\u0004\u0001'.repeat(20)],
      ...['漢'.repeat(255), '漢'.repeat(254), '\u{1f600}'.repeat(127), 'é', 'e\u0301', '\uffff', '\ufffd'],
    ];
    await Promise.all(uids.map((uid, n) => store.create(record(`of-${n}`, { uid }))));
    for (const [n, uid] of uids.entries()) expect(await idsOf(uid), JSON.stringify(uid)).to.deep.equal([`of-${n}`]);
    for (const [n, uid] of uids.entries()) expect(await store.deleteOfUser(uid)).to.deep.equal([`of-${n}`]);
  });

  it('keeps users apart whose names run into their ids the same way', async () => {
    await store.create(record('bc', { uid: 'a' }));
    await store.create(record('c', { uid: 'ab' }));
    await store.delete('bc');
    expect(await idsOf('ab')).to.deep.equal(['c']);
    expect(await idsOf('a')).to.deep.equal([]);
  });

  it('has nothing for a name that no user can have', async () => {
    await store.create(record('a', { uid: '\ufffd' }));
    await store.create(record('b', { uid: 'ann' }));
    for (const uid of ['', 'ann\0', 'ann\0b', '\ud800', 'x'.repeat(256), 'x'.repeat(100_000)]) {
      expect(await idsOf(uid)).to.deep.equal([]);
      expect(await store.deleteOfUser(uid)).to.deep.equal([]);
    }
  });

  it('has nothing for an id that none can be', async () => {
    const ids = ['', '\0', 'a\0', 'ä', 'a b', 'a\n', 'x'.repeat(65), 'x'.repeat(1_979), 'x'.repeat(100_000)];
    for (const id of ids) {
      expect(await store.load(id, 0)).to.equal(undefined);
      expect(await store.delete(id)).to.equal(false);
      expect(await store.touch(id, null, 5_000, null)).to.equal(false);
      expect(await store.update(record(id))).to.equal('gone');
      expect(await store.retire(id, 0, { id, retired: { successor: null, at: 1 }, expiresAt: 2 })).to.equal('gone');
    }
  });

  it('gives back a body and other texts with line ends and anything else in them', async () => {
    const written = record('a', { uid: 'line\nend\r\u2028"\\', body: '{\n"a":\n"\u{1f600}\\u0000\\n"\r}\n' });
    await store.create(written);
    expect(await store.load('a', 0)).to.deep.equal(written);
    expect(await store.ofUser(written.uid ?? '', 0)).to.deep.equal([written]);
  });

  it('takes a body of 10 MiB, of characters of one byte or three, and frees its room', async () => {
    for (const character of ['x', '漢']) {
      const body = `"${character.repeat((10 * MIB) / Buffer.byteLength(character))}"`;
      await store.create(record('a', { body: '1' }));
      expect(await store.update(record('a', { body }))).to.equal('ok');
      expect(await store.touch('a', null, 5_000, null)).to.equal(true);
      const found = await store.load('a', 0);
      expect(found !== undefined && 'body' in found && found.body === body).to.equal(true);
      expect(await store.delete('a')).to.equal(true);
    }
  });
});
