import type { Server } from 'node:http';
import { expect } from 'chai';
import type { Browser } from '../support/browser.js';
import { INSTALLING, type ProgramName, programsOf, runProgram, visiting } from '../support/migrations.js';
import { documentAt } from './documents.js';
import { tablesIn } from './markdown.js';
import { MIGRATIONS, type Migration } from './migrations.js';

const ENVIRONMENT = {
  SESSION_SECRET: 'the programs of docs/migrating sign with this, and nothing else in the world does',
  COOKIE_SECRET: 'the other packages of docs/migrating sign with this, and nothing else does',
  COOKIE_KEY: '5e'.repeat(32),
};

const WELCOME = 'Welcome back';
/** The old cookie of a browser, as a header, to be sent again. */
type Copy = Readonly<Record<'cookie', string>>;

/** What a visitor sees: the status, where they are sent, and the page. */
async function visit(browser: Browser, path = '/', method = 'GET'): Promise<unknown> {
  const { status, headers, text } = await browser.ask(path, { method });
  return status === 200 ? JSON.parse(text) : [status, headers.location];
}

async function userOf(browser: Browser): Promise<unknown> {
  return Reflect.get(Object(await visit(browser)), 'user');
}

/** Everything that a visitor sees who signs in and out. */
async function visits(browser: Browser): Promise<readonly unknown[]> {
  const seen = [await visit(browser), await visit(browser), await visit(browser, '/sign-in', 'POST')];
  seen.push(await visit(browser), await visit(browser), await visit(browser, '/sign-out', 'POST'));
  return [...seen, await visit(browser)];
}

async function copyOf(browser: Browser): Promise<Copy> {
  return { cookie: await browser.jar.getCookieString('http://127.0.0.1/') };
}

describe('The pages of docs/migrating', () => {
  before(() => Object.assign(process.env, ENVIRONMENT));
  after(() => {
    for (const name of Object.keys(ENVIRONMENT)) delete process.env[name];
  });

  for (const migration of MIGRATIONS) describe(`from ${migration.peer}`, () => testPage(migration));
});

function testPage({ peer, page, names, cookie, after: expected, copyLives }: Migration): void {
  const servers: Server[] = [];
  const stores = new Map<string, unknown>();

  afterEach(() => {
    stores.clear();
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  /** A browser at a program of the page; a browser that was elsewhere before brings its cookies. */
  const at = async (name: ProgramName, before?: Browser): Promise<Browser> => {
    const server = await runProgram(page, name, stores);
    servers.push(server);
    return await visiting(server, before);
  };
  const signedInBefore = async (): Promise<Browser> => {
    const browser = await at('before');
    await visit(browser);
    await visit(browser, '/sign-in', 'POST');
    return browser;
  };
  it('has a row for every option, method and property', () => {
    const tables = tablesIn(documentAt(page).text, new RegExp(`^\\| (${peer}) \\| sessions-jwt \\|$`));
    const cells = tables.flatMap(({ rows }) => rows.map(([cell = '']) => cell));
    expect(cells.length).to.be.greaterThan(15);
    expect(names.length).to.be.greaterThan(10);
    expect(names.filter((name) => !cells.some((cell) => cell.includes(`\`${name}`)))).to.deep.equal([]);
  });

  it('says how the recipe is installed, as it is here', () => {
    const framework = programsOf(page).get('after')?.includes('sessions-jwt/fastify') ? 'fastify' : 'express';
    expect(documentAt(page).text).to.include(`\`${INSTALLING[framework]}\``);
  });

  it('has two programs that answer alike', async () => {
    const nobody = { user: null, notice: null };
    const [views, next] = expected;
    const wanted = [
      { ...nobody, views: 1 },
      { ...nobody, views: 2 },
      [303, '/'],
      { user: 'Ada', views, notice: WELCOME },
      { user: 'Ada', views: next, notice: null },
      [303, '/'],
      { ...nobody, views: 1 },
    ];
    expect(await visits(await at('before')), 'before').to.deep.equal(wanted);
    expect(await visits(await at('after')), 'after').to.deep.equal(wanted);
  });

  it('gives a new id at the sign-in', async () => {
    const browser = await at('after');
    await visit(browser);
    const first = await browser.cookie('sid');
    await visit(browser, '/sign-in', 'POST');
    expect(first).to.not.equal('');
    expect(await browser.cookie('sid')).to.not.equal(first);
  });

  it('is right about copies of a cookie after the sign-out', async () => {
    for (const [name, lives] of [
      ['before', copyLives],
      ['after', false],
    ] as const) {
      const browser = await at(name);
      await visit(browser, '/sign-in', 'POST');
      const headers = await copyOf(browser);
      await visit(browser, '/sign-out', 'POST');
      const { text } = await browser.ask('/', { headers });
      expect(Reflect.get(JSON.parse(text), 'user'), name).to.equal(lives ? 'Ada' : null);
    }
  });

  it('signs users out once, and leaves their old cookies for the way back', async () => {
    const old = await signedInBefore();
    const browser = await at('after', old);
    expect(await userOf(browser)).to.equal(null);
    expect(await browser.cookie(cookie)).to.not.equal('');
    expect(await userOf(await at('before', browser))).to.equal('Ada');
  });

  it('carries a signed-in user over', async () => {
    const browser = await at('carrying over', await signedInBefore());
    expect(await visit(browser)).to.deep.include({ user: 'Ada', views: expected[0] });
    expect(await browser.cookie(cookie)).to.equal('');
    expect(await browser.cookie('sid')).to.not.equal('');
    expect(await visit(browser)).to.deep.include({ user: 'Ada', views: expected[1] });
    await visit(browser, '/sign-out', 'POST');
    expect(await userOf(browser)).to.equal(null);
  });

  it('ends the old session of a user that it carried over, if that can be ended', async () => {
    const old = await signedInBefore();
    const headers = await copyOf(old);
    const browser = await at('carrying over', old);
    await visit(browser);
    expect(await userOf(await at('before', browser))).to.equal(null);
    const { text } = await (await at('carrying over')).ask('/', { headers });
    expect(Reflect.get(JSON.parse(text), 'user')).to.equal(copyLives ? 'Ada' : null);
  });
}
