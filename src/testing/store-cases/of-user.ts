import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { byId } from './by-id.js';
import type { StoreCases } from './case.js';
import { Chance } from './chance.js';
import { MALFORMED_IDS, MALFORMED_UIDS } from './malformed.js';
import { rotate } from './rotate.js';

export const ofUserCases: StoreCases = {
  title: 'ofUser',
  cases: [
    {
      title: 'returns the records of a user exactly as stored, and no others',
      async run(bench) {
        const [one, other] = [bench.uid(), bench.uid()];
        const own = [await bench.stored({ uid: one }), await bench.stored({ uid: one, expiresAt: null, body: '[1]' })];
        await bench.stored({ uid: other });
        await bench.stored();
        for (const client of [bench.first, bench.second]) {
          assert.deepEqual(byId(await client.ofUser(one, bench.now)), byId(own));
        }
      },
    },
    {
      title: 'returns a record until the millisecond at which it expires',
      async run(bench) {
        const uid = bench.uid();
        const expiresAt = bench.now + 50_000_000;
        const record = await bench.stored({ uid, expiresAt });
        const later = await bench.stored({ uid, expiresAt: expiresAt + 1 });
        const never = await bench.stored({ uid, expiresAt: null });
        const at = async (now: number): Promise<unknown> => byId(await bench.first.ofUser(uid, now));
        assert.deepEqual(await at(0), byId([record, later, never]));
        assert.deepEqual(await at(expiresAt - 1), byId([record, later, never]));
        assert.deepEqual(await at(expiresAt), byId([later, never]));
        assert.deepEqual(await at(expiresAt + 1), [never]);
      },
    },
    {
      title: 'returns no tombstones',
      async run(bench) {
        const uid = bench.uid();
        await bench.retired(uid);
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
        const left = await bench.stored({ uid });
        await bench.retired(uid);
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), [left]);
      },
    },
    {
      title: 'returns an empty list for a uid that is unknown or malformed',
      async run(bench) {
        for (const uid of [bench.uid(), ...MALFORMED_UIDS]) {
          assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
        }
      },
    },
    {
      title: 'returns records as updates and touches left them',
      async run(bench) {
        const uid = bench.uid();
        const record = await bench.stored({ uid });
        await bench.first.update({ ...record, body: '{"x":1}' });
        await bench.first.touch(record.id, uid, bench.now, null);
        const changed = { ...record, version: 1, body: '{"x":1}', lastAccess: bench.now, expiresAt: null };
        assert.deepEqual(await bench.first.ofUser(uid, bench.now), [changed]);
      },
    },
    {
      title: 'returns only the records of the lineage that is named',
      async run(bench) {
        const [uid, other] = [bench.uid(), bench.uid()];
        const lineage = bench.id();
        const expiresAt = bench.now + 50_000_000;
        const related = [
          await bench.stored({ uid, lineage }),
          await bench.stored({ uid, lineage, expiresAt }),
          await bench.stored({ uid, lineage, expiresAt: null, body: '[1]' }),
        ];
        const own = await bench.stored({ uid });
        const strange = await bench.stored({ uid: other, lineage });
        const named = async (of: string, now = bench.now): Promise<unknown> => {
          return byId(await bench.second.ofUser(uid, now, of));
        };
        assert.deepEqual(await named(lineage), byId(related));
        assert.deepEqual(
          await named(lineage, expiresAt),
          byId(related.filter((record) => record.expiresAt !== expiresAt)),
        );
        assert.deepEqual(await named(own.id), [own]);
        assert.deepEqual(await bench.first.ofUser(other, bench.now, lineage), [strange]);
        for (const unknown of [bench.id(), related[0]?.id ?? '', ...MALFORMED_IDS]) {
          assert.deepEqual(await named(unknown), []);
        }
      },
    },
    {
      title: 'returns records by their current lineage, and none that ended',
      async run(bench) {
        const uid = bench.uid();
        const lineage = bench.id();
        const [one, two] = [await bench.stored({ uid, lineage }), await bench.stored({ uid, lineage })];
        assert.equal(await bench.first.update({ ...one, lineage: one.id }), 'ok');
        assert.deepEqual(await bench.first.ofUser(uid, bench.now, lineage), [two]);
        assert.deepEqual(await bench.first.ofUser(uid, bench.now, one.id), [{ ...one, lineage: one.id, version: 1 }]);
        await bench.first.retire(two.id, 0, bench.tombstone(two.id));
        assert.deepEqual(await bench.first.ofUser(uid, bench.now, lineage), []);
        await bench.first.update({ ...one, version: 1, uid: null });
        assert.deepEqual(await bench.first.ofUser(uid, bench.now, lineage), []);
      },
    },
    {
      title: 'returns a session that is being rotated under its old or its new id',
      async run(bench) {
        const chance = new Chance();
        const uid = bench.uid();
        const others = [await bench.stored({ uid }), await bench.stored({ uid })];
        let record = await bench.stored({ uid });
        const { lineage } = record;
        let isOver = false;
        const rotateOften = async (): Promise<void> => {
          for (let turn = 0; turn < 30; turn += 1) {
            record = { ...record, id: await rotate(bench, bench.first, record, chance) };
          }
          isOver = true;
        };
        const look = async (of: string | undefined): Promise<void> => {
          while (!isOver) {
            const found = (await bench.second.ofUser(uid, bench.now, of)).map((one) => one.lineage);
            assert.ok(found.includes(lineage));
            for (const other of others) assert.equal(found.includes(other.lineage), of === undefined);
            await nextTurn();
          }
        };
        await Promise.all([rotateOften(), look(undefined), look(lineage)]);
      },
    },
    {
      title: 'returns all of 200 sessions of a user while other sessions come and go',
      async run(bench) {
        const [uid, other] = [bench.uid(), bench.uid()];
        const staying: string[] = [];
        const leaving: string[] = [];
        // One after the other, so that the sessions that end lie between them.
        for (let count = 0; count < 200; count += 1) {
          staying.push((await bench.stored({ uid })).id);
          if (count % 4 === 0) leaving.push((await bench.stored({ uid })).id);
        }
        let isOver = false;
        const comeAndGo = async (owner: string): Promise<void> => {
          while (!isOver) {
            const record = await bench.stored({ uid: owner });
            await bench.second.update({ ...record, uid: owner === uid ? other : uid });
            await bench.first.delete(record.id);
            const leaver = leaving.shift();
            if (leaver !== undefined) await bench.first.delete(leaver);
            await nextTurn();
          }
        };
        const watch = async (): Promise<void> => {
          for (let look = 0; look < 20; look += 1) {
            const found = new Set((await bench.second.ofUser(uid, bench.now)).map(({ id }) => id));
            assert.deepEqual(
              staying.filter((id) => !found.has(id)),
              [],
            );
          }
        };
        const looking = watch().finally(() => {
          isOver = true;
        });
        await Promise.all([looking, ...[uid, other, uid, other].map(comeAndGo)]);
      },
    },
  ],
};
