import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import sinon from 'sinon';
import type { IdentityOptions } from '../../src/http/identity-options.js';
import type { CreatePolicy } from '../../src/http/lifecycle.js';
import type { CookieOptions } from '../../src/http/transports/cookie-options.js';
import type { HeaderOptions } from '../../src/http/transports/header.js';
import { RevocationList, StoreUnavailable } from '../../src/index.js';
import type { SessionSource } from '../../src/storage/session-source.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { Browser } from './browser.js';
import { crossSiteCases } from './cross-site-cases.js';
import { type Answer, type Ask, ask, guardProcess, promised } from './deferred-head.js';
import { Shop, type ShopOptions, type ShopSession, type SourceMode, sourceModes } from './shop.js';
import { SilentLog } from './silent-log.js';
import { NOW } from './token-fixtures.js';
import { parsed } from './transports.js';

/** A request as the routes of the cases see it, whatever the framework. */
export interface TestCall {
  query(name: string): string;
  /** A header of the request, by its name in lower case. */
  header(name: string): string | undefined;
  /** The session as the application finds it on the request; the cases of the adapter check that all ways of finding it agree. */
  session(): ShopSession | undefined;
  /** Resolves when the response is finished or its client is gone. */
  readonly closed: Promise<void>;
}

/** An answer that the framework is to give in its own usual way. */
export type TestAnswer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
} & (
  | { readonly json: unknown }
  | { readonly text: string }
  | { readonly redirect: string }
  | { readonly stream: Readable }
);

/** By path, for every method. What a route throws or rejects with goes to the error handler. */
export type Routes = Readonly<Record<string, (call: TestCall) => TestAnswer | Promise<TestAnswer>>>;

/** What a case wants served. */
export interface TestSetup {
  readonly source: SessionSource<ShopSession>;
  readonly routes: Routes;
  readonly cookie?: true | string | CookieOptions | false;
  readonly header?: true | string | HeaderOptions | false;
  readonly create?: CreatePolicy;
  readonly csrf?: false | { readonly origins: readonly string[]; readonly token?: boolean; readonly secret?: string };
  readonly identity?: false | IdentityOptions;
  readonly property?: string;
  /** By path. */
  readonly passive?: (path: string) => boolean;
  readonly only?: (path: string) => boolean;
  readonly trustProxy?: boolean;
}

/** An application with `activateSessions` of one framework's adapter, routes, and an error handler answering status and `{ code }`. */
export interface TestApp {
  readonly name: string;
  /** Whether a text is sent with its Content-Length; not by servers that send every body of a Response as a stream. Default: true. */
  readonly countsText?: boolean;
  /** Serves on 127.0.0.1, by `serve` of `deferred-head.ts`, which also closes it. */
  serve(setup: TestSetup): Promise<Served>;
}

/** A served application. */
export interface Served {
  readonly port: number;
  /** What reached the error handler. */
  readonly errors: unknown[];
}

const GRACE = 10_000;
const HOUR = 3_600_000;

/** The session where there must be one. */
function sessionOf(call: TestCall): ShopSession {
  const session = call.session();
  if (session === undefined) throw new Error('the request has no session');
  return session;
}

const ROUTES: Routes = {
  '/plain': () => ({ text: 'hello' }),
  '/look': (call) => {
    const session = call.session();
    return { json: { uid: session?.uid ?? null, count: session?.sessionData.count ?? 0 } };
  },
  '/count': (call) => {
    const { sessionData } = sessionOf(call);
    sessionData.count = (sessionData.count ?? 0) + 1;
    return { json: { count: sessionData.count } };
  },
  '/sign-in': (call) => {
    sessionOf(call).setUser(call.query('user'));
    return { json: {} };
  },
  '/sign-out': (call) => {
    sessionOf(call).revoke();
    return { json: {} };
  },
  '/rotate': (call) => {
    sessionOf(call).rotate();
    return { json: {} };
  },
  '/large': (call) => {
    sessionOf(call).setUser('u9').sessionData.text = 'x'.repeat(4096);
    return { json: {} };
  },
  '/wrong': (call) => {
    sessionOf(call).setUser('u9').sessionData.count = Number.NaN;
    return { json: {} };
  },
};

