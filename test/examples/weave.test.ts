import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { CSRF_SECRET, JWT_SECRET, WeavePage } from '../support/weave-page.js';
import { ExampleProgram } from './example-program.js';

const FILE = fileURLToPath(new URL('../../examples/weave/server.js', import.meta.url));

describe('examples/weave, on the built package', () => {
  let program: ExampleProgram;
  let page: WeavePage;
  let port: number;

  before(async () => {
    program = new ExampleProgram([FILE], { CSRF_SECRET, JWT_SECRET });
    port = Number(new URL(await program.address).port);
  });

  after(async () => {
    await program.stop('SIGTERM');
  });

  beforeEach(async () => {
    page = new WeavePage(port);
    await page.browser.ask('/sign-in');
  });

  const whoIs = async (): Promise<string | undefined> =>
    /<p id="who">(.*?)<\/p>/.exec((await page.browser.ask('/')).text)?.[1];

  it('has fewer than 100 lines', () => {
    expect(readFileSync(FILE, 'utf8').split('\n').length).to.be.below(100);
  });

  it('signs in and out over the stream', async () => {
    expect((await page.browser.ask('/')).headers.location).to.equal('/sign-in');
    expect((await page.call('sign-in')).status).to.equal(204);
    const signedIn = await page.connect();
    for (const type of ['open', 'cookie', 'reload']) expect((await signedIn.next())?.type).to.equal(type);
    expect(await whoIs()).to.equal('Weave, User');

    await page.call('sign-out');
    expect((await signedIn.next())?.type).to.equal('end');
    const signedOut = await page.connect();
    for (const type of ['open', 'cookie']) expect((await signedOut.next())?.type).to.equal(type);
    expect((await signedOut.next())?.data).to.deep.equal({ path: '/sign-in' });
    expect(await whoIs()).to.equal(undefined);
    signedOut.leave();
  });

  it('signs in and out in all tabs that were open', async () => {
    for (const [name, sent] of [
      ['sign-in', { type: 'reload', data: {} }],
      ['sign-out', { type: 'path', data: { path: '/sign-in' } }],
    ] as const) {
      const other = page.duplicate();
      const before = await other.connect();
      await before.next();
      expect((await page.call(name)).status).to.equal(204);
      expect(await before.next()).to.deep.include({ type: 'end', data: { reason: 'superseded' } });
      const after = await other.connect();
      expect((await after.next())?.type).to.equal('open');
      expect(await after.next(), name).to.deep.include(sent);
      after.leave();
    }
  });

  it('sets a cookie that scripts cannot read', async () => {
    const stream = await page.connect();
    await stream.next();
    await page.call('cookie');
    const claim = String((await stream.next())?.data['claim']);
    await page.post('/live', { 'x-session-claim': claim });
    expect(await page.browser.cookie('mycookie')).to.equal('value');
    stream.leave();
  });

  it('counts in all tabs, and shows the activity in one', async () => {
    const other = page.duplicate();
    const [mine, theirs] = [await page.connect(), await other.connect()];
    await Promise.all([mine.next(), theirs.next()]);
    await page.call('count');
    for (const stream of [mine, theirs]) {
      expect((await stream.next())?.data['html']).to.equal('<p id="count">Counted to 1.</p>');
    }
    await page.call('activity');
    expect((await mine.next())?.data['html']).to.match(new RegExp(`<li>${page.instance}: \\d{4}-`));
    await page.call('count');
    expect((await theirs.next())?.data['html']).to.equal('<p id="count">Counted to 2.</p>');
    for (const stream of [mine, theirs]) stream.leave();
  });

  it('serves its page’s scripts', async () => {
    for (const path of ['/public/page.js', '/sessions-jwt/index.js']) {
      expect((await page.browser.ask(path)).headers['content-type'], path).to.match(/javascript/);
    }
  });

  it('refuses handlers without the token', async () => {
    expect((await page.post('/h/sign-in', { 'x-csrf-token': 'junk' })).status).to.equal(403);
  });
});
