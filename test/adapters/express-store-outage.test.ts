import { expect } from 'chai';
import express, { type NextFunction, type Request, type Response } from 'express';
import pg from 'pg';
import { createClient } from 'redis';
import { activateSessions } from '../../src/adapters/express.js';
import { PostgresStore } from '../../src/drivers/postgres/index.js';
import { RedisStore } from '../../src/drivers/redis/index.js';
import { ServerSessionStorage, SessionError, type Store } from '../../src/index.js';
import { Browser } from '../support/browser.js';
import { guardProcess, serve } from '../support/deferred-head.js';
import { guardRejections } from '../support/rejections.js';
import { durablePostgres } from '../support/servers/postgres.js';
import type { ServerProcess } from '../support/servers/program.js';
import { ownRedis } from '../support/servers/redis.js';

const DEADLINE = 500;
/** Store operations of the longest request, one after the other. */
const OPERATIONS = 2;
/** ms by which a busy machine may be late. */
const LATE = 3_000;
const BROWSERS = 8;

/** A store over a server of its own, which keeps on disk whatever it acknowledged. */
interface Backend {
  readonly store: Store;
  readonly server: ServerProcess;
  /** How the server dies, with no time to write anything. */
  readonly death: NodeJS.Signals;
  close(): Promise<unknown>;
}

const postgresServer = durablePostgres();

const backends: readonly [name: string, open: (context: Mocha.Context) => Promise<Backend>][] = [
  [
    'Redis',
    async (context) => {
      const { port, process: server } = await ownRedis(context, { isDurable: true });
      const client = createClient({ socket: { host: '127.0.0.1', port } });
      client.on('error', () => {});
      await client.connect();
      const close = async () => {
        client.destroy();
        await server.stop('SIGKILL');
      };
      return { store: new RedisStore({ client, deadline: DEADLINE }), server, death: 'SIGKILL', close };
    },
  ],
  [
    'PostgreSQL',
    async (context) => {
      const { address, process: server } = await postgresServer(context);
      const pool = new pg.Pool({ ...address, connectionTimeoutMillis: DEADLINE, statement_timeout: DEADLINE });
      pool.on('error', () => {});
      const store = new PostgresStore({ pool, deadline: DEADLINE });
      await store.migrate();
      // A postmaster that is killed leaves processes behind that keep its data from being opened again for a moment.
      return { store, server, death: 'SIGQUIT', close: () => pool.end() };
    },
  ],
];

/** An application that counts requests in sessions, as one has it in production. */
async function serveCounter(store: Store): Promise<{ readonly port: number; readonly storage: ServerSessionStorage }> {
  const storage = new ServerSessionStorage({ store, deadline: DEADLINE, sweepInterval: null });
  const sessions = activateSessions({ sessionStorage: storage, cookie: true });
  const app = express();
  app.use(sessions);
  app.get('/sign-in', (request: Request, response: Response) => {
    sessions.of(request).setUser(String(request.query['user']));
    response.json({});
  });
  app.get('/count', async (request: Request, response: Response) => {
    const session = sessions.of(request);
    // A visitor's counting would begin a session, and with its cookie end that of whoever was taken for one.
    if (session.uid !== undefined) {
      await session.update((data) => {
        data['count'] = Number(data['count'] ?? 0) + 1;
      });
    }
    response.json({ uid: session.uid ?? null, count: session.sessionData['count'] });
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const { status, code } = error instanceof SessionError ? error : { status: 500, code: String(error) };
    response.status(status).json({ code });
  });
  return { port: await serve(app), storage };
}

/** What one request came to. */
interface Told {
  readonly status: number | undefined;
  readonly text: string;
  readonly cookies: readonly string[];
  readonly took: number;
}