/** What a case says of its application. */
export type World = Omit<TestSetup, 'source' | 'routes'> & { readonly routes?: Routes; readonly storage?: ShopOptions };

/** A served application with everything around it. */
export class ServedShop extends Shop {
  #served: Served = { port: 0, errors: [] };

  static async open(app: TestApp, { routes, storage, ...setup }: World): Promise<ServedShop> {
    const shop = new ServedShop(storage);
    const source = shop.sessionStorage;
    shop.#served = await app.serve({ cookie: true, ...setup, source, routes: { ...ROUTES, ...routes } });
    return shop;
  }

  get port(): number {
    return this.#served.port;
  }

  get errors(): readonly unknown[] {
    return this.#served.errors;
  }

  ask(path: string, others: Omit<Ask, 'path'> = {}): Promise<Answer> {
    return ask(this.port, { path, ...others });
  }

  /** Who is signed in for a client that sends these headers. */
  async whoIs(headers: Record<string, string>): Promise<unknown> {
    return jsonOf(await this.ask('/look', { headers }), 'uid');
  }

  browser(): Browser {
    return new Browser(this.port);
  }
}

/** One property of a JSON answer. */
export function jsonOf(answer: Answer, name: string): unknown {
  const body: unknown = JSON.parse(answer.text);
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}

/** The values of the cookies of a name that an answer sets; '' for one that it clears. */
export function cookiesOf(answer: Answer, name = 'sid'): string[] {
  const cookies = (answer.headers['set-cookie'] ?? []).map(parsed);
  return cookies.filter(({ key }) => key === name).map(({ value }) => value);
}

/** Gives a function that everyone waits in until `count` have called it. */
export function meetingOf(count: number): () => Promise<void> {
  const { promise, resolve } = promised();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived === count) resolve();
    return promise;
  };
}

