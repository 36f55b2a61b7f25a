import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { postgres } from '../support/servers/postgres.js';
import { ownRedis } from '../support/servers/redis.js';
import { SECRET } from './console-bench.js';
import { ConsoleClient } from './console-client.js';
import { ConsoleProgram } from './console-program.js';

const health = z.strictObject({
  isHealthy: z.boolean(),
  guarantee: z.string(),
  list: z.strictObject({ isFresh: z.boolean(), age: z.number(), bound: z.number() }),
  store: z.strictObject({ isReachable: z.boolean(), latency: z.number() }).nullable(),
});

type Environment = Readonly<Record<string, string>>;

/** What two consoles of one machine can share: how to start it, and how to end it. */
interface Backend {
  readonly env: Environment;
  stop(): Promise<unknown>;
}

const BACKENDS: Readonly<Record<string, (context: Mocha.Context) => Promise<Backend>>> = {
  async 'a SQLite file'() {
    const folder = mkdtempSync(join(tmpdir(), 'console-'));
    return {
      env: { SESSIONS_FILE: join(folder, 'sessions.sqlite') },
      stop: async () => rmSync(folder, { recursive: true }),
    };
  },
  async Redis(context) {
    const { port, process: server } = await ownRedis(context);
    return { env: { REDIS_URL: `redis://127.0.0.1:${port}` }, stop: () => server.stop('SIGKILL') };
  },
  async PostgreSQL(context) {
    const { user, host, port, database } = (await postgres(context)).address;
    return {
      env: { DATABASE_URL: `postgres://${user}@${host}:${port}/${database}` },
      // Other tests use the server, too.
      stop: async () => undefined,
    };
  },
};

const FORMS: Readonly<Record<string, { readonly env: Environment; readonly guarantee: string }>> = {
  tokens: { env: { SESSIONS: 'jwt', SESSION_SECRET: SECRET }, guarantee: 'log' },
  'a store': { env: {}, guarantee: 'instances' },
};

for (const [backend, start] of Object.entries(BACKENDS)) {
  for (const [form, { env, guarantee }] of Object.entries(FORMS)) {
    describe(`Two processes of the console, with sessions in ${form} and ${backend} between them`, function () {
      // Each test starts two processes, perhaps on a busy machine.
      this.timeout(60_000);

      let shared: Backend;
      let programs: readonly ConsoleProgram[] = [];
      let here = '';
      let there = '';

      beforeEach(async function () {
        shared = await start(this);
        programs = [new ConsoleProgram({ ...shared.env, ...env }), new ConsoleProgram({ ...shared.env, ...env })];
        [here = '', there = ''] = await Promise.all(programs.map((program) => program.address));
      });

      afterEach(async () => {
        await Promise.all(programs.map((program) => program.stop('SIGKILL')));
        await shared.stop();
      });

      /** Signs in in this process, and follows the session in the other. */
      async function followedThere(name: string) {
        const client = new ConsoleClient(here, 'header');
        await client.signIn(name);
        const copy = new ConsoleClient(there, 'header');
        copy.sid = client.sid;
        return { client, copy, stream: await streamOf(there, client.sid) };
      }

      it('end a session and its streams in both within the bound, and no other', async () => {
        const { list } = health.parse(await (await fetch(`${there}/api/health`)).json());
        const [ada, bob] = [await followedThere('Ada'), await followedThere('Bob')];
        const began = performance.now();
        expect((await ada.client.send('POST', '/api/sign-out', {})).status).to.equal(204);
        const text = await ada.stream.rest();
        // The heartbeat would know no such reason.
        expect(text).to.match(/event: end\ndata: \{"reason":"signed out from .+"\}\n\n$/);
        // The bus may be faster than the log.
        while ((await ada.copy.session()) !== null) expect(performance.now() - began).to.be.lessThan(list.bound);
        expect(performance.now() - began).to.be.lessThan(list.bound);
        expect(await bob.copy.session()).to.include({ uid: 'bob' });
        expect((await bob.copy.send('POST', '/api/sign-out-everywhere', {})).status).to.equal(204);
        expect(await bob.stream.rest()).to.match(/event: end\ndata: \{"reason":"all sessions were ended from .+"\}/);
      });

      it('say how far that reaches, and how old their lists are', async () => {
        for (const address of [here, there]) {
          const response = await fetch(`${address}/api/health`);
          const about = health.parse(await response.json());
          expect([response.status, about.isHealthy, about.guarantee]).to.deep.equal([200, true, guarantee]);
          expect(about.list).to.deep.include({ isFresh: true, bound: 30_000 });
          expect(about.list.age).to.be.within(0, 30_000);
          expect(about.store?.isReachable).to.equal(form === 'tokens' ? undefined : true);
        }
      });
    });
  }
}

/** Opens the stream of a session. `rest` reads it to its end. */
async function streamOf(address: string, sid: string): Promise<{ rest(): Promise<string> }> {
  const headers = { 'X-Session-Id': sid, Accept: 'text/event-stream' };
  const { body } = await fetch(`${address}/live`, { headers });
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('event: open')) {
    const { done = true, value } = (await reader?.read()) ?? {};
    if (done) throw new Error(`there is no stream: ${text}`);
    text += value;
  }
  return {
    async rest() {
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
      return text;
    },
  };
}
