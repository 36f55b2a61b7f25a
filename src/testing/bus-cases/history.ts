import assert from 'node:assert/strict';
import type { BusHistory } from '../../ports/bus.js';
import { HOUR, KEEP } from './bench.js';
import type { BusCases } from './case.js';

const UNKNOWN = [
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  'x'.repeat(64),
  'x'.repeat(10_000),
  '*',
  '..',
  '\u0000',
  "'--",
  '\u{1f600}',
];

function bodiesOf({ messages }: BusHistory): string[] {
  return messages.map(({ body }) => body);
}

export const historyCases: BusCases = {
  title: 'history',
  cases: [
    {
      title: 'returns the messages after a position, in their order, with their topics and positions',
      async run(bench) {
        const topic = bench.name();
        const before = await bench.second.position();
        const bodies = ['a', 'b', 'c'];
        const positions = await bench.publish(topic, bodies);
        const all = bodies.map((body, at) => ({ topic, position: positions[at], body }));
        for (const [at, after] of [before, ...positions].entries()) {
          assert.deepEqual(await bench.second.history([topic], after), { messages: all.slice(at), isComplete: true });
        }
      },
    },
    {
      title: 'covers several topics in the order of publication, and no others',
      async run(bench) {
        const [one, other, third] = [bench.name(), bench.name(), bench.name()];
        const before = await bench.first.position();
        for (const [topic, body] of [
          [one, '1'],
          [other, '2'],
          [third, '3'],
          [one, '4'],
          [other, '5'],
        ] as const) {
          await bench.first.publish(topic, body, KEEP);
        }
        assert.deepEqual(bodiesOf(await bench.second.history([other, one, bench.name()], before)), [
          '1',
          '2',
          '4',
          '5',
        ]);
        assert.deepEqual(bodiesOf(await bench.second.history([], before)), []);
      },
    },
    {
      title: 'after the position now has only what is published later',
      async run(bench) {
        const topic = bench.name();
        await bench.publish(topic, ['earlier']);
        const now = await bench.second.position();
        assert.match(now, /^[A-Za-z0-9._-]{1,64}$/);
        assert.deepEqual(await bench.first.history([topic], now), { messages: [], isComplete: true });
        await bench.publish(topic, ['later']);
        const history = await bench.first.history([topic], now);
        assert.deepEqual([bodiesOf(history), history.isComplete], [['later'], true]);
      },
    },
    {
      title: 'has the last `limit` messages, and is incomplete when an older one is gone',
      async run(bench) {
        const topic = bench.name();
        const before = await bench.first.position();
        const [first = '', second = ''] = await bench.publish(topic, ['a', 'b', 'c', 'd'], { limit: 2, life: HOUR });
        for (const [after, isComplete] of [
          [before, false],
          [first, false],
          [second, true],
        ] as const) {
          const history = await bench.second.history([topic], after);
          assert.deepEqual([bodiesOf(history), history.isComplete], [['c', 'd'], isComplete]);
        }
      },
    },
    {
      title: 'has no message that was published with limit 0, and is incomplete before it',
      async run(bench) {
        const topic = bench.name();
        const before = await bench.first.position();
        const [last = ''] = await bench.publish(topic, ['a'], { limit: 0, life: HOUR });
        assert.deepEqual(await bench.second.history([topic], before), { messages: [], isComplete: false });
        assert.deepEqual(await bench.second.history([topic], last), { messages: [], isComplete: true });
      },
    },
    {
      title: 'is incomplete after a position that is malformed or unknown',
      async run(bench) {
        const topic = bench.name();
        const [position = ''] = await bench.publish(topic, ['a']);
        const foreign = position.replace(/[A-Za-z0-9]/, (first) => (first === 'x' ? 'y' : 'x'));
        for (const after of [...UNKNOWN, foreign]) {
          assert.equal((await bench.first.history([topic], after)).isComplete, false);
        }
      },
    },
    {
      title: 'is incomplete when messages became too old, also when the topic has new ones',
      async run(bench) {
        const topic = bench.name();
        const before = await bench.first.position();
        await bench.publish(topic, ['old'], { limit: 10, life: 1 });
        await bench.outlived(bench.first);
        assert.deepEqual(await bench.first.history([topic], before), { messages: [], isComplete: false });
        const [position = ''] = await bench.publish(topic, ['new']);
        const history = await bench.second.history([topic], before);
        assert.deepEqual([bodiesOf(history), history.isComplete], [['new'], false]);
        assert.deepEqual(await bench.second.history([topic], position), { messages: [], isComplete: true });
      },
    },
  ],
};
