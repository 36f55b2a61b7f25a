import type { Server } from 'node:http';
import { expect } from 'chai';
import { activateSessions } from '../../src/adapters/express.js';
import { MemoryStore, ServerSessionStorage, Session, SessionStorage } from '../../src/index.js';
import type { Browser } from '../support/browser.js';
import { INSTALLING, moduleAt, type ProgramName, programsOf, runProgram, visiting } from '../support/migrations.js';
import { errorOf } from '../support/outcomes.js';
import { documentAt } from './documents.js';
import { tablesIn } from './markdown.js';
import { MIGRATIONS, type Migration } from './migrations.js';

const ENVIRONMENT = {
  SESSION_SECRET: 'the programs of docs/migrating sign with this, and nothing else in the world does',
  OTHER_SECRET: 'the second session of docs/migrating is signed with this, and nothing else in the world',
  COOKIE_SECRET: 'the other packages of docs/migrating sign with this, and nothing else does',
  COOKIE_KEY: '5e'.repeat(32),
};
const SIZE = /^(\d+) bytes/;

type Request = readonly [method: 'GET' | 'POST', path: string];
const HOME: Request = ['GET', '/'];
const ACCOUNT: Request = ['GET', '/account'];
const SIGN_IN: Request = ['POST', '/sign-in'];
const SIGN_OUT: Request = ['POST', '/sign-out'];

/** What a visitor sees: the page, or where they are sent. */
async function visit(browser: Browser, ...requests: readonly Request[]): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  for (const [method, path] of requests) {
    const { status, headers, text } = await browser.ask(path, { method });
    seen.push(status === 200 ? JSON.parse(text) : [status, headers.location]);
  }
  return seen;
}

/** The page that a visitor sees. */
async function pageOf(browser: Browser): Promise<object> {
  const [seen] = await visit(browser, HOME);
  return Object(seen);
}

/** Who a visitor is. */
async function userOf(browser: Browser): Promise<unknown> {
  return Reflect.get(await pageOf(browser), 'user');
}

/** All cookies that a browser would send. */
async function cookiesOf(browser: Browser): Promise<string> {
  return await browser.jar.getCookieString('http://127.0.0.1/');
}

const servers: Server[] = [];
const homes = new WeakMap<Browser, Server>();
/** The store of the other package, which the programs of a test share. */
const stores = new Map<string, unknown>();

/** A browser at a program of a page. A browser that was elsewhere before brings its cookies. */
async function at(page: string, name: ProgramName, before?: Browser): Promise<Browser> {
  const server = await runProgram(page, name, stores);
  servers.push(server);
  const browser = await visiting(server, before === undefined ? '' : await cookiesOf(before));
  homes.set(browser, server);
  return browser;
}

/** A browser at the program of another one, with nothing but these cookies. */
async function strangerTo(browser: Browser, cookies: string): Promise<Browser> {
  const server = homes.get(browser);
  if (server === undefined) throw new Error('this browser has no program');
  return await visiting(server, cookies);
}

