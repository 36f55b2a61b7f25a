import assert from 'node:assert/strict';
import { uniqueName } from './bench.js';
import type { CaseSizes, StoreCases } from './case.js';
import { inParallel } from './in-parallel.js';

const SPOTS = 50;

export function sizeCases({ records, body, timeout }: CaseSizes): StoreCases {
  return {
    title: 'size',
    cases: [
      {
        title: `a user may have ${records} sessions, each is found, and all are ended at once`,
        timeout,
        async run(bench) {
          const uid = bench.uid();
          const prefix = uniqueName();
          const every = Array.from({ length: records }, (_, index) => `${prefix}-${index}`);
          const recordOf = (id: string): ReturnType<typeof bench.record> =>
            bench.record({ id, uid, body: JSON.stringify({ id }) });
          await inParallel(every, (id) => bench.first.create(recordOf(id)));
          const spots = every.filter((_, index) => index % Math.ceil(records / SPOTS) === 0);
          for (const id of spots) assert.deepEqual(await bench.second.load(id, bench.now), recordOf(id));

          const ended = await bench.first.deleteOfUser(uid);
          assert.equal(ended.length, records);
          assert.equal(new Set(ended).size, records);
          const known = new Set(every);
          assert.ok(ended.every((id) => known.has(id)));
          for (const id of spots) assert.equal(await bench.second.load(id, bench.now), undefined);
        },
      },
      {
        title: `a body may have ${body} bytes`,
        timeout,
        async run(bench) {
          const uid = bench.uid();
          const long = JSON.stringify({ long: 'x\u20ac'.repeat(Math.ceil(body / 4)) });
          const record = await bench.stored({ uid, body: long });
          const [loaded] = await bench.second.ofUser(uid, bench.now);
          assert.ok(loaded?.body === long);
          const longer = `${long} `;
          assert.equal(await bench.first.update({ ...record, body: longer }), 'ok');
          const updated = await bench.second.load(record.id, bench.now);
          assert.ok(updated !== undefined && 'body' in updated && updated.body === longer);
        },
      },
    ],
  };
}
