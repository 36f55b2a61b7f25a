import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { RevocationList } from '../../storage/revocation/revocation-list.js';
import { SessionStorage } from '../../storage/token/session-storage.js';
import type { AdapterData, AdapterUser } from '../adapter-app.js';
import { type AdapterBench, GRACE, jsonOf } from './bench.js';
import type { AdapterCase, AdapterCases } from './case.js';
import { cookiesOf } from './client.js';
import { type Routes, sessionOf } from './routes.js';
import { unansweredLog } from './unanswered-log.js';

const failing = (fail: () => never | Promise<never>): Routes => ({
  '/fail': (call) => {
    sessionOf(call).setUser('u1');
    return fail();
  },
});

/** Fails in the middle of a response, after its head. */
async function* failingText(): AsyncIterable<string> {
  yield 'the first part';
  await new Promise((resolve) => setImmediate(resolve));
  throw new RangeError('a bug');
}

const WRITES = ['create', 'update', 'touch', 'retire', 'delete', 'deleteOfUser'] as const;

function failWrites({ store }: AdapterBench): void {
  for (const operation of WRITES) store.fail(operation);
}

function failedCommit(what: string, path: string): AdapterCase {
  return {
    title: `${what} that cannot be stored is a 503 of the error handler, and the session stays as it was`,
    kind: 'store',
    async run(bench) {
      const site = await bench.open();
      const headers = { cookie: `sid=${await bench.issue({}, 'u0')}` };
      failWrites(bench);
      const response = await site.ask(path, { headers });
      assert.deepEqual([response.status, jsonOf(response, 'code')], [503, 'ERR_SESSION_STORE_UNAVAILABLE']);
      assert.deepEqual([cookiesOf(response), site.errors.length], [[], 1]);
      bench.store.heal();
      assert.equal(await site.whoIs(headers), 'u0');
    },
  };
}

export const errorCases: AdapterCases = {
  title: 'errors',
  cases: [
    {
      title: 'a route that throws keeps its sign-in, beside the answer of the error handler',
      async run(bench) {
        const fail = () => {
          throw new RangeError('a bug');
        };
        await keepsSignIn(bench, fail);
      },
    },
    {
      title: 'a route that rejects keeps its sign-in, beside the answer of the error handler',
      run: (bench) => keepsSignIn(bench, () => Promise.reject(new RangeError('a bug'))),
    },
    {
      title: 'a route that throws after a sign-out clears the cookie, and ends the session',
      async run(bench) {
        const site = await bench.open({
          routes: {
            '/fail': (call) => {
              sessionOf(call).revoke();
              throw new RangeError('a bug');
            },
          },
        });
        const headers = { cookie: `sid=${await bench.issue({}, 'u1')}` };
        const response = await site.ask('/fail', { headers });
        assert.deepEqual([response.status, cookiesOf(response)[0]?.value], [500, '']);
        assert.equal(await site.whoIs(headers), null);
      },
    },
    {
      title: 'an error after the head leaves the session as it was, and other requests go on',
      async run(bench) {
        const site = await bench.open({
          routes: {
            '/fail': (call) => ({
              stream: Readable.from(failingText()),
              headers: { 'X-Uid': String(call.session()?.uid) },
            }),
          },
        });
        const headers = { cookie: `sid=${await bench.issue({}, 'u1')}` };
        // Servers differ in whether the client notices.
        await site.ask('/fail', { headers }).catch(() => undefined);
        assert.equal(await site.whoIs(headers), 'u1');
      },
    },
    {
      title: 'data that JSON cannot carry goes to the error handler, and the old session lives on',
      async run(bench) {
        const site = await bench.open({
          routes: {
            '/wrong': (call) => {
              sessionOf(call).setUser('u9').sessionData.count = Number.NaN;
              return { json: {} };
            },
          },
        });
        const headers = { cookie: `sid=${await bench.issue({ count: 7 })}` };
        const response = await site.ask('/wrong', { headers });
        assert.deepEqual([response.status, jsonOf(response, 'code')], [500, 'ERR_SESSION_DATA_INVALID']);
        assert.deepEqual([cookiesOf(response), site.errors.length], [[], 1]);
        bench.clock.advance(GRACE);
        assert.equal(jsonOf(await site.ask('/look', { headers }), 'count'), 7);
      },
    },
    {
      title: 'revocations that cannot be read are a 503, and requests without a sid pass',
      kind: 'tokens',
      async run(bench) {
        const { clock } = bench;
        const revocations = new RevocationList({ log: unansweredLog(), clock });
        const jwtSecret = 'a secret of sixty-four bytes, which is as long as the hash wants';
        const storage = new SessionStorage<AdapterData, AdapterUser>({ jwtSecret, revocations, clock });
        const site = await bench.open({ sessionStorage: storage, header: true });
        const sid = storage.create().setUser('u1').forClient();
        for (const headers of [{ cookie: `sid=${sid}` }, { 'X-Session-Id': sid }]) {
          const response = await site.ask('/look', { headers });
          assert.deepEqual([response.status, jsonOf(response, 'code')], [503, 'ERR_SESSION_REVOCATIONS_STALE']);
        }
        assert.equal(await site.whoIs({}), null);
        await revocations.close();
      },
    },
    {
      title: 'a store that cannot be read is a 503, and the route does not run',
      kind: 'store',
      async run(bench) {
        let runs = 0;
        const site = await bench.open({
          routes: {
            '/look': () => {
              runs += 1;
              return { json: {} };
            },
          },
        });
        const headers = { cookie: `sid=${await bench.issue({}, 'u1')}` };
        bench.store.fail('load');
        const response = await site.ask('/look', { headers });
        assert.deepEqual([response.status, jsonOf(response, 'code')], [503, 'ERR_SESSION_STORE_UNAVAILABLE']);
        assert.equal(runs, 0);
        bench.store.heal();
        assert.equal((await site.ask('/look', { headers })).status, 200);
      },
    },
    failedCommit('a sign-in', '/sign-in?user=u1'),
    failedCommit('a sign-out', '/sign-out'),
    {
      title: 'a junk sid is no session, and never an error',
      async run(bench) {
        const site = await bench.open({ header: true });
        for (const junk of ['""', '.', 'a.b.c', '%00', '__proto__', 'x'.repeat(2000)]) {
          for (const headers of [{ cookie: `sid=${junk}` }, { 'X-Session-Id': junk }]) {
            const response = await site.ask('/look', { headers });
            assert.deepEqual([response.status, jsonOf(response, 'uid'), cookiesOf(response)], [200, null, []], junk);
          }
        }
        assert.deepEqual(site.errors, []);
      },
    },
  ],
};

async function keepsSignIn(bench: AdapterBench, fail: () => never | Promise<never>): Promise<void> {
  const site = await bench.open({ routes: failing(fail) });
  const response = await site.ask('/fail');
  assert.deepEqual([response.status, jsonOf(response, 'code') !== undefined, site.errors.length], [500, true, 1]);
  assert.equal(await bench.uidOf(cookiesOf(response)[0]?.value), 'u1');
}