/** The status line and more that a server answers to bytes as they are. */
async function askRaw(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    Buffer.from(`GET /look HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
  );
  return await text(socket);
}

/** The same behaviours for the adapter of every framework, over a real socket. */
export function adapterCases(app: TestApp): void {
  for (const mode of sourceModes) {
    describe(`activateSessions of ${app.name}, over a ${mode} source`, () => {
      guardProcess();
      casesOf(app, mode);
    });
  }
}

function casesOf(app: TestApp, mode: SourceMode): void {
  const open = (world: World = {}) => ServedShop.open(app, { ...world, storage: { mode, ...world.storage } });

  crossSiteCases(open);

  describe('a session from request to request', () => {
    it('is kept by a browser from its first change on', async () => {
      const shop = await open();
      const browser = shop.browser();
      expect(cookiesOf(await browser.ask('/look'))).to.deep.equal([]);
      expect(cookiesOf(await browser.ask('/count'))).to.have.length(1);
      expect(jsonOf(await browser.ask('/count'), 'count')).to.equal(2);
      expect(cookiesOf(await browser.ask('/look')), 'unchanged').to.deep.equal([]);
      expect(jsonOf(await browser.ask('/look'), 'count')).to.equal(2);
    });

    it('is kept by header', async () => {
      const shop = await open({ cookie: false, header: true });
      const first = await shop.ask('/count');
      const sid = String(first.headers['x-session-id']);
      expect(first.headers['set-cookie']).to.equal(undefined);
      expect(jsonOf(await shop.ask('/count', { headers: { 'X-SESSION-ID': sid } }), 'count')).to.equal(2);
    });

    it('is issued at once with eager, and never looked for in the query (row 41)', async () => {
      const shop = await open({ create: 'eager', header: true });
      expect(cookiesOf(await shop.ask('/plain'))).to.have.length(1);
      const sid = await shop.issue({}, 'u1');
      expect(jsonOf(await shop.ask(`/look?sid=${sid}&X-Session-Id=${sid}`), 'uid')).to.equal(null);
    });

    it('is judged by the header alone where there is one', async () => {
      const shop = await open({ header: true });
      const cookie = `sid=${await shop.issue({}, 'by-cookie')}`;
      expect(await shop.whoIs({ cookie, 'X-Session-Id': await shop.issue({}, 'by-header') })).to.equal('by-header');
      for (const header of ['', 'junk', 'a b'])
        expect(await shop.whoIs({ cookie, 'X-Session-Id': header })).to.equal(null);
      expect(await shop.whoIs({ cookie })).to.equal('by-cookie');
    });

    it('is not found in a session header that came twice (row 67)', async () => {
      const shop = await open({ header: true });
      const sid = await shop.issue({}, 'u1');
      expect(await askRaw(shop.port, [`X-Session-Id: ${sid}`])).to.include('"u1"');
      expect(await askRaw(shop.port, [`X-Session-Id: ${sid}`, `X-Session-Id: ${sid}`])).to.include('"uid":null');
    });

    it('is found in several Cookie headers (row 37)', async () => {
      const shop = await open();
      expect(
        await askRaw(shop.port, ['Cookie: a=1', `Cookie: sid=${await shop.issue({}, 'u1')}`, 'Cookie: b=2']),
      ).to.include('"u1"');
    });

    it('is not opened for OPTIONS', async () => {
      const shop = await open({ header: true, create: 'eager' });
      const headers = { cookie: `sid=${await shop.issue({}, 'u1')}` };
      for (const path of ['/look', '/sign-out', '/count']) {
        const answer = await shop.ask(path, { method: 'OPTIONS', headers });
        expect([cookiesOf(answer), answer.headers['x-session-id']]).to.deep.equal([[], undefined]);
      }
      expect(jsonOf(await shop.ask('/look', { method: 'OPTIONS', headers }), 'uid')).to.equal(null);
      expect(await shop.whoIs(headers)).to.equal('u1');
    });

    it('does not count a passive request as activity', async () => {
      const shop = await open({ passive: (path) => path === '/plain' });
      const headers = { cookie: `sid=${await shop.issue({}, 'u1')}` };
      shop.pass(HOUR);
      expect(cookiesOf(await shop.ask('/plain', { headers }))).to.deep.equal([]);
      expect(cookiesOf(await shop.ask('/look', { headers }))).to.have.length(1);
    });

    it('is there only where `only` says so', async () => {
      const shop = await open({ only: (path) => path !== '/look', create: 'eager' });
      const headers = { cookie: `sid=${await shop.issue({}, 'u1')}` };
      const answer = await shop.ask('/look', { headers });
      expect(jsonOf(answer, 'uid')).to.equal(null);
      expect([answer.headers.vary, answer.headers['set-cookie']]).to.deep.equal([undefined, undefined]);
      shop.pass(1);
      expect(cookiesOf(await shop.ask('/count', { headers }))).to.have.length(1);
    });

    it('is found under another property', async () => {
      const shop = await open({ property: 'visit' });
      expect(await shop.whoIs({ cookie: `sid=${await shop.issue({}, 'u1')}` })).to.equal('u1');
    });
  });

  describe('the head of a response', () => {
    it('says nothing of sessions where none was read or sent (row 40)', async () => {
      const shop = await open();
      const { headers } = await shop.ask('/plain', { headers: { cookie: `sid=${await shop.issue({}, 'u1')}` } });
      expect([headers.vary, headers['cache-control'], headers['set-cookie']]).to.deep.equal([
        undefined,
        undefined,
        undefined,
      ]);
    });

    it('has Vary where one was read, and no-store too where one was sent', async () => {
      const shop = await open({ header: true });
      const read = await shop.ask('/look');
      expect([read.headers.vary, read.headers['cache-control']]).to.deep.equal(['Cookie, X-Session-Id', undefined]);
      const sent = await shop.ask('/count');
      expect([sent.headers.vary, sent.headers['cache-control']]).to.deep.equal([
        'Cookie, X-Session-Id',
        'private, no-store',
      ]);
    });

    it("keeps the application's own headers and cookies (row 36)", async () => {
      const shop = await open({
        routes: {
          '/own': async (call) => {
            const session = sessionOf(call).setUser('u1').rotate();
            await session.save();
            session.sessionData.count = 1;
            return {
              status: 201,
              text: 'x',
              headers: { 'Set-Cookie': ['theme=dark', 'lang=en'], Vary: 'Accept', 'X-Own': 'yes' },
            };
          },
        },
      });
      const { status, headers } = await shop.ask('/own', { headers: { cookie: `sid=${await shop.issue()}` } });
      expect([status, headers['x-own'], headers.vary]).to.deep.equal([201, 'yes', 'Accept, Cookie']);
      expect(headers['set-cookie']?.map((line) => line.split('=')[0])).to.deep.equal(['theme', 'lang', 'sid']);
    });
  });

  describe('kinds of answers', () => {
    const signIn = (answer: TestAnswer): Routes => ({
      '/answer': (call) => {
        sessionOf(call).setUser('u1');
        return answer;
      },
    });

    it('text, with its length', async () => {
      const shop = await open({ routes: signIn({ text: 'grüße' }) });
      const answer = await shop.ask('/answer');
      const length = app.countsText === false ? undefined : '7';
      expect([answer.text, answer.headers['content-length']]).to.deep.equal(['grüße', length]);
      expect(await shop.whoIs({ cookie: `sid=${cookiesOf(answer)[0]}` })).to.equal('u1');
    });

    it('a redirect, of which the next page sees the session', async () => {
      const shop = await open({ routes: signIn({ redirect: '/look' }) });
      const browser = shop.browser();
      const { status, headers } = await browser.ask('/answer');
      expect([status, headers.location]).to.deep.equal([302, '/look']);
      expect(jsonOf(await browser.ask('/look'), 'uid')).to.equal('u1');
    });

    it('a stream, byte by byte', async () => {
      const bytes = Buffer.alloc(1_000_000, 'abcdefg');
      const chunks = Array.from({ length: 16 }, (_, i) => bytes.subarray(i * 62_500, (i + 1) * 62_500));
      const shop = await open({ routes: signIn({ stream: Readable.from(chunks, { objectMode: false }) }) });
      const answer = await shop.ask('/answer');
      expect(answer.body.equals(bytes)).to.equal(true);
      expect(cookiesOf(answer)).to.have.length(1);
    });

    it('HEAD, with the cookie and without a body', async () => {
      const shop = await open();
      const answer = await shop.ask('/sign-in?user=u1', { method: 'HEAD' });
      expect(answer.text).to.equal('');
      expect(await shop.whoIs({ cookie: `sid=${cookiesOf(answer)[0]}` })).to.equal('u1');
    });
  });

  describe('errors', () => {
    const failing = (fail: () => never | Promise<never>): Routes => ({
      '/fail': (call) => {
        sessionOf(call).setUser('u1');
        return fail();
      },
    });
    const fails: readonly [what: string, fail: () => never | Promise<never>][] = [
      [
        'throws',
        () => {
          throw new RangeError('a bug');
        },
      ],
      ['rejects', () => Promise.reject(new RangeError('a bug'))],
    ];
    for (const [what, fail] of fails) {
      it(`saves and sends the session of a handler that ${what}`, async () => {
        const shop = await open({ routes: failing(fail) });
        const answer = await shop.ask('/fail');
        expect(answer.status).to.equal(500);
        expect(shop.errors).to.have.length(1);
        expect(await shop.whoIs({ cookie: `sid=${cookiesOf(answer)[0]}` })).to.equal('u1');
      });
    }

    for (const [path, code] of [
      ['/large', 'ERR_SESSION_TOO_LARGE'],
      ['/wrong', 'ERR_SESSION_DATA_INVALID'],
    ] as const) {
      // The sid of a session in a store is never too large.
      if (mode === 'server-side' && path === '/large') continue;
      it(`hands ${code} to the error handler, and the old session lives`, async () => {
        const shop = await open();
        const cookie = `sid=${await shop.issue({ count: 7 })}`;
        const answer = await shop.ask(path, { headers: { cookie } });
        expect([answer.status, jsonOf(answer, 'code')]).to.deep.equal([500, code]);
        expect(answer.headers['set-cookie']).to.equal(undefined);
        expect(shop.errors).to.have.length(1);
        shop.pass(GRACE);
        expect(jsonOf(await shop.ask('/look', { headers: { cookie } }), 'count')).to.equal(7);
      });
    }

    // A store knows by itself what has ended.
    if (mode !== 'server-side') {
      it('answers 503 while revocations are stale, whoever asks, and lets those in who have no sid', async () => {
        const clock = new FakeClock(NOW);
        const revocations = new RevocationList({ log: new SilentLog(), clock });
        const shop = await open({ storage: { revocations, clock }, header: true });
        const sid = await shop.issue({}, 'u1');
        for (const headers of [{ cookie: `sid=${sid}` }, { 'X-Session-Id': sid }]) {
          const answer = await shop.ask('/look', { headers });
          expect([answer.status, jsonOf(answer, 'code')]).to.deep.equal([503, 'ERR_SESSION_REVOCATIONS_STALE']);
        }
        expect(await shop.whoIs({})).to.equal(null);
        await revocations.close();
      });
    }
  });

  describe('the cookie behind a proxy and on this machine', () => {
    const FORWARDED = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '203.0.113.7' };
    const cookieFor = async (world: World, headers: Record<string, string>) => {
      const shop = await open(world);
      const answer = await shop.ask('/count', { headers });
      const { key, secure, value } = parsed(answer.headers['set-cookie']?.[0]);
      const again = await shop.ask('/look', { headers: { ...headers, cookie: `${key}=${value}` } });
      expect(jsonOf(again, 'count'), 'it comes back under this name').to.equal(1);
      return { key, secure };
    };

    it('is not Secure over plain HTTP, whatever a client that is no trusted proxy says', async () => {
      expect(await cookieFor({}, {})).to.deep.equal({ key: 'sid', secure: false });
      expect(await cookieFor({}, FORWARDED)).to.deep.equal({ key: 'sid', secure: false });
    });

    it('is Secure behind a trusted proxy that says https, and not if that says http', async () => {
      expect(await cookieFor({ trustProxy: true }, FORWARDED)).to.deep.equal({ key: 'sid', secure: true });
      expect(await cookieFor({ trustProxy: true }, { 'X-Forwarded-Proto': 'http' })).to.deep.equal({
        key: 'sid',
        secure: false,
      });
    });

    it('drops the prefix of its name only for plain HTTP straight from this machine', async () => {
      expect(await cookieFor({ cookie: '__Host-sid' }, {})).to.deep.equal({ key: 'sid', secure: false });
      for (const trustProxy of [true, false]) {
        const behind = await cookieFor({ cookie: '__Host-sid', trustProxy }, FORWARDED);
        expect(behind).to.deep.equal({ key: '__Host-sid', secure: true });
      }
    });
  });

  describe('many requests at once', () => {
    it('have one successor when all of them rotate, and nobody is signed out (row 12)', async () => {
      const all = meetingOf(10);
      const shop = await open({
        routes: {
          '/rotate-together': async (call) => {
            sessionOf(call).rotate();
            await all();
            return { json: { uid: sessionOf(call).uid } };
          },
        },
      });
      const browser = shop.browser();
      await browser.ask('/sign-in?user=u1');
      const old = await browser.cookie('sid');
      const answers = await Promise.all(Array.from({ length: 10 }, () => browser.ask('/rotate-together')));
      expect(new Set(answers.map((answer) => jsonOf(answer, 'uid')))).to.deep.equal(new Set(['u1']));
      expect(answers.flatMap((answer) => cookiesOf(answer))).to.have.length(1);
      expect(await shop.whoIs({ cookie: `sid=${old}` }), 'within the grace').to.equal('u1');
      shop.pass(GRACE);
      expect(await shop.whoIs({ cookie: `sid=${old}` }), 'after it').to.equal(null);
      expect(jsonOf(await browser.ask('/look'), 'uid')).to.equal('u1');
    });

    for (const before of ['with', 'without'] as const) {
      it(`end signed in when a sign-in is submitted twice, ${before} a session before`, async () => {
        const both = meetingOf(2);
        const shop = await open({
          routes: {
            '/sign-in-together': async (call) => {
              sessionOf(call).setUser('u1');
              await both();
              return { redirect: '/look' };
            },
          },
        });
        const browser = shop.browser();
        if (before === 'with') await browser.ask('/count');
        const submit = () => browser.ask('/sign-in-together', { method: 'POST' });
        const answers = await Promise.all([submit(), submit()]);
        expect(answers.map(({ status }) => status)).to.deep.equal([302, 302]);
        expect(jsonOf(await browser.ask('/look'), 'uid')).to.equal('u1');
      });
    }

    it('stay signed in when the second submission comes right after the first', async () => {
      const shop = await open();
      const browser = shop.browser();
      await browser.ask('/count');
      const headers = { cookie: `sid=${await browser.cookie('sid')}` };
      await browser.ask('/sign-in?user=u1');
      const second = await shop.ask('/sign-in?user=u1', { headers });
      expect([second.status, second.headers['set-cookie']]).to.deep.equal([200, undefined]);
      expect(jsonOf(await browser.ask('/look'), 'uid')).to.equal('u1');
    });

    it('of a hundred users are never mixed up', async function () {
      this.timeout(10_000);
      const all = meetingOf(100);
      const shop = await open({
        routes: {
          '/meet': async (call) => {
            const session = sessionOf(call);
            session.sessionData.count = Number(call.query('number'));
            await all();
            return { json: { uid: session.uid, count: session.sessionData.count } };
          },
        },
      });
      await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const browser = shop.browser();
          await browser.ask(`/sign-in?user=user-${i}`);
          const met = await browser.ask(`/meet?number=${i + 1}`);
          expect(JSON.parse(met.text)).to.deep.equal({ uid: `user-${i}`, count: i + 1 });
          expect(JSON.parse((await browser.ask('/look')).text)).to.deep.equal({ uid: `user-${i}`, count: i + 1 });
        }),
      );
    });

    it('over one connection are never mixed up', async () => {
      const shop = await open();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const connections = sinon.spy(agent, 'createConnection');
      const sids = [await shop.issue({}, 'u1'), await shop.issue({}, 'u2'), 'junk', await shop.issue({}, 'u3')];
      const answers = await Promise.all(
        sids.map((sid) => shop.ask('/look', { agent, headers: { cookie: `sid=${sid}` } })),
      );
      const set = await shop.ask('/sign-in?user=u4', { agent });
      const after = await shop.ask('/look', { agent });
      agent.destroy();
      expect(answers.map((answer) => jsonOf(answer, 'uid'))).to.deep.equal(['u1', 'u2', null, 'u3']);
      expect([cookiesOf(set).length, jsonOf(after, 'uid'), cookiesOf(after)]).to.deep.equal([1, null, []]);
      expect(connections.callCount).to.equal(1);
    });
  });

  describe('sign-out', () => {
    it('ends the session for cookie and header alike', async () => {
      const shop = await open({ header: true });
      const browser = shop.browser();
      await browser.ask('/sign-in?user=u1');
      const sid = await browser.cookie('sid');
      const answer = await browser.ask('/sign-out', { method: 'POST' });
      expect([cookiesOf(answer), answer.headers['x-session-id']]).to.deep.equal([[''], '']);
      expect(await browser.cookie('sid')).to.equal('');
      for (const headers of [{ cookie: `sid=${sid}` }, { 'X-Session-Id': sid }]) {
        expect(await shop.whoIs(headers)).to.equal(null);
        shop.pass(GRACE);
        expect(await shop.whoIs(headers)).to.equal(null);
      }
    });

    it('holds against a long request that saves after it (row 10)', async () => {
      const [begun, released] = [promised(), promised()];
      const shop = await open({
        routes: {
          '/slow': async (call) => {
            begun.resolve();
            await released.promise;
            sessionOf(call).sessionData.count = 1;
            return { json: {} };
          },
        },
      });
      const headers = { cookie: `sid=${await shop.issue({}, 'u1')}` };
      const slow = shop.ask('/slow', { headers });
      await begun.promise;
      await shop.ask('/sign-out', { headers });
      released.resolve();
      const answer = await slow;
      expect([answer.status, answer.headers['set-cookie']]).to.deep.equal([200, undefined]);
      expect(shop.toldNames).to.deep.equal(['ended', 'cleared', 'refused-late-save']);
      expect(await shop.whoIs(headers)).to.equal(null);
    });

    it('clears two planted cookies, and the browser can sign in again (row 38)', async () => {
      const shop = await open({ cookie: { alsoClear: [{ path: '/look' }] } });
      const browser = shop.browser();
      await browser.ask('/sign-in?user=u1');
      await browser.plant(`sid=${await shop.issue({}, 'attacker')}; Path=/look`);
      expect(jsonOf(await browser.ask('/look'), 'uid')).to.equal(null);
      expect(shop.toldNames).to.include('suspicious');
      await browser.ask('/sign-in?user=u1');
      expect(jsonOf(await browser.ask('/look'), 'uid')).to.equal('u1');
    });
  });

  if (mode !== 'synchronous') asynchronousCasesOf(app, mode);
}

/** What only a source that takes its time can show. */
function asynchronousCasesOf(app: TestApp, mode: SourceMode): void {
  const open = (world: World = {}) => ServedShop.open(app, { ...world, storage: { mode, held: true } });
  const down = () => new StoreUnavailable('the store is down');

  it('answers 503 when the source cannot open, and does not run the handler', async () => {
    const look = sinon.stub().returns({ json: {} });
    const shop = await open({ routes: { '/look': look } });
    shop.source.fail = { get: down() };
    const answer = await shop.ask('/look', { headers: { cookie: 'sid=junk' } });
    expect([answer.status, jsonOf(answer, 'code')]).to.deep.equal([503, 'ERR_SESSION_STORE_UNAVAILABLE']);
    expect(look.callCount).to.equal(0);
  });

  for (const path of ['/sign-in?user=u1', '/sign-out']) {
    it(`answers 503 in place of ${path} when the source cannot commit`, async () => {
      const shop = await open();
      const headers = { cookie: `sid=${await shop.issue({}, 'u0')}` };
      shop.source.fail = { commit: down() };
      const answer = await shop.ask(path, { headers });
      expect([answer.status, jsonOf(answer, 'code')]).to.deep.equal([503, 'ERR_SESSION_STORE_UNAVAILABLE']);
      expect([answer.headers['set-cookie'], shop.errors.length]).to.deep.equal([undefined, 1]);
      shop.source.fail = {};
      expect(await shop.whoIs(headers), 'the application is still there').to.equal('u0');
    });
  }

  it('sends nothing of a redirect before the session is saved', async () => {
    const [committing, released] = [promised(), promised()];
    const shop = await open({
      routes: {
        '/go': (call) => {
          sessionOf(call).setUser('u1');
          return { redirect: '/look' };
        },
      },
    });
    shop.source.hold = () => {
      committing.resolve();
      return released.promise;
    };
    const order: string[] = [];
    const answering = shop.ask('/go').then((answer) => {
      order.push('answered');
      return answer;
    });
    await committing.promise;
    shop.source.hold = async () => undefined;
    await shop.ask('/look');
    order.push('saved');
    released.resolve();
    expect(cookiesOf(await answering)).to.have.length(1);
    expect(order).to.deep.equal(['saved', 'answered']);
  });

  for (const path of ['/sign-in?user=u1', '/sign-out']) {
    it(`carries ${path} out though the client is gone in the middle of it`, async () => {
      const [committing, released] = [promised(), promised()];
      let closed = Promise.resolve();
      const watched = (route: keyof typeof ROUTES): Routes => ({
        [route]: (call) => {
          closed = call.closed;
          const handle = ROUTES[route];
          if (handle === undefined) throw new Error('no such route');
          return handle(call);
        },
      });
      const shop = await open({ routes: { ...watched('/sign-in'), ...watched('/sign-out') } });
      const headers = { cookie: `sid=${await shop.issue({}, 'u0')}` };
      shop.source.hold = () => {
        committing.resolve();
        return released.promise;
      };
      const outgoing = request({ host: '127.0.0.1', port: shop.port, path, headers });
      outgoing.on('error', () => undefined);
      outgoing.end();
      await committing.promise;
      outgoing.destroy();
      await closed;
      released.resolve();
      shop.source.hold = async () => undefined;
      expect(await shop.whoIs(headers), 'the old session is over').to.equal(null);
      expect(shop.toldNames).to.include(path === '/sign-out' ? 'ended' : 'rotated');
      expect(shop.errors).to.deep.equal([]);
    });
  }
}
