import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { byId } from './by-id.js';
import type { StoreCases } from './case.js';
import { MALFORMED_UIDS } from './malformed.js';

export const ofUserCases: StoreCases = {
  title: 'ofUser',
  cases: [
    {
      title: "gives the records of a user exactly as stored, and nobody else's",
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
      title: 'gives a record until the millisecond at which it expires',
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
      title: 'gives no tombstones',
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
      title: 'gives nothing for a user that nobody is, or can be, which is no error',
      async run(bench) {
        for (const uid of [bench.uid(), ...MALFORMED_UIDS]) {
          assert.deepEqual(await bench.first.ofUser(uid, bench.now), []);
        }
      },
    },
    {
      title: 'gives records as they are after updates and touches',
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
      title: 'never misses one of 200 sessions of a user while others come and go',
      async run(bench) {
        const [uid, other] = [bench.uid(), bench.uid()];
        const staying: string[] = [];
        const leaving: string[] = [];
        // One after the other, so that those that leave are in between.
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
