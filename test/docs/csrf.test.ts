import { once } from 'node:events';
import type { Server } from 'node:http';
import { expect } from 'chai';
import sinon from 'sinon';
import { jsonOf } from '../support/answers.js';
import { Browser } from '../support/browser.js';
import { guardProcess } from '../support/deferred-head.js';
import { type AnyStorage, kits } from '../support/kits.js';
import { runPage } from '../support/page-program.js';
import { blocksOf } from './blocks.js';
import { documentAt } from './documents.js';

const PAGE = 'docs/csrf.md';

/** The token in the form of a page. */
const tokenIn = (html: string): string => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

/** Runs the program of the page that has `mark`, for each test, and gives a browser that visits it. */
function visitsOf(mark: string, storage: () => AnyStorage): () => Browser {
  let server: Server;
  let browser: Browser;
  guardProcess();

  beforeEach(async () => {
    const gives = { sessionStorage: storage(), secret: 'x'.repeat(32) };
    ({ server } = await runPage<{ readonly server: Server }>({ page: PAGE, mark, gives }, 'server'));
    if (!server.listening) await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    browser = new Browser(address.port);
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  return () => browser;
}

for (const [where, kit] of kits) {
  describe(`The form of docs/csrf.md, with sessions ${where}`, () => {
    const browserOf = visitsOf('csrfToken(req)', () => kit().storage);
    let browser: Browser;
    beforeEach(() => {
      browser = browserOf();
    });

    /** A POST of the form, in the header; bodies are tested with the adapter. */
    const post = (token: string) => browser.ask('/sign-in', { method: 'POST', headers: { 'x-csrf-token': token } });

    it('is refused without a token, and the answer has one that fits', async () => {
      await browser.ask('/sign-in');
      const refused = await browser.ask('/sign-in', { method: 'POST' });
      expect([refused.status, jsonOf(refused, 'reason')]).to.deep.equal([403, 'token_missing']);
      expect(jsonOf(await browser.ask('/account'), 'uid')).to.equal(null);
      expect((await post(String(jsonOf(refused, 'token')))).status).to.equal(302);
    });

    it('of another tab is stale after a sign-in', async () => {
      const [one, other] = [await browser.ask('/sign-in'), await browser.ask('/sign-in')];
      expect((await post(tokenIn(one.text))).status).to.equal(302);
      expect(jsonOf(await post(tokenIn(other.text)), 'reason')).to.equal('token_stale');
    });
  });
}

for (const [where, kit] of kits) {
  describe(`The form of docs/csrf.md in Koa, with sessions ${where}`, () => {
    const browser = visitsOf('csrfToken(ctx)', () => kit().storage);

    // Koa prints errors.
    beforeEach(() => sinon.stub(console, 'error'));
    afterEach(() => sinon.restore());

    it('signs in with its token, and is refused without', async () => {
      const page = await browser().ask('/sign-in');
      const post = async (fields: Record<string, string>) =>
        await browser().ask('/sign-in', {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(fields).toString(),
        });
      expect((await post({ user: 'u1' })).status).to.equal(403);
      expect(await browser().cookie('sid')).to.equal('');
      expect((await post({ user: 'u1', _csrf: tokenIn(page.text) })).status).to.equal(302);
      expect(await browser().cookie('sid')).not.to.equal('');
    });
  });
}

describe('The script of docs/csrf.md', () => {
  const [block] = blocksOf(PAGE, documentAt(PAGE).text, 'js');

  it('sends the token of the cookie', async () => {
    for (const [cookie, token] of [
      ['csrf=a.b', 'a.b'],
      ['theme=dark; csrf=a.b; x=y', 'a.b'],
      ['notcsrf=c.d; csrf=a.b', 'a.b'],
      ['notcsrf=c.d', ''],
      ['', ''],
    ]) {
      let sent: unknown;
      const run = new Function('document', 'fetch', `${block?.code}\nreturn send('/cart', { count: 1 });`);
      await run({ cookie }, async (url: string, init: RequestInit) => {
        sent = [url, init.method, init.body, Reflect.get(Object(init.headers), 'X-CSRF-Token')];
      });
      expect(sent).to.deep.equal(['/cart', 'POST', '{"count":1}', token]);
    }
  });
});
