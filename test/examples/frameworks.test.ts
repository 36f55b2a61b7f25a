import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Browser } from '../support/browser.js';
import type { Answer } from '../support/deferred-head.js';
import { ExampleProgram } from './example-program.js';

const FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));
const MOST_LINES = 39;

/** The token in the form of a page. */
const tokenIn = ({ text }: Answer): string => /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';

for (const name of ['fastify', 'koa', 'hono', 'fetch']) {
  describe(`examples/${name}.js, on the built package`, () => {
    const file = `${FOLDER}${name}.js`;
    let program: ExampleProgram;
    let port: number;
    let browser: Browser;

    before(async () => {
      program = new ExampleProgram([file]);
      port = Number(new URL(await program.address).port);
    });

    beforeEach(() => {
      browser = new Browser(port);
    });

    after(async () => {
      await program.stop('SIGTERM');
    });

    /** Posts the form of a page, as browsers do. */
    const post = async (path: string, fields: Record<string, string>): Promise<Answer> =>
      await browser.ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(fields).toString(),
      });

    /** What a page shows: who is signed in, and the count. */
    const shown = ({ text }: Answer): string | undefined => /<p>(.*)<\/p>/.exec(text)?.[1];

    const expectRedirect = ({ status, headers }: Answer) => {
      expect(status).to.be.oneOf([302, 303]);
      expect(new URL(headers.location ?? 'none:', `http://127.0.0.1:${port}`).pathname).to.equal('/');
    };

    it(`has fewer than ${MOST_LINES + 1} lines`, () => {
      expect(readFileSync(file, 'utf8').trimEnd().split('\n').length).to.be.at.most(MOST_LINES);
    });

    it('signs in through its form, counts, and signs out', async () => {
      const form = await browser.ask('/');
      expect([form.status, shown(form)]).to.deep.equal([200, undefined]);
      expect(form.headers['content-type']).to.match(/^text\/html; charset=utf-8$/i);
      expectRedirect(await post('/sign-in', { name: 'Ada', _csrf: tokenIn(form) }));
      expect(shown(await browser.ask('/'))).to.equal('Ada, visit 1');
      const page = await browser.ask('/');
      expect(shown(page)).to.equal('Ada, visit 2');
      expect(shown(await new Browser(port).ask('/'))).to.equal(undefined);
      expectRedirect(await post('/sign-out', { _csrf: tokenIn(page) }));
      expect(shown(await browser.ask('/'))).to.equal(undefined);
      expect(await browser.cookie('sid')).to.equal('');
    });

    it('refuses forms without the token, and with one from before the sign-in', async () => {
      const form = await browser.ask('/');
      for (const fields of [{ name: 'Ada' }, { name: 'Ada', _csrf: 'junk' }]) {
        expect((await post('/sign-in', fields)).status).to.equal(403);
      }
      expect(shown(await browser.ask('/'))).to.equal(undefined);
      expectRedirect(await post('/sign-in', { name: 'Ada', _csrf: tokenIn(form) }));
      for (const fields of [{}, { _csrf: tokenIn(form) }]) {
        expect((await post('/sign-out', fields)).status).to.equal(403);
      }
      expect(shown(await browser.ask('/'))).to.equal('Ada, visit 1');
    });

    it('shows names as text', async () => {
      expectRedirect(await post('/sign-in', { name: '<b>"&\'</b>', _csrf: tokenIn(await browser.ask('/')) }));
      const name = shown(await browser.ask('/')) ?? '';
      expect(name).to.match(/^&(?:#60|lt);b&/);
      expect(name).not.to.match(/[<>"']/);
    });

    it('signs in without a name', async () => {
      expectRedirect(await post('/sign-in', { _csrf: tokenIn(await browser.ask('/')) }));
      expect(shown(await browser.ask('/'))).to.equal('guest, visit 1');
    });
  });
}
