import assert from 'node:assert/strict';
import { SessionAlreadyExists } from '../../errors.js';
import { type CaseBench, uniqueName } from './bench.js';
import { byId } from './by-id.js';
import type { StoreCases } from './case.js';

/** Property names of every JavaScript object, and an id of one character. */
const FIXED_IDS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '-', '_'];

const ODD_UIDS: readonly ((unique: string) => string)[] = [
  (unique) => `${unique}|${unique}`,
  (unique) => `${unique}:{${unique}}`,
  (unique) => `${unique}\nline\r\n\t`,
  (unique) => `'"\`\\;--${unique}`,
  (unique) => `{"$ne":"${unique}"}`,
  (unique) => `../${unique}/..`,
  (unique) => ` ${unique} `,
  (unique) => `\u{1f468}\u200d\u{1f469}\u200d\u{1f467}${unique}\u202e\ufeff`,
  (unique) => `\u0001\u007f\u0085\ufffd\uffff${unique}`,
  (unique) => `__proto__${unique}`,
  (unique) => unique.padEnd(255, 'x'),
  (unique) => unique.padEnd(255, '\u20ac'),
  (unique) => unique.padEnd(255, '\u{1f600}'),
];

/** Uids with characters that are special in patterns, collations or prefixes. */
const SIMILAR_UIDS: readonly ((unique: string) => string)[] = [
  (unique) => unique,
  (unique) => `${unique} `,
  (unique) => `${unique}*`,
  (unique) => `${unique}?`,
  (unique) => `${unique}%`,
  (unique) => `${unique}_`,
  (unique) => `${unique}[a-z]`,
  (unique) => `${unique}a`,
  (unique) => `${unique}A`,
  (unique) => `${unique}\u00e9`,
  (unique) => `${unique}e\u0301`,
  (unique) => `${unique}:`,
  (unique) => `${unique}|`,
  (unique) => `${unique}\\`,
];

export const nameCases: StoreCases = {
  title: 'ids and uids',
  cases: [
    {
      title: 'ids and lineages may have 1 to 64 characters of A-Z a-z 0-9 _ -',
      async run(bench) {
        const unique = uniqueName();
        const ids = [unique.padEnd(64, '-'), unique.padEnd(64, '_'), unique.padEnd(64, 'Az09-_'), unique.slice(0, 22)];
        const records = ids.map((id) => bench.record({ id: bench.own(id), lineage: '-'.repeat(64), uid: bench.uid() }));
        for (const record of records) {
          await bench.first.create(record);
          assert.deepEqual(await bench.first.load(record.id, bench.now), record);
          assert.deepEqual(await bench.first.ofUser(record.uid ?? '', bench.now), [record]);
        }
        for (const record of records) assert.deepEqual(await bench.first.load(record.id, bench.now), record);
      },
    },
    {
      title: 'ids that differ only in case, or only in their last character, are different',
      async run(bench) {
        const unique = uniqueName();
        const ids = ['a', 'A', '_', '-', 'aa', 'a_', ''].map((end) => bench.own(`${unique}${end}`));
        const records = ids.map((id) => bench.record({ id, body: JSON.stringify(id) }));
        for (const record of records) await bench.first.create(record);
        for (const record of records) assert.deepEqual(await bench.first.load(record.id, bench.now), record);
        assert.equal(await bench.first.delete(ids[0] ?? ''), true);
        for (const record of records.slice(1)) assert.deepEqual(await bench.first.load(record.id, bench.now), record);
      },
    },
    {
      title: 'ids may be property names of objects',
      async run(bench) {
        for (const id of FIXED_IDS) {
          const record = bench.record({ id, uid: bench.uid(), lineage: id });
          if (!(await isCreated(bench, record.id, () => bench.first.create(record)))) continue;
          bench.own(id);
          assert.deepEqual(await bench.first.load(id, bench.now), record);
          assert.equal(await bench.first.update(record), 'ok');
          assert.deepEqual(await bench.first.ofUser(record.uid ?? '', bench.now), [{ ...record, version: 1 }]);
          assert.equal(await bench.first.delete(id), true);
          assert.equal(await bench.first.touch(id, record.uid, bench.now, null), false);
        }
      },
    },
    {
      title: 'uids may be any well-formed text of up to 255 UTF-16 units without U+0000',
      async run(bench) {
        for (const odd of ODD_UIDS) {
          const uid = odd(uniqueName()).slice(0, 255).toWellFormed();
          const record = await bench.stored({ uid });
          assert.deepEqual(await bench.second.load(record.id, bench.now), record);
          assert.equal(await bench.first.touch(record.id, uid, bench.now, record.expiresAt), true);
          assert.deepEqual(await bench.first.ofUser(uid, bench.now), [{ ...record, lastAccess: bench.now }]);
          assert.deepEqual(await bench.first.deleteOfUser(uid), [record.id]);
        }
      },
    },
    {
      title: 'uids may be property names of objects',
      async run(bench) {
        for (const uid of ['__proto__', 'constructor', 'toString', '0', ' ', '*', '%', '\u{1f600}']) {
          const [one, other] = [await bench.stored({ uid }), await bench.stored({ uid })];
          const own = async (): Promise<unknown> => {
            const found = await bench.first.ofUser(uid, bench.now);
            return byId(found.filter(({ id }) => id === one.id || id === other.id));
          };
          assert.deepEqual(await own(), byId([one, other]));
          await bench.first.delete(one.id);
          assert.deepEqual(await own(), [other]);
          await bench.first.update({ ...other, uid: null });
          assert.deepEqual(await own(), []);
        }
      },
    },
    {
      title: 'users with similar uids are kept apart',
      async run(bench) {
        const unique = bench.uid();
        const records = new Map<string, string>();
        for (const similar of SIMILAR_UIDS) {
          const uid = similar(unique);
          records.set(uid, (await bench.stored({ uid })).id);
        }
        for (const [uid, id] of records) {
          assert.deepEqual(
            (await bench.first.ofUser(uid, bench.now)).map((record) => record.id),
            [id],
          );
        }
        for (const [uid, id] of records) assert.deepEqual(await bench.first.deleteOfUser(uid), [id]);
      },
    },
  ],
};

/** Returns false when the id is taken, by another run of the suite or by others. */
async function isCreated(bench: CaseBench, id: string, create: () => Promise<void>): Promise<boolean> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    try {
      await create();
      return true;
    } catch (error) {
      assert.ok(error instanceof SessionAlreadyExists);
      const there = await bench.first.load(id, 0);
      if (there !== undefined) assert.equal(there.id, id);
    }
  }
  return false;
}
