import { request } from 'node:http';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import express5, { type NextFunction, type Request, type Response } from 'express';
import { activateSessions } from '../../src/adapters/express.js';
import { CsrfRefused, SessionError } from '../../src/index.js';
import { jsonOf } from '../support/answers.js';
import { Browser } from '../support/browser.js';
import { guardProcess, serve } from '../support/deferred-head.js';
import { Shop, sourceModes } from '../support/shop.js';

type Express = typeof express5;

const express4: Express = createRequire(import.meta.url)('express4');
const versions: readonly [name: string, express: Express][] = [
  ['Express 5', express5],
  ['Express 4', express4],
];

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

for (const [name, express] of versions) {
  for (const mode of sourceModes) {
    describe(`CSRF tokens in ${name}, over a ${mode} source`, () => {
      guardProcess();

      /** A browser of a shop whose page contains a token, and a POST of its form. */
      async function open() {
        const { sessionStorage } = new Shop({ mode });
        const sessions = activateSessions({ sessionStorage, cookie: true, csrf: 'token' });
        const app = express();
        app.use(sessions, express.urlencoded({ extended: true }), express.json(), sessions.checkCsrf);
        app.get('/form', (req, res) => {
          res.json({ token: sessions.csrfToken(req), uid: sessions.of(req).uid ?? null });
        });
        app.post('/sign-in', (req, res) => {
          sessions.of(req).setUser('u1');
          res.json({});
        });
        app.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
          if (!(error instanceof SessionError)) throw error;
          const reason = error instanceof CsrfRefused ? error.reason : error.code;
          res.status(error.status).json({ reason, token: sessions.csrfToken(req) });
        });
        const port = await serve(app);
        const browser = new Browser(port);
        const post = async (type: string, body: string, headers: Record<string, string> = {}) => {
          const cookie = await browser.jar.getCookieString(`http://127.0.0.1:${port}/`);
          const outgoing = request({
            ...{ port, host: '127.0.0.1', path: '/sign-in', method: 'POST' },
            headers: { cookie, 'content-type': type, ...headers },
          });
          const answered = new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
            outgoing.once('error', reject).once('response', async (incoming) => {
              for (const line of incoming.headers['set-cookie'] ?? []) await browser.plant(line);
              resolve({ status: incoming.statusCode, body: JSON.parse(await text(incoming)) });
            });
          });
          outgoing.end(body);
          return await answered;
        };
        const token = async () => String(jsonOf(await browser.ask('/form'), 'token'));
        return { browser, post, token };
      }

      it('come in a form', async () => {
        const { browser, post, token } = await open();
        expect((await post(FORM, `user=u1&_csrf=${await token()}`)).status).to.equal(200);
        expect(jsonOf(await browser.ask('/form'), 'uid')).to.equal('u1');
      });

      it('come in JSON, or in the header', async () => {
        const { browser, post, token } = await open();
        expect((await post(JSON_TYPE, JSON.stringify({ _csrf: await token() }))).status).to.equal(200);
        const headers = { 'x-csrf-token': await browser.cookie('csrf') };
        expect((await post(JSON_TYPE, '{}', headers)).status).to.equal(200);
      });

      it('are refused by the error handler, whose answer can contain another', async () => {
        const { post, token } = await open();
        const first = await token();
        for (const [type, body, reason] of [
          [FORM, '', 'token_missing'],
          [FORM, '_csrf=', 'token_malformed'],
          [FORM, `_csrf=${first}&_csrf=${first}`, 'token_malformed'],
          [FORM, `_csrf[a]=${first}`, 'token_malformed'],
          [FORM, `_csrf=${first.slice(1)}`, 'token_malformed'],
          [FORM, `_csrf=${'A'.repeat(43)}.${'A'.repeat(43)}`, 'token_invalid'],
          [JSON_TYPE, `{"__proto__":{"_csrf":"${first}"}}`, 'token_missing'],
          [JSON_TYPE, `["${first}"]`, 'token_missing'],
          ['text/plain', `_csrf=${first}`, 'token_missing'],
        ] as const) {
          const answer = await post(type, body);
          expect([answer.status, Reflect.get(Object(answer.body), 'reason')], body).to.deep.equal([403, reason]);
        }
        const { body } = await post(FORM, '');
        expect((await post(FORM, `_csrf=${Reflect.get(Object(body), 'token')}`)).status).to.equal(200);
      });

      it('are stale after a sign-in elsewhere, and a page gives another', async () => {
        const { post, token } = await open();
        const [tab, other] = [await token(), await token()];
        expect((await post(FORM, `_csrf=${tab}`)).status).to.equal(200);
        const { status, body } = await post(FORM, `_csrf=${other}`);
        expect([status, Reflect.get(Object(body), 'reason')]).to.deep.equal([403, 'token_stale']);
        expect((await post(FORM, `_csrf=${await token()}`)).status).to.equal(200);
      });
    });
  }
}
