import assert from 'node:assert/strict';
import { KEEP } from './bench.js';
import type { BusCases } from './case.js';
import { ODD_TEXTS, SIMILAR_ENDS } from './odd-texts.js';

export const publishCases: BusCases = {
  title: 'publish',
  cases: [
    {
      title: "reaches every connection that listens to the topic, this process's own included",
      async run(bench) {
        const topic = bench.name();
        const ears = [bench.first, bench.first, bench.second].map((bus) => bench.ear(bus, topic));
        const position = await Promise.all(ears).then(() => bench.first.publish(topic, 'hello', KEEP));
        for (const ear of await Promise.all(ears)) {
          await ear.heard('hello');
          assert.deepEqual(ear.messages, [{ topic, position, body: 'hello' }]);
        }
      },
    },
    {
      title: 'does not reach a connection that listens to other topics, however similar',
      async run(bench) {
        const start = bench.name();
        const topics = SIMILAR_ENDS.map((end) => start + end);
        const ears = await Promise.all(topics.map((topic) => bench.ear(bench.second, topic)));
        for (const topic of topics) await bench.first.publish(topic, topic, KEEP);
        for (const [at, ear] of ears.entries()) {
          await bench.settled(ear);
          assert.deepEqual(ear.bodies, [topics[at]]);
        }
      },
    },
    {
      title: 'keeps the order of publication in each topic, also when several processes publish at the same time',
      async run(bench) {
        const topic = bench.name();
        const ears = [await bench.ear(bench.first, topic), await bench.ear(bench.second, topic)];
        const before = await bench.first.position();
        const bodies = Array.from({ length: 60 }, (_, index) => String(index));
        await Promise.all(bodies.map((body, at) => (at % 2 ? bench.first : bench.second).publish(topic, body, KEEP)));
        const { messages, isComplete } = await bench.first.history([topic], before);
        assert.deepEqual(messages.map(({ body }) => body).sort(), [...bodies].sort());
        assert.equal(isComplete, true);
        for (const ear of ears) {
          await bench.settled(ear);
          assert.deepEqual(ear.messages, messages);
        }
      },
    },
    {
      title: 'returns a position of 1 to 64 characters of A-Z a-z 0-9 . _ -, which no other message has',
      async run(bench) {
        const positions = [
          ...(await bench.publish(bench.name(), ['a', 'b', 'c'])),
          await bench.second.publish(bench.name(), 'd', KEEP),
        ];
        for (const position of positions) assert.match(position, /^[A-Za-z0-9._-]{1,64}$/);
        assert.equal(new Set(positions).size, positions.length);
      },
    },
    {
      title: 'delivers and keeps any well-formed string, character by character',
      async run(bench) {
        const topic = bench.name();
        const ear = await bench.ear(bench.second, topic);
        const before = await bench.first.position();
        await bench.publish(topic, ODD_TEXTS);
        await bench.settled(ear);
        assert.deepEqual(ear.bodies, ODD_TEXTS);
        const { messages } = await bench.second.history([topic], before);
        assert.deepEqual(messages, ear.messages);
      },
    },
    {
      title: 'takes topics of 1 to 320 characters',
      async run(bench) {
        const topics = ['*', '\u{1f600}'.repeat(160), bench.name().padEnd(320, 'x')];
        const ear = await bench.ear(bench.second, ...topics);
        for (const topic of topics) await bench.first.publish(topic, topic, KEEP);
        await bench.settled(ear);
        assert.deepEqual(ear.bodies, topics);
        assert.deepEqual(
          ear.messages.map(({ topic }) => topic),
          topics,
        );
      },
    },
    {
      title: 'also delivers what is not kept',
      async run(bench) {
        const topic = bench.name();
        const ear = await bench.ear(bench.second, topic);
        await bench.publish(topic, ['a', 'b', 'c'], { limit: 0, life: 1 });
        await bench.settled(ear);
        assert.deepEqual(ear.bodies, ['a', 'b', 'c']);
      },
    },
  ],
};
