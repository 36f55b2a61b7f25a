import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { AdapterSession } from '../adapter-app.js';
import { type AdapterBench, textOf } from './bench.js';
import type { AdapterCases } from './case.js';
import { sessionOf } from './routes.js';

/** Streams a response, and changes the session between its parts. */
async function changeWithin(bench: AdapterBench, change: (session: AdapterSession) => void): Promise<string> {
  const site = await bench.open({
    routes: {
      '/stream': (call) => {
        const session = sessionOf(call);
        async function* parts(): AsyncIterable<string> {
          yield 'a';
          await new Promise((resolve) => setImmediate(resolve));
          change(session);
          yield 'b';
        }
        return { stream: Readable.from(parts(), { objectMode: false }) };
      },
    },
  });
  const sid = await bench.issue({ count: 1 }, 'u1');
  assert.equal(textOf(await site.ask('/stream', { headers: { cookie: `sid=${sid}` } })), 'ab');
  return sid;
}

/** Resolves when the storage emits the event. */
function eventOf({ storage }: AdapterBench, name: 'saved' | 'lost-write' | 'ended'): Promise<unknown> {
  return new Promise((resolve) => storage.events.on(name, resolve));
}

export const lateCases: AdapterCases = {
  title: 'a change after the head of the response',
  cases: [
    {
      title: 'is saved in a store when the response is over',
      kind: 'store',
      async run(bench) {
        let saved: Promise<unknown> | undefined;
        const sid = await changeWithin(bench, (session) => {
          saved = eventOf(bench, 'saved');
          session.sessionData.count = 2;
        });
        await saved;
        assert.equal((await bench.storage.get(sid)).sessionData.count, 2);
      },
    },
    {
      title: 'is reported as lost if it needs a new token',
      kind: 'tokens',
      async run(bench) {
        const lost = eventOf(bench, 'lost-write');
        const sid = await changeWithin(bench, (session) => {
          session.sessionData.count = 2;
        });
        await lost;
        assert.equal((await bench.storage.get(sid)).sessionData.count, 1);
      },
    },
    {
      title: 'that needs a new sid throws ERR_SESSION_HEAD_SENT',
      async run(bench) {
        const codes: unknown[] = [];
        const sid = await changeWithin(bench, (session) => {
          for (const change of [() => session.setUser('u2'), () => session.rotate()]) {
            try {
              change();
            } catch (error) {
              codes.push(Reflect.get(Object(error), 'code'));
            }
          }
        });
        assert.deepEqual(codes, ['ERR_SESSION_HEAD_SENT', 'ERR_SESSION_HEAD_SENT']);
        assert.equal(await bench.uidOf(sid), 'u1');
      },
    },
    {
      title: 'that ends the session is carried out',
      async run(bench) {
        const ended = eventOf(bench, 'ended');
        const sid = await changeWithin(bench, (session) => void session.revoke());
        await ended;
        await assert.rejects(bench.uidOf(sid), { code: 'ERR_SESSION_NOT_FOUND' });
      },
    },
  ],
};