describe('The pages of docs/migrating', () => {
  before(() => void Object.assign(process.env, ENVIRONMENT));
  after(() => {
    for (const name of Object.keys(ENVIRONMENT)) delete process.env[name];
  });
  afterEach(() => {
    stores.clear();
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  for (const migration of MIGRATIONS) {
    describe(`from ${migration.peer}`, () => {
      tables(migration);
      programs(migration);
      switching(migration);
    });
  }
  it('are right about calls that other packages have', () => {
    const session = new SessionStorage({ jwtSecret: ENVIRONMENT.SESSION_SECRET }).create({ cart: [] });
    const call = (name: string, ...args: unknown[]): unknown =>
      Reflect.apply(Reflect.get(session, name), session, args);
    expect([call('get', 'cart'), Reflect.get(session, 'cart')]).to.deep.equal([undefined, undefined]);
    expect(() => call('set', 'cart', [])).to.throw(TypeError, 'sessionData');
    expect(() => Reflect.set(session, 'cart', [])).to.throw(TypeError, 'sessionData');
    expect(() => call('destroy')).to.throw(TypeError, 'session.revoke()');
    for (const name of ['reload', 'touch', 'resetMaxAge']) expect(() => call(name), name).to.throw(TypeError);
    expect(session.setUser('u1').isFresher(1_000)).to.equal(true);
  });

  describe('with more than one session', severalSessions);
  describe('with a cookie store', cookieStore);
});

function tables({ peer, page, names, sizes }: Migration): void {
  it('has a row for every option, method and property', () => {
    const found = tablesIn(documentAt(page).text, new RegExp(`^\\| (${peer}) \\| sessions-jwt \\|$`));
    const cells = found.flatMap(({ rows }) => rows.map(([cell = '']) => cell));
    expect(names.length).to.be.greaterThan(10);
    expect(names.filter((name) => !cells.some((cell) => cell.includes(`\`${name}`)))).to.deep.equal([]);
  });

  it('names options whose place the messages know', () => {
    const sessionStorage = new ServerSessionStorage({ store: new MemoryStore() });
    for (const name of names.filter((one) => /^\w+$/.test(one) && one !== 'cookie')) {
      const activate = () => activateSessions({ sessionStorage, cookie: true, [name]: 1 });
      expect(activate, name).to.throw(TypeError, `activateSessions: unknown option "${name}": `);
    }
  });

  if (!sizes) return;
  it('knows how large the cookies are', async () => {
    const [table] = tablesIn(documentAt(page).text, new RegExp(`^\\| +\\| (${peer}) \\| sessions-jwt \\|$`));
    const [, ...said] = table?.rows.find(([what]) => what === 'cookie of the example, signed in') ?? [];
    for (const [index, name] of (['before', 'after'] as const).entries()) {
      const browser = await at(page, name);
      await visit(browser, HOME, SIGN_IN, HOME);
      const size = (await cookiesOf(browser)).length;
      expect(Number(SIZE.exec(said[index] ?? '')?.[1]), name).to.be.closeTo(size, size / 10);
    }
  });
}

function programs({ page, views: [first, second], copyLives }: Migration): void {
  it('has two programs that answer alike', async () => {
    const nobody = { user: null, notice: null };
    const wanted = [
      { ...nobody, views: 1 },
      { ...nobody, views: 2 },
      [303, '/'],
      { user: 'Ada', views: first, notice: 'Welcome back' },
      { user: 'Ada', views: second, notice: null },
      [303, '/'],
      { ...nobody, views: 1 },
    ];
    for (const name of ['before', 'after'] as const) {
      const seen = await visit(await at(page, name), HOME, HOME, SIGN_IN, HOME, HOME, SIGN_OUT, HOME);
      expect(seen, name).to.deep.equal(wanted);
    }
  });

  it('gives a new id at the sign-in', async () => {
    const browser = await at(page, 'after');
    await visit(browser, HOME);
    const anonymous = await cookiesOf(browser);
    await visit(browser, SIGN_IN);
    expect(anonymous).to.match(/^sid=/);
    expect(await userOf(await strangerTo(browser, anonymous))).to.equal(null);
    expect(await userOf(browser)).to.equal('Ada');
  });

  it('is right about copies of a cookie after the sign-out', async () => {
    for (const name of ['before', 'after'] as const) {
      const browser = await at(page, name);
      await visit(browser, SIGN_IN);
      const copy = await cookiesOf(browser);
      expect(await userOf(await strangerTo(browser, copy)), name).to.equal('Ada');
      await visit(browser, SIGN_OUT);
      expect(await userOf(await strangerTo(browser, copy)), name).to.equal(
        name === 'before' && copyLives ? 'Ada' : null,
      );
    }
  });
}

function switching({ page, cookie, views: [first, second], copyLives }: Migration): void {
  const signedInBefore = async (): Promise<Browser> => {
    const browser = await at(page, 'before');
    await visit(browser, HOME, HOME, SIGN_IN);
    return browser;
  };

  it('says how the recipe is installed, as it is here', () => {
    const framework = programsOf(page).get('after')?.includes('sessions-jwt/fastify') ? 'fastify' : 'express';
    expect(documentAt(page).text).to.include(`\`${INSTALLING[framework]}\``);
  });

  it('signs users out once, and leaves their old cookies for the way back', async () => {
    const browser = await at(page, 'after', await signedInBefore());
    expect(await userOf(browser)).to.equal(null);
    expect(await browser.cookie(cookie)).to.not.equal('');
    expect(await userOf(await at(page, 'before', browser))).to.equal('Ada');
  });

  it('says how both packages can run side by side', async () => {
    const browser = await at(page, 'beside');
    await visit(browser, HOME, ACCOUNT, SIGN_IN);
    expect(await visit(browser, ACCOUNT)).to.deep.equal([{ views: 2 }]);
    expect(await userOf(browser)).to.equal('Ada');
    expect(await browser.cookie(cookie)).to.not.equal('');
  });

  it('carries a signed-in user over', async () => {
    const browser = await at(page, 'carrying over', await signedInBefore());
    const user = { user: 'Ada', notice: null };
    expect(await visit(browser, HOME)).to.deep.equal([{ ...user, views: first }]);
    expect(await cookiesOf(browser)).to.match(/^sid=[^;]+$/);
    expect(await visit(browser, HOME)).to.deep.equal([{ ...user, views: second }]);
    await visit(browser, SIGN_OUT);
    expect(await userOf(browser)).to.equal(null);
    expect(await userOf(await at(page, 'before', browser))).to.equal(null);
  });

  it('changes nothing for a user who has signed in here', async () => {
    const old = await cookiesOf(await signedInBefore());
    const browser = await at(page, 'carrying over');
    await visit(browser, SIGN_IN, HOME, HOME, HOME, HOME);
    const both = `${await cookiesOf(browser)}; ${old}`;
    const visitor = await strangerTo(browser, both);
    expect(await pageOf(visitor)).to.deep.equal({ user: 'Ada', notice: null, views: 5 });
    expect(await cookiesOf(visitor)).to.match(/^sid=[^;]+$/);
  });

  it('is right about copies of an old cookie that was carried over', async () => {
    const old = await signedInBefore();
    const copy = await cookiesOf(old);
    const browser = await at(page, 'carrying over', old);
    await visit(browser, HOME);
    expect(await userOf(await strangerTo(browser, copy))).to.equal(copyLives ? 'Ada' : null);
  });
}

function severalSessions(): void {
  it('keeps each in a cookie of its own', async () => {
    const browser = await at('docs/migrating/fastify-secure-session.md', 'several');
    await visit(browser, HOME);
    expect(await visit(browser, HOME)).to.deep.equal([{ mine: { views: 2 }, other: { views: 100 } }]);
    expect(await cookiesOf(browser)).to.match(/^mySession=[^;]+; myOtherSession=[^;]+$/);
  });
}

function cookieStore(): void {
  const PAGE = 'docs/migrating/iron-session.md';

  /** The methods of Next's `cookies()` that iron-session uses. */
  class Cookies {
    readonly all = new Map<string, string>();
    readonly get = (name: string) => (this.all.has(name) ? { name, value: this.all.get(name) } : undefined);
    readonly set = (name: string, value: string, { maxAge }: { readonly maxAge?: number }): void => {
      if (maxAge === 0) this.all.delete(name);
      else this.all.set(name, value);
    };
  }

  it('opens, sends and ends a session', async () => {
    const call = await moduleAt(PAGE, 'cookie-store');
    const cookies = new Cookies();
    const change = async (act: (session: Session) => unknown): Promise<void> => {
      const session = call('openSession', cookies);
      if (!(session instanceof Session)) throw new Error('no session');
      act(session);
      await call('sendSession', cookies, session);
    };
    await change(() => undefined);
    expect([...cookies.all]).to.deep.equal([]);
    await change((session) => session.setUser('u1'));
    const copy = cookies.all.get('sid') ?? '';
    await change(({ uid }) => expect(uid).to.equal('u1'));
    expect(cookies.all.get('sid')).to.equal(copy);
    await change((session) => session.revoke());
    expect([...cookies.all]).to.deep.equal([]);
    cookies.all.set('sid', copy);
    await change(({ uid }) => expect(uid).to.equal(undefined));
  });

  it('refuses a session that is too large for a cookie', async () => {
    const call = await moduleAt(PAGE, 'cookie-store');
    const cookies = new Cookies();
    const session = call('openSession', cookies);
    if (!(session instanceof Session)) throw new Error('no session');
    session.sessionData = { text: 'x'.repeat(3_500) };
    expect((await errorOf(async () => await call('sendSession', cookies, session))).message).to.match(/does not fit/);
    expect([...cookies.all]).to.deep.equal([]);
  });

  it('is right about the largest session', () => {
    const sessionStorage = new SessionStorage({ jwtSecret: ENVIRONMENT.SESSION_SECRET, idleTimeout: 86_400_000 });
    const sizeWith = (bytes: number): number => {
      const session = sessionStorage.create({ text: 'x'.repeat(bytes) }).setUser('u1', { name: 'Ada' });
      return `sid${session.forClient()}`.length;
    };
    expect(sizeWith(2_700)).to.be.at.most(4096);
    expect(sizeWith(2_900)).to.be.greaterThan(4096);
  });
}
