import assert from 'node:assert/strict';
import type { StoreCases } from './case.js';
import { inParallel } from './in-parallel.js';

const CLIENTS = 25;

export const churnCases: StoreCases = {
  title: 'while other clients open and close',
  cases: [
    {
      title: 'no acknowledged write is lost',
      async run(bench) {
        const { first, second, now } = bench;
        const [uid, guest] = [bench.uid(), bench.uid()];
        const counter = await bench.stored({ uid, body: '0' });
        const created: string[] = [];
        const left: string[] = [];
        let version = 0;
        let isOver = false;
        const write = async (): Promise<void> => {
          while (!isOver) {
            assert.equal(await first.update({ ...counter, version, body: String(version + 1) }), 'ok');
            version += 1;
            if (version % 5 === 0) created.push((await bench.stored({ uid })).id);
          }
        };
        const comeAndGo = async (): Promise<void> => {
          for (let count = 0; count < CLIENTS; count += 1) {
            const client = await bench.open();
            const record = bench.record({ uid: guest });
            await client.create(record);
            left.push(record.id);
            await client.close();
          }
        };
        const coming = comeAndGo().finally(() => {
          isOver = true;
        });
        await Promise.all([write(), coming]);

        for (const client of [first, second]) {
          assert.deepEqual(await client.load(counter.id, now), { ...counter, version, body: String(version) });
          const loaded = await inParallel(created, (id) => client.load(id, now));
          assert.deepEqual(idsOf(loaded), created);
          assert.deepEqual(idsOf(await client.ofUser(uid, now)).sort(), [counter.id, ...created].sort());
          // A store of reach 'process' loses its sessions when it is closed.
          if (first.reach === 'process') continue;
          assert.deepEqual(idsOf(await client.ofUser(guest, now)).sort(), [...left].sort());
        }
      },
    },
  ],
};

function idsOf(entries: readonly ({ readonly id: string } | undefined)[]): (string | undefined)[] {
  return entries.map((entry) => entry?.id);
}