/** Users who count, each in a browser of their own, one request after the other, whatever comes of it. */
class Crowd {
  /** What they were told, in the order of their coming. */
  readonly told: Told[] = [];
  /** The highest count that each was told. */
  readonly acknowledged = new Map<string, number>();
  /** What should not be. */
  readonly surprises: unknown[] = [];
  readonly #port: number;
  #work: Promise<unknown> = Promise.resolve();
  #isOver = false;
  #onAnswer: () => void = () => {};

  constructor(port: number) {
    this.#port = port;
  }

  /** Signs them in and lets them count. */
  async begin(): Promise<void> {
    const users = await Promise.all(
      Array.from({ length: BROWSERS }, async (_, i) => {
        const browser = new Browser(this.#port);
        await browser.ask(`/sign-in?user=user-${i}`);
        return { browser, uid: `user-${i}` };
      }),
    );
    this.#work = Promise.all(users.map(({ browser, uid }) => this.#count(browser, uid)));
  }

  /** Resolves once so many more requests, begun after now, had an answer of this status. */
  until(status: number, count: number): Promise<readonly Told[]> {
    const from = this.told.length + BROWSERS;
    return new Promise((resolve) => {
      this.#onAnswer = () => {
        const answers = this.told.slice(from);
        if (answers.filter((one) => one.status === status).length >= count) resolve(answers);
      };
    });
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #count(browser: Browser, uid: string): Promise<void> {
    while (!this.#isOver) {
      const begun = performance.now();
      const { status, text, headers } = await browser.ask('/count');
      this.told.push({ status, text, cookies: headers['set-cookie'] ?? [], took: performance.now() - begun });
      if (status === 200) this.#note(uid, JSON.parse(text));
      this.#onAnswer();
    }
  }

  #note(uid: string, answer: { readonly uid: unknown; readonly count: number }): void {
    const before = this.acknowledged.get(uid) ?? 0;
    if (answer.uid !== uid) this.surprises.push(`${uid} was taken for ${answer.uid}`);
    else if (answer.count <= before) this.surprises.push(`${uid} was told ${before}, and then ${answer.count}`);
    else this.acknowledged.set(uid, answer.count);
  }
}

for (const [name, open] of backends) {
  describe(`Express over ${name} that dies under load and comes back`, () => {
    let backend: Backend | undefined;
    guardProcess();
    guardRejections();

    before(async function () {
      this.timeout(60_000);
      backend = await open(this);
    });
    after(() => backend?.close());

    it('says 503 in time to all who need it, signs nobody out, loses nothing, and goes on by itself', async function () {
      this.timeout(60_000);
      if (backend === undefined) throw new Error('no server');
      const { store, server, death } = backend;
      const { port, storage } = await serveCounter(store);
      const crowd = new Crowd(port);
      await crowd.begin();
      await crowd.until(200, 100);
      await server.stop(death);
      const meanwhile = await crowd.until(503, 3 * BROWSERS);
      const visitor = await new Browser(port).ask('/count');
      await server.start();
      await crowd.until(200, 100);
      await crowd.end();

      expect(crowd.surprises).to.deep.equal([]);
      expect(visitor.status, 'who has no session needs no store').to.equal(200);
      expect(new Set(meanwhile.map(({ status }) => status))).to.deep.equal(new Set([503]));
      for (const { status, text, cookies, took } of crowd.told) {
        expect(status).to.be.oneOf([200, 503]);
        if (status === 503) expect(JSON.parse(text)).to.deep.equal({ code: 'ERR_SESSION_STORE_UNAVAILABLE' });
        if (status === 503) expect(cookies).to.deep.equal([]);
        expect(took).to.be.below(OPERATIONS * DEADLINE + LATE);
      }
      expect(crowd.acknowledged.size).to.equal(BROWSERS);
      for (const [uid, count] of crowd.acknowledged) {
        const sessions = await store.ofUser(uid, Date.now());
        expect(sessions.map(({ body }) => JSON.parse(body).sessionData.count >= count)).to.deep.equal([true]);
      }
      await storage.close();
    });
  });
}
